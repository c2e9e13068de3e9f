import { describe, expect, it } from 'vitest'
import { readHeader } from '#chain/proofs/header.ts'
import { isAppError } from '#core/errors.ts'
import { forgeries, recordedChains } from '../../../fakes/chain-vectors.ts'

/** What a block says beside its header: no part of the hash, and not read. */
const BESIDE = /^\.(totalDifficulty|size|uncles|withdrawals|transactions)\b/

describe.each(recordedChains())('[CH13] a header of $fork', ({ blocks }) => {
  it('hashes to what the chain calls it', () => {
    for (const block of blocks) expect(readHeader(block).hash).toBe((block as { hash: string }).hash)
    expect(readHeader(blocks[1])).toMatchObject({ number: 56, stateRoot: blocks[1].stateRoot })
  })

  it('is refused with any field altered or left out', () => {
    let tried = 0
    for (const [what, forged] of forgeries(blocks[1])) {
      if (BESIDE.test(what)) continue
      tried++
      const error = errorOf(() => readHeader(forged))
      expect(isAppError(error) && error.code, what).toMatch(/^(HEADER_FORGED|RPC_ANSWER_INVALID)$/)
    }
    expect(tried).toBeGreaterThan(80)
  })
})

it('[CH13] no block is no header', () => {
  for (const none of [null, undefined, [], 'block', 1, {}]) {
    expect(errorOf(() => readHeader(none))).toMatchObject({ code: 'RPC_ANSWER_INVALID' })
  }
})

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
