import { describe, expect, it } from 'vitest'
import { type Bytes, concat, utf8 } from '#core/bytes.ts'
import { formatAddress } from '#core/delegation.ts'
import { MAX_SEALED_FACTS_BYTES } from '#core/limits.ts'
import { openFacts, type SealedFacts, sealFacts } from '#objects/sealed-facts.ts'
import { importSealKey, SEAL_NONCE_BYTES, sealKeyBytes } from '#objects/sealed-segments.ts'

const KEY = new Uint8Array(32).fill(5)
const NONCE = new Uint8Array(SEAL_NONCE_BYTES).fill(9)
const READER = new Uint8Array(20).fill(7)
const damaged = expect.objectContaining({ code: 'SEAL_DAMAGED' })

/** Any text as facts, as a foreign author may seal it. */
async function sealText(text: string): Promise<Bytes> {
  const additionalData = utf8('facts')
  const key = await importSealKey(sealKeyBytes(KEY, additionalData))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: NONCE, additionalData }, key, utf8(text))
  return concat(NONCE, new Uint8Array(sealed))
}

describe('[OB11] what only readers learn', () => {
  it.each(['file', 'folder'] as const)('tells name and readers of a %s', async (kind) => {
    const facts: SealedFacts = { name: 'the plan', kind, readers: [READER] }
    const sealed = await sealFacts(facts, KEY, NONCE)
    expect(await openFacts(sealed, KEY)).toEqual(facts)
    await expect(openFacts(sealed, new Uint8Array(32))).rejects.toThrow(damaged)
    for (const at of [0, SEAL_NONCE_BYTES, sealed.length - 1]) {
      const flipped = sealed.slice()
      flipped[at]! ^= 1
      await expect(openFacts(flipped, KEY)).rejects.toThrow(damaged)
    }
  })

  it('is a file where nothing is said of a folder, as before there were any', async () => {
    const before = JSON.stringify({ name: 'letter.txt', readers: [formatAddress(READER)] })
    expect(await openFacts(await sealText(before), KEY)).toEqual({
      name: 'letter.txt',
      kind: 'file',
      readers: [READER],
    })
  })

  it('tells others nothing by its length', async () => {
    const lengthOf = async (facts: SealedFacts) => {
      const sealed = await sealFacts(facts, KEY, NONCE)
      expect(await openFacts(sealed, KEY)).toEqual(facts)
      return sealed.length
    }
    const length = await lengthOf({ name: 'a', kind: 'file', readers: [READER] })
    expect(await lengthOf({ name: 'a', kind: 'folder', readers: [READER] })).toBe(length)
    expect(await lengthOf({ name: 'a longer name', kind: 'file', readers: [READER] })).toBe(length)
    expect(await lengthOf({ name: 'a', kind: 'file', readers: Array(20).fill(READER) })).toBe(length)
    // the most that there can be still opens
    const most = { name: 'n'.repeat(4_096), kind: 'folder', readers: Array(256).fill(READER) } as const
    expect(await lengthOf(most)).toBeLessThanOrEqual(MAX_SEALED_FACTS_BYTES)
  })

  it.each([
    { name: 'a', readers: [], kind: 'file' },
    { name: 'a', readers: [], kind: 'drawer' },
    { name: 'a', readers: [], more: 1 },
    { readers: [], name: 'a' },
    { name: 'a', readers: [formatAddress(READER).toUpperCase()] },
    { name: 'a', readers: ['0x12'] },
    { name: 1, readers: [] },
    null,
  ])('[OB5] is refused as %j', async (facts) => {
    await expect(openFacts(await sealText(JSON.stringify(facts)), KEY)).rejects.toThrow(damaged)
  })
})
