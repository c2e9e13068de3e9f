import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, collectBytes, concat, equalBytes, utf8 } from '#core/bytes.ts'
import { CHUNK_BYTES } from '#core/limits.ts'
import {
  digestSegments,
  importSealKey,
  layoutOfPlain,
  layoutOfSealed,
  SEGMENT_BYTES,
  seal,
  sealedRange,
  sealKeyBytes,
  unseal,
} from '#objects/sealed-segments.ts'
import { makeContent } from '#test/fakes/seed-profile.ts'

const SECRET = new Uint8Array(32).fill(7)
const KEY_BYTES = sealKeyBytes(SECRET, utf8('a content'))

async function* inParts(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function initFor(plain: Uint8Array) {
  const [key, digests] = await Promise.all([importSealKey(KEY_BYTES), digestSegments(inParts(plain))])
  return { plainBytes: plain.length, key, digests }
}

async function sealed(plain: Uint8Array): Promise<Bytes> {
  return collectBytes(seal(inParts(plain), await initFor(plain)))
}

async function opened(bytes: Uint8Array, start = 0, end = Number.MAX_SAFE_INTEGER): Promise<Bytes> {
  const layout = layoutOfSealed(bytes.length)
  const { offset, length } = sealedRange(layout, { start, end })
  const key = await importSealKey(KEY_BYTES)
  const source = inParts(bytes.subarray(offset, offset + length), 99_999)
  return collectBytes(unseal(source, { layout, key, start, end }))
}

const damaged = expect.objectContaining({ code: 'SEAL_DAMAGED' })

describe('[OB11] restricted content', () => {
  it.each([0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES])(
    'opens %i bytes as they were, each segment one chunk',
    async (length) => {
      const plain = makeContent(length, 3)
      const bytes = await sealed(plain)
      expect(bytes.length).toBe(layoutOfPlain(length).sealedBytes)
      expect(layoutOfSealed(bytes.length)).toEqual(layoutOfPlain(length))
      expect(equalBytes(await opened(bytes), plain)).toBe(true)
    },
  )

  it('opens any range alone, and asks for no more than the segments that it lies in', async () => {
    const plain = makeContent(3 * SEGMENT_BYTES + 1_000, 5)
    const bytes = await sealed(plain)
    await fc.assert(
      fc.asyncProperty(fc.nat(plain.length), fc.nat(SEGMENT_BYTES + 1), async (start, length) => {
        const range = sealedRange(layoutOfSealed(bytes.length), { start, end: start + length })
        expect(range.length).toBeLessThanOrEqual((2 + Math.floor(length / SEGMENT_BYTES)) * CHUNK_BYTES)
        const part = await opened(bytes, start, start + length)
        expect(equalBytes(part, plain.subarray(start, start + length))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('refuses any flipped bit', async () => {
    const plain = makeContent(SEGMENT_BYTES + 500, 6)
    const bytes = await sealed(plain)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const changed = bytes.slice()
        changed[bit >> 3]! ^= 1 << (bit & 7)
        await expect(opened(changed)).rejects.toEqual(damaged)
      }),
      { numRuns: 60 },
    )
  })

  it('refuses segments in another order, left out, added or cut off', async () => {
    const bytes = await sealed(makeContent(3 * SEGMENT_BYTES, 7))
    const [one, two, three] = [0, 1, 2].map((i) =>
      bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
    ) as [Bytes, Bytes, Bytes]
    const wrong = {
      swapped: concat(two, one, three),
      repeated: concat(one, one, three),
      'without its last': concat(one, two),
      'without its first': concat(two, three),
      longer: concat(one, two, three, three),
      shorter: bytes.subarray(0, bytes.length - 1),
    }
    for (const [what, changed] of Object.entries(wrong))
      await expect(opened(changed), what).rejects.toEqual(damaged)
  })

  it('refuses a range that its source ends before', async () => {
    const bytes = await sealed(makeContent(3 * SEGMENT_BYTES, 8))
    const layout = layoutOfSealed(bytes.length)
    const key = await importSealKey(KEY_BYTES)
    const cut = unseal(inParts(bytes.subarray(0, CHUNK_BYTES)), {
      layout,
      key,
      start: 0,
      end: 2 * SEGMENT_BYTES,
    })
    await expect(collectBytes(cut)).rejects.toEqual(damaged)
  })

  it('refuses a length that nothing sealed has', async () => {
    for (const length of [0, 15, CHUNK_BYTES + 1, CHUNK_BYTES + 16])
      expect(() => layoutOfSealed(length)).toThrow(expect.objectContaining({ code: 'SEAL_LENGTH' }))
  })

  it('seals nothing of a content that is not the one its key was made of', async () => {
    const plain = makeContent(2 * SEGMENT_BYTES + 10, 4)
    const init = await initFor(plain)
    const other = plain.slice()
    other[SEGMENT_BYTES] = (other[SEGMENT_BYTES] as number) ^ 1
    const out: Uint8Array[] = []
    const drain = async (source: Uint8Array) => {
      out.length = 0
      for await (const segment of seal(inParts(source), init)) out.push(segment)
    }
    const refused = expect.objectContaining({ code: 'SEAL_CHANGED' })
    await expect(drain(other)).rejects.toEqual(refused)
    expect(out).toHaveLength(1) // the first is the same
    for (const length of [plain.length - 1, SEGMENT_BYTES, 0])
      await expect(drain(plain.slice(0, length))).rejects.toEqual(refused)
    await expect(drain(new Uint8Array([...plain, 1]))).rejects.toEqual(refused)
  })

  it('gives another content another key, and the same one the same', async () => {
    expect(sealKeyBytes(SECRET, utf8('a content'))).toEqual(KEY_BYTES)
    expect(sealKeyBytes(SECRET, utf8('b content'))).not.toEqual(KEY_BYTES)
    expect(sealKeyBytes(new Uint8Array(32), utf8('a content'))).not.toEqual(KEY_BYTES)
    const bytes = await sealed(makeContent(100, 9))
    const layout = layoutOfSealed(bytes.length)
    const key = await importSealKey(sealKeyBytes(SECRET, utf8('b content')))
    await expect(collectBytes(unseal(inParts(bytes), { layout, key, start: 0, end: 100 }))).rejects.toEqual(
      damaged,
    )
  })
})
