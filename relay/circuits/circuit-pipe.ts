import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import type { FairScheduler, Outlet } from './fair-scheduler.ts'

/** Bytes of one direction that wait for their turn before its sender is held back: four turns. */
const MAX_QUEUED_BYTES = 64 * 1024

/**
 * How a circuit ended: `closed` by both sides, at a `limit` of bytes, time or memory, or `broken`: one side left,
 * the reservation ended or the relay stopped.
 */
export type PipeOutcome = 'closed' | 'limit' | 'broken'

export interface CircuitPipeInit {
  /** of the peer that asked for the circuit */
  readonly source: Stream
  /** to the peer that was called */
  readonly destination: Stream
  readonly scheduler: FairScheduler
  /** text form of who asked, and the address that it counts for */
  readonly peer: string
  readonly address: string
  /** of both directions together; absent = any number */
  readonly maxBytes?: bigint | undefined
  /** absent = as long as it likes */
  readonly maxMs?: number | undefined
  /** Each ends the circuit when it aborts. */
  readonly signals: readonly AbortSignal[]
  /** Called for what was carried. An error that it answers ends the circuit. */
  readonly onCarried: (direction: 'toDestination' | 'fromDestination', bytes: number) => Error | undefined
  readonly onEnd: (outcome: PipeOutcome) => void
}

export interface CircuitPipe {
  /** held for both directions, here and in the streams */
  readonly bufferedBytes: number
  /** Ends it at a limit. */
  abort(error: Error): void
}

/**
 * Joins the two streams of a circuit. libp2p's own pipe reads whatever comes: a receiver that is slow makes it
 * keep the rest in memory without end, and whoever sends most gets most. Here each direction holds its sender back
 * and sends when the scheduler gives it a turn.
 */
export function joinCircuit(init: CircuitPipeInit): CircuitPipe {
  const { source, destination, scheduler, peer, address, maxBytes, maxMs, signals } = init
  const flow = scheduler.enter(peer, address)
  let left = maxBytes ?? undefined
  let ended = false

  const abort = (error: Error, outcome: PipeOutcome = 'limit'): void => {
    source.abort(error)
    destination.abort(error)
    end(outcome)
  }
  const breakOff = (error: Error): void => abort(error, 'broken')
  const carried = (direction: 'toDestination' | 'fromDestination') => (bytes: number) => {
    const refusal = init.onCarried(direction, bytes)
    if (left !== undefined) left -= BigInt(bytes)
    if (refusal !== undefined) abort(refusal)
    else if (left !== undefined && left < 0n) abort(new Error(`A circuit carries ${maxBytes} bytes here.`))
  }
  const directions = [
    createDirection({
      from: source,
      to: destination,
      wake,
      onSent: carried('toDestination'),
      abort: breakOff,
    }),
    createDirection({
      from: destination,
      to: source,
      wake,
      onSent: carried('fromDestination'),
      abort: breakOff,
    }),
  ] as const
  const onAbort = (): void => breakOff(new Error('The reservation ended, or the relay stops.'))
  const timer =
    maxMs === undefined
      ? undefined
      : setTimeout(() => abort(new Error(`A circuit lasts ${maxMs} ms here.`)), maxMs)
  for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true })

  function wake(outlet: Outlet): void {
    if (!ended) flow.wake(outlet)
  }

  function end(outcome: PipeOutcome): void {
    if (ended) return
    ended = true
    clearTimeout(timer)
    for (const signal of signals) signal.removeEventListener('abort', onAbort)
    flow.leave(...directions)
    init.onEnd(outcome)
  }

  let open = 2
  for (const [stream, other] of [
    [source, destination],
    [destination, source],
  ] as const) {
    const onClose = ({ error }: StreamCloseEvent): void => {
      if (error !== undefined) breakOff(error)
      else if (--open === 0) end('closed')
      // Its connection ended in the middle: what the other side still sends has nowhere to go.
      else if (other.remoteWriteStatus !== 'closed') breakOff(new Error('One side of the circuit left.'))
    }
    stream.addEventListener('close', onClose, { once: true })
  }
  if (signals.some(({ aborted }) => aborted)) onAbort()
  return {
    get bufferedBytes() {
      return directions.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0)
    },
    abort: (error) => abort(error),
  }
}

interface DirectionInit {
  readonly from: Stream
  readonly to: Stream
  readonly wake: (outlet: Outlet) => void
  readonly onSent: (bytes: number) => void
  readonly abort: (error: Error) => void
}

function createDirection({ from, to, wake, onSent, abort }: DirectionInit) {
  const queue = new Uint8ArrayList()
  let resuming = false
  let finished = from.remoteWriteStatus === 'closed'

  const outlet = {
    get bufferedBytes() {
      return queue.byteLength + from.readBufferLength + to.writeBufferLength
    },
    isReady: () => queue.byteLength > 0 && !to.writableNeedsDrain && isWritable(to),
    send(maxBytes: number): number {
      const bytes = Math.min(maxBytes, queue.byteLength)
      const chunk = queue.sublist(0, bytes)
      queue.consume(bytes)
      to.send(chunk)
      if (from.readStatus === 'paused' && queue.byteLength < MAX_QUEUED_BYTES) resume()
      onSent(bytes)
      finish()
      return bytes
    },
  }

  function holdBack(): void {
    if (queue.byteLength >= MAX_QUEUED_BYTES && from.readStatus === 'readable') from.pause()
  }

  /** While a stream gives out what it held it must not be paused: it would ask for more all the same, for ever. */
  function resume(): void {
    resuming = true
    from.resume()
    resuming = false
    holdBack()
  }

  /** Passes the end of what is sent on once everything before it is sent. */
  function finish(): void {
    const isRest = queue.byteLength > 0 || from.readBufferLength > 0
    if (!finished || isRest || !isWritable(to)) return
    // Both ends must learn of the end; a stream that cannot even be closed is no circuit any more.
    to.close().catch((error: unknown) => abort(error instanceof Error ? error : new Error(String(error))))
  }

  from.addEventListener('message', ({ data }: StreamMessageEvent) => {
    queue.append(data)
    if (!resuming) holdBack()
    wake(outlet)
  })
  from.addEventListener(
    'remoteCloseWrite',
    () => {
      finished = true
      finish()
    },
    { once: true },
  )
  to.addEventListener('drain', () => wake(outlet))
  finish()
  return outlet
}

function isWritable({ writeStatus }: Stream): boolean {
  return writeStatus === 'writable'
}
