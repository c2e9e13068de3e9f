import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { concat, toHex, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { leafHash, nodeHash } from '#merkle/tree-hash.ts'
import { hashLeaves, hashNodes, type TreeHasher } from '#merkle/tree-hasher.ts'

/** Each compares up to nine messages with as many calls of the reference. */
const RUNS = 100
/** FIPS 180-4: examples of one block, two blocks and nothing. */
const KNOWN: readonly (readonly [string, string])[] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
]

/** What every hasher of trees must do: the bytes of SHA-256, whatever stands side by side. */
export function describeTreeHasher(name: string, create: () => Promise<TreeHasher>): void {
  describe(`${name} tree hasher`, () => {
    let hasher: TreeHasher
    beforeAll(async () => {
      hasher = await create()
    })

    it.each(KNOWN)('hashes "%s" as FIPS 180-4 says', (text, hash) => {
      expect(toHex(hasher.hash(utf8(text)))).toBe(hash)
    })

    it('hashes a message of every length around the blocks', () => {
      const message = Uint8Array.from({ length: 200 }, (_, i) => 7 * i)
      for (let length = 0; length <= message.length; length++) {
        const part = message.subarray(0, length)
        expect(toHex(hasher.hash(part))).toBe(toHex(sha256(part)))
      }
    })

    it('hashes a long message, also one at an odd place of its buffer', () => {
      const bytes = Uint8Array.from({ length: 300_001 }, (_, i) => i ^ (i >> 8))
      expect(toHex(hasher.hash(bytes.subarray(1)))).toBe(toHex(sha256(bytes.subarray(1))))
    })

    it('[KG16] hashes leaves with 00 and nodes with 01 before them', () => {
      const leaves = Uint8Array.from({ length: 9 * 40 }, (_, i) => 3 * i)
      const leafAt = (i: number) => leaves.subarray(40 * i, 40 * (i + 1))
      const hashes = Array.from({ length: 9 }, (_, i) => leafHash(leafAt(i)))
      expect(toHex(hashLeaves(hasher, leaves, 40))).toBe(toHex(concat(...hashes)))
      const out = new Uint8Array(4 * 32)
      hashNodes(hasher, concat(...hashes.slice(0, 8)), out)
      const nodes = [0, 2, 4, 6].map((i) => nodeHash(hashes[i]!, hashes[i + 1]!))
      expect(toHex(out)).toBe(toHex(concat(...nodes)))
    })

    it('hashes any number of messages of any length, at any place of a buffer', () => {
      const batches = fc.record({
        prefix: fc.constantFrom(0 as const, 1 as const),
        messageBytes: fc.oneof(
          fc.constantFrom(40, 52, 55, 63, 64, 65, 119, 128),
          fc.integer({ min: 1, max: 300 }),
        ),
        count: fc.integer({ min: 0, max: 9 }),
        offset: fc.integer({ min: 0, max: 3 }),
        seed: fc.integer(),
      })
      fc.assert(
        fc.property(batches, ({ prefix, messageBytes, count, offset, seed }) => {
          const buffer = fillBytes(offset + count * messageBytes, seed)
          const out = new Uint8Array(offset + count * 32 + 1)
          const messages = buffer.subarray(offset)
          hasher.hashEach({ prefix, messages, messageBytes, out: out.subarray(offset, offset + count * 32) })
          const expected = Array.from({ length: count }, (_, i) =>
            sha256(
              concat(Uint8Array.of(prefix), messages.subarray(i * messageBytes, (i + 1) * messageBytes)),
            ),
          )
          expect(toHex(out)).toBe(toHex(concat(new Uint8Array(offset), ...expected, new Uint8Array(1))))
        }),
        { numRuns: RUNS },
      )
    })

    it('hashes more messages than one piece of memory holds', () => {
      const count = 20_003
      const messages = fillBytes(count * 64, 5)
      const out = new Uint8Array(count * 32)
      hashNodes(hasher, messages, out)
      for (const i of [0, 1, 4_095, 4_096, 8_191, 8_192, 16_384, count - 2, count - 1]) {
        const pair = messages.subarray(64 * i, 64 * (i + 1))
        expect(toHex(out.subarray(32 * i, 32 * (i + 1)))).toBe(
          toHex(nodeHash(pair.subarray(0, 32), pair.subarray(32))),
        )
      }
    })

    it('refuses messages that are not whole, and the wrong room for hashes', () => {
      const of = (bytes: number, messageBytes: number, outBytes: number) => () =>
        hasher.hashEach({
          prefix: 0,
          messages: new Uint8Array(bytes),
          messageBytes,
          out: new Uint8Array(outBytes),
        })
      for (const [bytes, messageBytes, outBytes] of [
        [41, 40, 32],
        [40, 40, 31],
        [40, 40, 64],
        [40, 0, 0],
        [40, 0.5, 80 * 32],
        [40, -40, 0],
      ] as const)
        expect(of(bytes, messageBytes, outBytes)).toThrow(expect.objectContaining({ code: 'MERKLE_LEAF' }))
    })
  })
}

function fillBytes(length: number, seed: number): Uint8Array {
  let state = seed | 1
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223
    return state >>> 24
  })
}
