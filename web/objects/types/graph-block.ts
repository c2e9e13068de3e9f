import { addedLater, optional } from '../content/composite-fields.ts'
import { hash, u32 } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { type DescOf, objectType } from '../object-type.ts'

/** What a block says of a chain's stakes. */
const stakeMark = struct({
  /** unix seconds of the chain */
  seconds: [1, u32],
  /** root over `address ‖ stake u64` of everybody who stakes, by address */
  root: [2, hash],
})

/**
 * [KG16a] One block of a machine: which link batches come next, and what the graph and its ranks are after them. All of
 * it is desc; its time is the desc's, the orderer is the wallet in the delegation that it is signed by. The batches
 * themselves travel beside it: a desc has room for 64 KiB.
 */
export const graphBlockType = objectType({
  name: 'GraphBlock',
  type: 20_003,
  formats: { desc: 'raw', body: 'raw' },
  scope: 'blocks',
  desc: struct(
    {
      /** SHA-256 of the machine's genesis */
      machine: [1, hash],
      /** the device's Ed25519 key */
      device: [2, hash],
      /** from 1 */
      height: [3, u32],
      /** hash of the block before: SHA-256 of its desc */
      prev: [4, optional(hash)],
      /** version of the parameters that it was made under */
      parameters: [5, u32],
      /** link batches in it */
      batches: [6, u32],
      /** root over their hashes, in order */
      batchesRoot: [7, hash],
      /** links that count, after this block */
      links: [8, u32],
      /** particles, after this block */
      particles: [9, u32],
      /** root over `neuron ‖ from ‖ to` of the links of this block that count */
      linksRoot: [10, hash],
      /** the same over all links so far */
      allLinksRoot: [11, hash],
      /** height of the block whose graph the ranks are of, 0 before the first rank */
      rankedAt: [12, u32],
      /** root over `LE64(rank) ‖ digest` of all particles ([KG16]) */
      rankRoot: [13, hash],
      /** root of the map from each particle to the root of its links out, `neuron ‖ to` in order */
      mapRoot: [14, hash],
      /** stakes that hold from the last end of a period on ([KG7]); absent where the genesis fixes them */
      stakes: [15, addedLater(stakeMark)],
      /** those that the ranks are of; absent before the first rank */
      rankStakes: [16, addedLater(stakeMark)],
    },
    { check: problemOf },
  ),
  body: struct({}),
})

export type GraphBlockDesc = DescOf<typeof graphBlockType>

interface Chained {
  readonly height: number
  readonly prev?: unknown
  readonly rankedAt: number
  readonly stakes?: unknown
  readonly rankStakes?: unknown
}

function problemOf(desc: Chained) {
  return chainProblem(desc) ?? stakesProblem(desc)
}

function chainProblem({ height, prev }: Chained) {
  if (height === 0) return { path: 'height', got: '0', expected: '1 or more' }
  if ((height === 1) === (prev === undefined)) return undefined
  const expected = height === 1 ? 'nothing before the first' : 'the hash of the block before'
  return { path: 'prev', got: prev === undefined ? 'nothing' : 'a hash', expected }
}

function stakesProblem({ rankedAt, stakes, rankStakes }: Chained) {
  const isExpected = stakes !== undefined && rankedAt > 0
  if ((rankStakes !== undefined) === isExpected) return undefined
  const expected = isExpected ? 'the stakes that its ranks are of' : 'none without stakes and ranks'
  return { path: 'rankStakes', got: rankStakes === undefined ? 'nothing' : 'some', expected }
}
