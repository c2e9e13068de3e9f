import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Bytes } from '#core/bytes.ts'
import { PeerError } from './errors.ts'

const HEADER_BYTES = 4
/** Length that marks the end: a stream that closes without it was cut off. */
const END = 0xffff_ffff
const CLOSED_WHILE_WRITING =
  'A peer closed the stream before it took all that was sent. Ask again, or ask another peer.'

/** Messages on a stream: u32 length ‖ bytes, and an end marker. */
export interface Frames {
  /**
   * Resolves once the transport takes more: a slow reader at the other side holds the writer back.
   *
   * @throws FRAME_TRUNCATED, or the stream's own error, when it closes meanwhile
   */
  write(frame: Uint8Array, signal?: AbortSignal): Promise<void>
  /**
   * The next frame, a copy; undefined at the end.
   *
   * @throws FRAME_TOO_LARGE before its bytes are kept, FRAME_TRUNCATED when the stream ends within or before it
   */
  read(signal?: AbortSignal): Promise<Bytes | undefined>
  /** Writes the end marker and closes the own side. */
  end(signal?: AbortSignal): Promise<void>
  /** Drops everything at both sides. */
  abort(error: Error): void
}

/** Reads at most one frame ahead: a sender that is faster than the reader is held back by the transport. */
export function createFrames(stream: Stream, maxFrameBytes: number): Frames {
  const input = createInput(stream, maxFrameBytes + HEADER_BYTES)

  async function send(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (stream.send(bytes)) return
    // What was held back goes first, and may fill the transport again.
    while (stream.writableNeedsDrain) await nextDrain(stream, signal)
  }

  return {
    async write(frame, signal) {
      signal?.throwIfAborted()
      const bytes = new Uint8Array(HEADER_BYTES + frame.length)
      new DataView(bytes.buffer).setUint32(0, frame.length)
      bytes.set(frame, HEADER_BYTES)
      await send(bytes, signal)
    },

    async read(signal) {
      const header = await input.take(HEADER_BYTES, signal)
      const length = new DataView(header.buffer).getUint32(0)
      if (length === END) return undefined
      if (length > maxFrameBytes) {
        throw new PeerError(
          'FRAME_TOO_LARGE',
          `A peer announced a frame of ${length} bytes; at most ${maxFrameBytes} are read.`,
          { details: { length, maxFrameBytes } },
        )
      }
      return input.take(length, signal)
    },

    async end(signal) {
      await send(new Uint8Array(HEADER_BYTES).fill(0xff), signal)
      await stream.close(signal === undefined ? {} : { signal })
    },

    abort: (error) => stream.abort(error),
  }
}

/** Not `stream.onDrain()`: that waits only once in the life of a stream (docs/upstream.md). */
function nextDrain(stream: Stream, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      stream.removeEventListener('drain', onDrain)
      stream.removeEventListener('close', onClose)
      signal?.removeEventListener('abort', onAbort)
      settled()
    }
    const onDrain = () => settle(resolve)
    const onAbort = () => settle(() => reject(signal?.reason))
    const onClose = ({ error }: StreamCloseEvent) =>
      settle(() => reject(error ?? new PeerError('FRAME_TRUNCATED', CLOSED_WHILE_WRITING)))
    stream.addEventListener('drain', onDrain)
    stream.addEventListener('close', onClose)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted === true) onAbort()
  })
}

interface Input {
  take(count: number, signal?: AbortSignal): Promise<Bytes>
}

function createInput(stream: Stream, highWater: number): Input {
  const chunks: Uint8Array[] = []
  let buffered = 0
  let closed: { readonly error?: Error } | undefined
  let wake = () => {}

  stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
    const chunk = data.subarray()
    chunks.push(chunk)
    buffered += chunk.length
    if (buffered > highWater) stream.pause()
    wake()
  })
  const finish = (error?: Error) => {
    closed ??= error === undefined ? {} : { error }
    wake()
  }
  stream.addEventListener('remoteCloseWrite', () => finish())
  stream.addEventListener('close', ({ error }: StreamCloseEvent) => finish(error))

  function cut(count: number): Bytes {
    const out = new Uint8Array(count)
    let at = 0
    while (at < count) {
      const chunk = chunks[0] as Uint8Array // `buffered` ≥ count, so there is one
      const part = chunk.subarray(0, count - at)
      out.set(part, at)
      at += part.length
      if (part.length === chunk.length) chunks.shift()
      else chunks[0] = chunk.subarray(part.length)
    }
    buffered -= count
    if (buffered <= highWater && stream.readStatus === 'paused') stream.resume()
    return out
  }

  return {
    async take(count, signal) {
      while (buffered < count) {
        signal?.throwIfAborted()
        if (closed !== undefined) throw truncated(count, buffered, closed.error)
        await new Promise<void>((resolve) => {
          wake = () => {
            signal?.removeEventListener('abort', wake)
            resolve()
          }
          signal?.addEventListener('abort', wake, { once: true })
        })
      }
      return cut(count)
    },
  }
}

function truncated(expected: number, got: number, cause: Error | undefined): PeerError {
  return new PeerError(
    'FRAME_TRUNCATED',
    `A peer closed the stream after ${got} of ${expected} bytes. Ask again, or ask another peer.`,
    cause === undefined ? {} : { cause },
  )
}
