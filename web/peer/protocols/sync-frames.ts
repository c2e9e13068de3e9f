import type { Bytes } from '#core/bytes.ts'
import { packEnvelopes } from '#core/envelope.ts'
import { AppError } from '#core/errors.ts'
import type { Timers } from '#core/timers.ts'

export type SyncErrorCode = 'SYNC_REQUEST_INVALID' | 'SYNC_MISBEHAVIOUR' | 'SYNC_BUSY' | 'SYNC_IDLE'

/** A neighbour that sends nothing for this long is left for another; slow phones on circuits send a frame in 10 s. */
export const PULL_IDLE_MS = 30_000
/** Bytes of records in one frame: below MAX_FRAME_BYTES with room for one more full batch. */
export const FRAME_TARGET_BYTES = 192 * 1024

export function syncError(code: SyncErrorCode, message: string, cause?: unknown): AppError<SyncErrorCode> {
  return new AppError(code, message, { cause })
}

/** What a peer sent can only come of a fault or of malice: it is named and left. */
export function misbehaviour(peer: string, why: string, cause?: unknown): AppError<SyncErrorCode> {
  return syncError(
    'SYNC_MISBEHAVIOUR',
    `Peer ${peer} sent records that cannot be true: ${why} It is not asked again.`,
    cause,
  )
}

/**
 * Reads frames until they end, `signal` aborts, or none came for PULL_IDLE_MS.
 *
 * @throws SYNC_IDLE, the signal's reason, or what the frames throw
 */
export async function* withIdleLimit<T>(
  frames: (signal: AbortSignal) => AsyncIterable<T>,
  { timers, signal, peer }: { readonly timers: Timers; readonly signal: AbortSignal; readonly peer: string },
): AsyncGenerator<T> {
  const idle = new AbortController()
  const rewind = (): (() => void) =>
    timers.after(PULL_IDLE_MS, () =>
      idle.abort(
        syncError(
          'SYNC_IDLE',
          `Peer ${peer} sent nothing for ${PULL_IDLE_MS / 1_000} s. Another one is asked.`,
        ),
      ),
    )
  let cancel = rewind()
  try {
    for await (const frame of frames(AbortSignal.any([signal, idle.signal]))) {
      cancel()
      yield frame
      signal.throwIfAborted()
      cancel = rewind()
    }
  } catch (error) {
    signal.throwIfAborted()
    idle.signal.throwIfAborted()
    throw error
  } finally {
    cancel()
  }
}

/**
 * Answers at most one request of a peer at a time: the answer may be megabytes, and an honest asker waits for it.
 *
 * @throws SYNC_BUSY
 */
export function oneAtATime<T>(
  answer: (request: T, from: string) => AsyncIterable<Uint8Array>,
): (request: T, from: string) => AsyncIterable<Uint8Array> {
  const serving = new Set<string>()
  return async function* (request, from) {
    if (serving.has(from)) {
      throw syncError(
        'SYNC_BUSY',
        `Peer ${from} asked again before its last answer ended. Read that one first.`,
      )
    }
    serving.add(from)
    try {
      yield* answer(request, from)
    } finally {
      serving.delete(from)
    }
  }
}

/** Frames of FRAME_TARGET_BYTES at most, of envelopes in the order that they come in; one frame is held at a time. */
export async function* packFrames(envelopes: AsyncIterable<Bytes>): AsyncGenerator<Uint8Array> {
  let waiting: Bytes[] = []
  let bytes = 0
  for await (const envelope of envelopes) {
    if (bytes + envelope.length + 2 > FRAME_TARGET_BYTES) {
      yield* packEnvelopes(waiting, FRAME_TARGET_BYTES)
      waiting = []
      bytes = 0
    }
    waiting.push(envelope)
    bytes += envelope.length + 2
  }
  yield* packEnvelopes(waiting, FRAME_TARGET_BYTES)
}
