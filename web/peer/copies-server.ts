import type { CID } from 'multiformats/cid'
import { type Bytes, collectBytes } from '#core/bytes.ts'
import { createDelegationVerifier } from '#core/delegation.ts'
import type { DeviceKey } from '#core/identity.ts'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { createRateLimit, type RateLimit } from '#core/rate-limit.ts'
import type { DecideKeep } from '#core/seeding.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import type { Requests } from '#core/transport.ts'
import type { BlockAccess } from './blocks/block-reader.ts'
import {
  type CopiesAnswer,
  decodeCopiesRequest,
  encodeCopiesAnswer,
  proofDigest,
  proofMessage,
} from './protocols/copies.ts'
import { encodeKeepAnswer, refusalOf, verifyKeep } from './protocols/keep.ts'

/** One answer reads and hashes a block of up to 2 MiB, a few ms; somebody with many pins asks for 32 at once. */
const PROOFS_PER_PEER = { perSecond: 2, burst: 32 }
/** Of all peers together: 16 · 2 MiB a second at most, a tenth of one core. */
const PROOFS_IN_ALL = { perSecond: 16, burst: 128 }
/** One wish costs two signatures' checks and a look at the store. */
const WISHES_PER_PEER = { perSecond: 0.2, burst: 16 }
const ALL = 'all'

export interface CopiesServerComponents {
  readonly requests: Requests
  /** what everybody may have of this peer; nothing else is proved */
  readonly blockstore: Pick<BlockAccess, 'has' | 'get'>
}

export interface CopiesServerInit {
  readonly network: NetworkName
  /** own, text form */
  readonly peerId: string
  /** the profile's; absent for a relay, which is counted by its peer id */
  readonly device?: () => Promise<DeviceKey | undefined>
  /** unix ms @default Date.now */
  readonly now?: () => number
}

/** Answers challenges for blocks of the public store ([SE6]). Returns the function that ends it. */
export function serveCopies(
  { requests, blockstore }: CopiesServerComponents,
  { network, peerId, device, now = Date.now }: CopiesServerInit,
): () => void {
  const each = createRateLimit({ ...PROOFS_PER_PEER, maxKeys: MAX_KNOWN_PEERS, now })
  const all = createRateLimit({ ...PROOFS_IN_ALL, maxKeys: 1, now })

  async function answer(request: Bytes, asker: string): Promise<CopiesAnswer> {
    const { root, block, nonce } = decodeCopiesRequest(request)
    if (!mayAsk(each, all, asker)) return { status: 'busy' }
    if (!(await blockstore.has(root)) || !(await blockstore.has(block))) return { status: 'lacks' }
    const bytes = await readOwn(blockstore, block)
    if (bytes === undefined) return { status: 'lacks' }
    const key = await device?.()
    const digest = proofDigest({ nonce, asker, answerer: peerId, device: key?.publicKey, block, bytes })
    if (key === undefined) return { status: 'proof', digest }
    const signature = await key.sign(proofMessage(digest))
    return { status: 'proof', digest, device: { key: key.publicKey, signature } }
  }

  return requests.handle(protocolsOf(network).copies, async function* (request, from) {
    yield encodeCopiesAnswer(await answer(request, from))
  })
}

/** The peer's own share is asked first: a greedy one does not use up what is there for all. */
function mayAsk(each: RateLimit, all: RateLimit, peer: string): boolean {
  return each.take(peer) && all.take(ALL)
}

/** A block that is here; undefined when it was damaged, which reading it finds out. */
export async function readOwn(blockstore: Pick<BlockAccess, 'get'>, cid: CID): Promise<Bytes | undefined> {
  return collectBytes(blockstore.get(cid, { offline: true })).catch(() => undefined)
}

export interface KeepServerInit {
  readonly network: NetworkName
  /** own, text form */
  readonly peerId: string
  readonly decide: DecideKeep
  /** unix ms @default Date.now */
  readonly now?: () => number
}

/** Answers wishes to keep a content: checks whose they are and asks `decide`. Returns the function that ends it. */
export function serveKeep(
  requests: Requests,
  { network, peerId, decide, now = Date.now }: KeepServerInit,
): () => void {
  const limit = createRateLimit({ ...WISHES_PER_PEER, maxKeys: MAX_KNOWN_PEERS, now })
  const machine = machineOf(network)
  const delegations = createDelegationVerifier()
  const signatures = createEd25519Verifier()

  return requests.handle(protocolsOf(network).keep, async function* (request, from) {
    if (!limit.take(from)) {
      yield encodeKeepAnswer({ refused: 'You ask too often. Ask again in a minute.' })
      return
    }
    try {
      const wish = await verifyKeep(request, {
        machine,
        answerer: peerId,
        asker: from,
        now: now(),
        delegations,
        signatures,
      })
      yield encodeKeepAnswer(await decide(wish))
    } catch (error) {
      yield encodeKeepAnswer(refusalOf(error))
    }
  })
}
