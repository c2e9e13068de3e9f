import { describe, expect, it } from 'vitest'
import { createWrapPair, WRAP_KEY_BYTES, WRAPPED_BYTES, wrapKey } from '#peer/protocols/key-wrap.ts'

const KEY = new Uint8Array(32).fill(7)
const QUESTION = new Uint8Array(32).fill(1)

describe('[OB11] a key on its way', () => {
  it('opens for the pair that it was wrapped to, and is another each time', async () => {
    const pair = await createWrapPair()
    expect(pair.publicKey).toHaveLength(WRAP_KEY_BYTES)
    const [first, second] = [
      await wrapKey(KEY, pair.publicKey, QUESTION),
      await wrapKey(KEY, pair.publicKey, QUESTION),
    ]
    expect(first.sealed).toHaveLength(WRAPPED_BYTES)
    expect(first.sealed).not.toEqual(second.sealed)
    for (const wrapped of [first, second]) expect(await pair.open(wrapped, QUESTION)).toEqual(KEY)
  })

  it('opens for no other pair, no other question, and not once it was changed', async () => {
    const pair = await createWrapPair()
    const wrapped = await wrapKey(KEY, pair.publicKey, QUESTION)
    await expect((await createWrapPair()).open(wrapped, QUESTION)).rejects.toThrow()
    await expect(pair.open(wrapped, new Uint8Array(32))).rejects.toThrow()
    for (let at = 0; at < WRAPPED_BYTES; at++) {
      const sealed = wrapped.sealed.slice()
      sealed[at]! ^= 1
      await expect(pair.open({ ...wrapped, sealed }, QUESTION)).rejects.toThrow()
    }
    const { publicKey } = await createWrapPair()
    await expect(pair.open({ ...wrapped, from: publicKey }, QUESTION)).rejects.toThrow()
  })

  it('is wrapped to no point that is none', async () => {
    for (const wrong of [new Uint8Array(WRAP_KEY_BYTES), new Uint8Array(3), new Uint8Array(65).fill(4)])
      await expect(wrapKey(KEY, wrong, QUESTION)).rejects.toThrow()
  })
})
