import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { MAX_FRAME_BYTES, MAX_REQUEST_BYTES, MAX_REQUESTS_PER_PEER } from '#core/limits.ts'
import type { RequestHandler, Requests } from '#core/transport.ts'
import { PeerError } from './errors.ts'
import { createFrames, type Frames } from './frames.ts'
import type { Paths } from './paths.ts'

/** A peer that lets one step of a request wait longer than this gives the slot back. */
const STEP_TIMEOUT_MS = 30_000
/**
 * Frames sent ahead of the reader's word. A browser cannot hold back an RTCDataChannel, so a slow reader's
 * 4 MiB stream buffer would overflow and reset the stream; 4 · 256 KiB stay below it on every transport.
 */
const WINDOW = 4
const READY = new Uint8Array(0)

export interface RequestsComponents {
  readonly libp2p: Pick<Libp2p, 'dialProtocol' | 'handle' | 'unhandle'>
  readonly paths: Paths
}

/** Requests over libp2p streams: one frame asks, any number answer, the reader grants each frame after the window. */
export function createRequests({ libp2p, paths }: RequestsComponents): Requests {
  const active = new Map<string, number>()

  async function openStream(peer: PeerId, protocol: string, signal: AbortSignal): Promise<Stream> {
    const connection = await paths.connectionTo(peer, signal)
    const options = { signal, runOnLimitedConnection: true }
    return connection === undefined
      ? libp2p.dialProtocol(peer, protocol, options)
      : connection.newStream(protocol, options)
  }

  async function* request(
    peer: string,
    protocol: string,
    body: Uint8Array,
    { signal }: { signal?: AbortSignal } = {},
  ) {
    signal?.throwIfAborted()
    if (body.length > MAX_REQUEST_BYTES) throw requestTooLarge(body.length)
    let frames: Frames | undefined
    let done = false
    try {
      frames = createFrames(await openStream(peerIdFromString(peer), protocol, step(signal)), MAX_FRAME_BYTES)
      await frames.write(body, step(signal))
      for (;;) {
        const frame = await frames.read(step(signal))
        if (frame === undefined) break
        yield frame
        await frames.write(READY, step(signal))
      }
      done = true
      await frames.end(step(signal)).catch(() => {}) // the answer is whole; the other side may be gone already
    } catch (cause) {
      signal?.throwIfAborted()
      throw new PeerError(
        'REQUEST_FAILED',
        `Peer …${peer.slice(-6)} did not answer ${protocol}: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      )
    } finally {
      if (!done) frames?.abort(new Error('request broken off'))
    }
  }

  async function answer(stream: Stream, connection: Connection, handler: RequestHandler): Promise<void> {
    const peer = connection.remotePeer.toString()
    const running = active.get(peer) ?? 0
    const frames = createFrames(stream, MAX_REQUEST_BYTES)
    if (running >= MAX_REQUESTS_PER_PEER) {
      frames.abort(new PeerError('REQUEST_TOO_MANY', `${MAX_REQUESTS_PER_PEER} requests are being answered.`))
      return
    }
    active.set(peer, running + 1)
    try {
      await serve(frames, handler, peer)
    } catch (error) {
      // Bad bytes, a slow reader or a failing handler end this stream and nothing else.
      frames.abort(error instanceof Error ? error : new Error(String(error)))
    } finally {
      const left = (active.get(peer) ?? 1) - 1
      if (left === 0) active.delete(peer)
      else active.set(peer, left)
    }
  }

  return {
    request,
    handle(protocol, handler) {
      const registered = libp2p.handle(
        protocol,
        (stream, connection) => void answer(stream, connection, handler),
        { runOnLimitedConnection: true, maxInboundStreams: MAX_REQUESTS_PER_PEER },
      )
      return () => void registered.then(() => libp2p.unhandle(protocol))
    },
  }
}

async function serve(frames: Frames, handler: RequestHandler, peer: string): Promise<void> {
  const body = await frames.read(step())
  if (body === undefined) return frames.end(step())
  let credit = WINDOW
  for await (const frame of handler(body, peer)) {
    if (frame.length > MAX_FRAME_BYTES) throw frameTooLarge(frame.length)
    if (credit === 0) {
      await frames.read(step())
      credit += 1
    }
    await frames.write(frame, step())
    credit -= 1
  }
  await frames.end(step())
}

/** A fresh time limit for one step, together with the caller's signal. */
function step(signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(STEP_TIMEOUT_MS)
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout])
}

function requestTooLarge(length: number): PeerError {
  return new PeerError(
    'REQUEST_TOO_LARGE',
    `A request has ${length} bytes; at most ${MAX_REQUEST_BYTES} are sent. Ask for less at once.`,
    { details: { length, maxRequestBytes: MAX_REQUEST_BYTES } },
  )
}

function frameTooLarge(length: number): PeerError {
  return new PeerError(
    'FRAME_TOO_LARGE',
    `An answer's frame has ${length} bytes; at most ${MAX_FRAME_BYTES} are sent. Split it.`,
    { details: { length, maxFrameBytes: MAX_FRAME_BYTES } },
  )
}
