import { describe, expect, it } from 'vitest'
import { readAccountProof } from '#chain/proofs/account-proof.ts'
import { isAppError } from '#core/errors.ts'
import { forgeries, recordedChains } from '../../../fakes/chain-vectors.ts'

describe.each(recordedChains())('[CH13] proofs of $fork', ({ blocks, proofs, storage }) => {
  const { stateRoot } = blocks[1]

  it('prove slots with and without a value', () => {
    const { address, slots, answer } = proofs[0]
    const asked = slots.map(BigInt)
    const { slots: values } = readAccountProof(answer, { address, slots: asked, stateRoot })
    expect(values).toEqual(slots.map((slot) => BigInt(storage[slot] ?? 0)))
    expect(values.filter((value) => value === 0n)).toHaveLength(2)
  })

  it('prove a balance, and that an account is not there', () => {
    const read = (index: 1 | 2 | 3) => {
      const { address, slots, answer } = proofs[index]
      return readAccountProof(answer, { address, slots: slots.map(BigInt), stateRoot })
    }
    expect(read(1).account).toMatchObject({ nonce: 56n })
    expect(read(1).account.balanceWei).toBeGreaterThan(10n ** 18n)
    expect(read(2)).toMatchObject({ account: { nonce: 0n, balanceWei: 5n }, slots: [0n] })
    expect(read(3)).toMatchObject({ account: { nonce: 0n, balanceWei: 0n }, slots: [0n] })
  })

  it('are refused with anything altered, left out or added', () => {
    for (const { address, slots, answer } of proofs) {
      for (const [what, forged] of forgeries(answer)) {
        const read = () => readAccountProof(forged, { address, slots: slots.map(BigInt), stateRoot })
        // an empty trie proves itself, with a node or without
        if (/^\.storageProof\[0\]\.proof\[0\] left out$/.test(what) && answer !== proofs[0].answer) continue
        const error = errorOf(read)
        expect(isAppError(error) && error.code, `${address} ${what}`).toMatch(
          /^(PROOF_INVALID|PROOF_MISMATCH|RPC_ANSWER_INVALID)$/,
        )
      }
    }
  })

  it('are refused under another root, of another account and of other slots', () => {
    const { address, slots, answer } = proofs[0]
    const question = { address, slots: slots.map(BigInt), stateRoot }
    expect(() => readAccountProof(answer, { ...question, stateRoot: blocks[1].hash })).toThrow(
      /does not hold/,
    )
    expect(() => readAccountProof(answer, { ...question, address: proofs[2].address })).toThrow()
    expect(() => readAccountProof(answer, { ...question, slots: question.slots.toReversed() })).toThrow()
    expect(() => readAccountProof(answer, { ...question, slots: question.slots.slice(1) })).toThrow()
  })
})

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
