import { describe, expect, it } from 'vitest'
import type { Bytes } from '#core/bytes.ts'
import { unpackEnvelopes } from '#core/envelope.ts'
import { FRAME_TARGET_BYTES, packFrames } from '#peer/protocols/sync-frames.ts'

async function* envelopesOf(lengths: readonly number[]): AsyncGenerator<Bytes> {
  for (const [index, length] of lengths.entries()) yield new Uint8Array(length).fill(index)
}

async function collect(frames: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = []
  for await (const frame of frames) all.push(frame)
  return all
}

describe('[KG23] frames of records', () => {
  it('[KG23] hold every record once, in order, and no more than their bound', async () => {
    const lengths = Array.from({ length: 60 }, (_, i) => 1 + ((i * 7_919) % 18_000))
    const frames = await collect(packFrames(envelopesOf(lengths)))
    expect(frames.length).toBeGreaterThan(1)
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(FRAME_TARGET_BYTES)
    expect(frames.flatMap((frame) => unpackEnvelopes(frame).map(({ length }) => length))).toEqual(lengths)
    expect(await collect(packFrames(envelopesOf([])))).toEqual([])
  })
})
