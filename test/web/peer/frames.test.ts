import type { Stream } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '#core/bytes.ts'
import { createFrames } from '#peer/frames.ts'

const MAX = 64

/** One side of a stream; the test is the other side. */
class FakeStream extends EventTarget {
  readStatus = 'readable'
  /** full until `drain()`, as libp2p's streams are when the other side is slow */
  writableNeedsDrain = false
  isSlow = false
  readonly sent: Uint8Array[] = []
  aborted: Error | undefined

  readonly stream = this as unknown as Stream

  send(bytes: Uint8Array): boolean {
    this.sent.push(bytes)
    this.writableNeedsDrain = this.isSlow
    return !this.isSlow
  }

  drain(): void {
    this.writableNeedsDrain = false
    this.dispatchEvent(new Event('drain'))
  }

  receive(...chunks: readonly Uint8Array[]): void {
    for (const data of chunks) this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  closeRemote(error?: Error): void {
    this.dispatchEvent(
      error === undefined ? new Event('remoteCloseWrite') : Object.assign(new Event('close'), { error }),
    )
  }

  pause(): void {
    this.readStatus = 'paused'
  }

  resume(): void {
    this.readStatus = 'readable'
  }

  async close(): Promise<void> {}

  abort(error: Error): void {
    this.aborted = error
  }
}

/** What `write` and `end` put on the wire for these frames. */
async function encoded(...frames: readonly Uint8Array[]): Promise<Uint8Array> {
  const fake = new FakeStream()
  const writer = createFrames(fake.stream, MAX)
  for (const frame of frames) await writer.write(frame)
  await writer.end()
  return concat(...fake.sent)
}

describe('frames', () => {
  it('come out as they went in, wherever the transport cuts the bytes', async () => {
    const frames = [utf8('one'), new Uint8Array(0), new Uint8Array(MAX).fill(7)]
    const wire = await encoded(...frames)
    for (let cut = 0; cut <= wire.length; cut++) {
      const fake = new FakeStream()
      const reader = createFrames(fake.stream, MAX)
      fake.receive(wire.subarray(0, cut), wire.subarray(cut))
      for (const frame of frames) expect(await reader.read()).toEqual(frame)
      expect(await reader.read()).toBeUndefined()
    }
  })

  it('come out byte by byte too, to a reader that waits already', async () => {
    const wire = await encoded(utf8('slow'))
    const fake = new FakeStream()
    const reading = createFrames(fake.stream, MAX).read()
    for (const byte of wire) {
      fake.receive(Uint8Array.of(byte))
      await Promise.resolve()
    }
    expect(await reading).toEqual(utf8('slow'))
  })

  it('are refused by their announced length, before their bytes come', async () => {
    const fake = new FakeStream()
    const reader = createFrames(fake.stream, MAX)
    fake.receive(Uint8Array.of(0, 0, 0, MAX + 1))
    await expect(reader.read()).rejects.toMatchObject({ code: 'FRAME_TOO_LARGE' })
  })

  it('are cut off when the stream ends before their end, or without an end mark', async () => {
    const wire = await encoded(utf8('whole'))
    for (const length of [0, 3, 6, 9]) {
      const fake = new FakeStream()
      const reader = createFrames(fake.stream, MAX)
      fake.receive(wire.subarray(0, length))
      fake.closeRemote()
      if (length === 9) expect(await reader.read()).toEqual(utf8('whole'))
      await expect(reader.read()).rejects.toMatchObject({ code: 'FRAME_TRUNCATED' })
    }
    const reset = new FakeStream()
    const reading = createFrames(reset.stream, MAX).read()
    const cause = new Error('reset')
    reset.closeRemote(cause)
    await expect(reading).rejects.toMatchObject({ code: 'FRAME_TRUNCATED', cause })
  })

  it('hold the sender back while nobody reads, and let it go on', async () => {
    const fake = new FakeStream()
    const reader = createFrames(fake.stream, MAX)
    const wire = await encoded(...Array.from({ length: 10 }, () => new Uint8Array(MAX)))
    fake.receive(wire.subarray(0, MAX))
    expect(fake.readStatus).toBe('readable')
    fake.receive(wire.subarray(MAX, 2 * MAX))
    expect(fake.readStatus).toBe('paused')
    await reader.read()
    expect(fake.readStatus).toBe('readable')
  })

  it('are held back again and again while the other side is slow', async () => {
    const fake = new FakeStream()
    fake.isSlow = true
    const writer = createFrames(fake.stream, MAX)
    for (let i = 1; i <= 3; i++) {
      let isWritten = false
      const writing = writer.write(utf8('frame')).then(() => {
        isWritten = true
      })
      await new Promise((resolve) => setImmediate(resolve))
      expect(isWritten).toBe(false)
      fake.drain()
      await writing
      expect(fake.sent).toHaveLength(i)
    }
  })

  it('stop waiting to be written when the stream closes or the writer gives up', async () => {
    const cause = new Error('reset')
    for (const error of [cause, undefined]) {
      const fake = new FakeStream()
      fake.isSlow = true
      const writing = createFrames(fake.stream, MAX).write(utf8('frame'))
      fake.dispatchEvent(Object.assign(new Event('close'), { error }))
      await expect(writing).rejects.toMatchObject(error ?? { code: 'FRAME_TRUNCATED' })
    }
    const fake = new FakeStream()
    fake.isSlow = true
    const controller = new AbortController()
    const writing = createFrames(fake.stream, MAX).write(utf8('frame'), controller.signal)
    controller.abort(new Error('enough'))
    await expect(writing).rejects.toThrow('enough')
  })

  it('stop waiting at an abort', async () => {
    const fake = new FakeStream()
    const controller = new AbortController()
    const reading = createFrames(fake.stream, MAX).read(controller.signal)
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })
})
