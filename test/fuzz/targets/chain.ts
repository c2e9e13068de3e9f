import { wordBytes } from '#chain/hex.ts'
import { EMPTY_LAND, MAX_ZEROS, parcelIds, wordOf } from '#chain/land/land-table.ts'
import { applyChanges, encodeBody, landChanges, readBody } from '#chain/land/snapshot.ts'
import { readAccountProof } from '#chain/proofs/account-proof.ts'
import { readHeader } from '#chain/proofs/header.ts'
import { concat, equalBytes, utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { recordedChains } from '#test/fakes/chain-vectors.ts'
import { makeLand } from '#test/fakes/land.ts'
import type { FuzzTarget } from '../fuzz.ts'

/** [CH14] What a snapshot unpacks to: what is taken is written as the same changes. */
export function snapshotTarget(): FuzzTarget {
  const lands = [new Map([[1, { owner: 5n }]]), new Map([1, 2, 700].map((id) => [id, { owner: BigInt(id) }]))]
  const zeros = concat(wordBytes(3n), wordBytes(2n ** 255n))
  const tables = lands.map((parcels) => ({ ...makeLand(parcels, new Map([[5n, 9]])), zeros }))
  return {
    name: 'land-snapshot',
    seeds: [EMPTY_LAND, ...tables].map((table) => encodeBody(landChanges(EMPTY_LAND, table))),
    maxInputBytes: 4_096,
    codes: ['SNAPSHOT_INVALID', 'BYTES_TRUNCATED', 'BYTES_TRAILING'],
    run(input) {
      const table = applyChanges(EMPTY_LAND, readBody(input))
      const again = applyChanges(EMPTY_LAND, readBody(encodeBody(landChanges(EMPTY_LAND, table))))
      const isSame =
        [...parcelIds(table)].every((id) => equalBytes(wordOf(table, id)!, wordOf(again, id)!)) &&
        equalBytes(table.owners, again.owners) &&
        equalBytes(table.zeros, again.zeros)
      if (!isSame || table.zeros.length > 32 * MAX_ZEROS) throw new Error('the land is another one')
    },
  }
}

/** [CH13] Answers to eth_getProof: those that hold under one state root say what is true. */
export function accountProofTarget(): FuzzTarget {
  const [{ blocks, proofs }] = recordedChains() as [ReturnType<typeof recordedChains>[0]]
  const { stateRoot } = blocks[1]
  const truths = proofs.map(({ address, slots, answer }) => {
    const question = { address, slots: slots.map(BigInt), stateRoot }
    return { question, proven: readAccountProof(answer, question), seed: utf8(JSON.stringify(answer)) }
  })
  const shortest = truths.toSorted((a, b) => a.seed.length - b.seed.length).slice(0, 2)
  return {
    name: 'account-proof',
    seeds: shortest.map(({ seed }) => seed),
    maxInputBytes: 65_536,
    codes: ['NO_JSON', 'RPC_ANSWER_INVALID', 'PROOF_INVALID', 'PROOF_MISMATCH'],
    run(input) {
      const answer = parseJson(input)
      const refusals: unknown[] = []
      for (const { question, proven } of shortest) {
        try {
          const found = readAccountProof(answer, question)
          const isTrue =
            found.account.storageHash === proven.account.storageHash &&
            found.account.balanceWei === proven.account.balanceWei &&
            found.slots.every((word, i) => word === proven.slots[i])
          if (!isTrue) throw new Error(`${question.address} was proved to be something else`)
        } catch (error) {
          refusals.push(error)
        }
      }
      const failure = refusals.find((error) => !(error instanceof AppError)) ?? refusals[1]
      if (failure !== undefined) throw failure
    },
  }
}

/** [CH13] Blocks as endpoints give them: one that hashes to what it claims is one of those that there are. */
export function headerTarget(): FuzzTarget {
  const blocks = recordedChains().flatMap((chain) => chain.blocks)
  const known = new Set(blocks.map((block) => readHeader(block).hash))
  return {
    name: 'block-header',
    seeds: blocks.map((block) => utf8(JSON.stringify(block))),
    maxInputBytes: 16_384,
    codes: ['NO_JSON', 'RPC_ANSWER_INVALID', 'HEADER_FORGED'],
    run(input) {
      const { hash } = readHeader(parseJson(input))
      if (!known.has(hash)) throw new Error(`${hash} is the hash of no block that there is`)
    },
  }
}

function parseJson(input: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(input))
  } catch (cause) {
    throw new AppError('NO_JSON', 'not JSON', { cause })
  }
}
