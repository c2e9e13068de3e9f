import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '#core/bytes.ts'
import { bucketOf, HUB_BUCKETS } from '#objects/map/bucket.ts'
import { sipHash13 } from '#objects/map/siphash.ts'
import vectors from '#test/vectors/objects/siphash13.json' with { type: 'json' }

function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i)
}

function hex({ high, low }: { high: number; low: number }): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}

describe('SipHash-1-3', () => {
  it('gives the digests of the Rust core tests', () => {
    const digests = vectors.rust.digestsHex.map((_, length) =>
      toHex(fromHex(hex(sipHash13(counting(16), counting(length)))).reverse()),
    )
    expect(digests).toEqual(vectors.rust.digestsHex)
  })

  it.each(vectors.cpython.hashes)(
    'agrees with CPython under the zero key: $bytesHex',
    ({ bytesHex, hashHex }) => {
      expect(hex(sipHash13(new Uint8Array(16), fromHex(bytesHex)))).toBe(hashHex)
    },
  )

  it('reads views that begin inside their buffer', () => {
    const padded = new Uint8Array(40)
    padded.set(counting(20), 3)
    expect(sipHash13(counting(16), padded.subarray(3, 23))).toEqual(sipHash13(counting(16), counting(20)))
  })
})

describe('buckets of a hub', () => {
  it.each(vectors.buckets.buckets)(
    '[OB13] puts $key at depth $depth into $bucket',
    ({ key, depth, bucket }) => {
      expect(bucketOf(utf8(key), depth)).toBe(bucket)
    },
  )

  it('[OB13] spreads keys over 1,900 buckets', () => {
    const filled = new Set(Array.from({ length: 20_000 }, (_, i) => bucketOf(utf8(`key ${i}`), 0)))
    expect(filled.size).toBe(HUB_BUCKETS)
  })
})
