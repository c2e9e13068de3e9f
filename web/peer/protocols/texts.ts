import { type Bytes, concat } from '#core/bytes.ts'
import { bytesCid, DIGEST_BYTES, formatCid, parseDigest } from '#core/cid.ts'
import { packEnvelopes, unpackEnvelopes } from '#core/envelope.ts'
import { isAppError } from '#core/errors.ts'
import type { Protocols } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import type { Requests } from '#core/transport.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { FRAME_TARGET_BYTES, misbehaviour, oneAtATime, syncError, withIdleLimit } from './sync-frames.ts'

/**
 * The small texts that particles stand for, so that `suggest` knows them ([KG21]). The request is a list of digests,
 * the answer the bytes of those that the peer knows; each hashes to its CID or is a lie.
 */
export interface TextsComponents {
  readonly requests: Requests
  readonly protocols: Pick<Protocols, 'texts'>
  readonly graph: Pick<GraphService, 'texts' | 'addText' | 'missingTexts'>
  readonly timers: Timers
}

export interface Texts {
  start(): void
  stop(): void
  /** Asks a peer for texts that are missing here, until it knows no more. @throws SYNC_MISBEHAVIOUR, SYNC_IDLE */
  pull(peer: string, signal: AbortSignal): Promise<void>
}

/** 512 texts of 256 bytes fit one frame. */
const MAX_TEXTS_PER_REQUEST = 512
/** A pull that finds 32,768 texts has done enough for one turn. */
const MAX_ROUNDS = 64

export function createTexts({ requests, protocols, graph, timers }: TextsComponents): Texts {
  let unhandle: (() => void) | undefined

  /** How many of the missing texts the peer gave. */
  async function pullOnce(peer: string, signal: AbortSignal): Promise<number> {
    const missing = await graph.missingTexts(MAX_TEXTS_PER_REQUEST)
    if (missing.length === 0) return 0
    const wanted = new Set(missing)
    const request = concat(...missing.map(parseDigest))
    const frames = withIdleLimit(
      (limited) => requests.request(peer, protocols.texts, request, { signal: limited }),
      {
        timers,
        signal,
        peer,
      },
    )
    for await (const frame of frames) {
      for (const bytes of unpack(frame, peer)) {
        const cid = bytesCid(bytes)
        if (!wanted.delete(cid)) throw misbehaviour(peer, `it sent ${cid}, which was not asked for.`)
        await add(cid, bytes)
      }
    }
    return missing.length - wanted.size
  }

  async function add(cid: string, bytes: Bytes): Promise<void> {
    try {
      await graph.addText(cid, bytes)
    } catch (error) {
      // right by hash, yet no text, or one too many: the particle stays without
      if (!isAppError(error)) throw error
    }
  }

  return {
    start() {
      unhandle = requests.handle(
        protocols.texts,
        oneAtATime((request) => answer(graph, request)),
      )
    },
    stop() {
      unhandle?.()
      unhandle = undefined
    },
    async pull(peer, signal) {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        if ((await pullOnce(peer, signal)) === 0) return
      }
    },
  }
}

function unpack(frame: Bytes, peer: string): readonly Bytes[] {
  try {
    return unpackEnvelopes(frame)
  } catch (cause) {
    throw misbehaviour(peer, 'a frame does not divide into texts.', cause)
  }
}

async function* answer(graph: TextsComponents['graph'], request: Bytes): AsyncGenerator<Uint8Array> {
  const count = request.length / DIGEST_BYTES
  if (!Number.isInteger(count) || count > MAX_TEXTS_PER_REQUEST) {
    throw syncError(
      'SYNC_REQUEST_INVALID',
      `A request for texts has up to ${MAX_TEXTS_PER_REQUEST} digests of ${DIGEST_BYTES} bytes, got ${request.length} bytes.`,
    )
  }
  const cids = Array.from({ length: count }, (_, i) =>
    formatCid(request.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)),
  )
  yield* packEnvelopes(await graph.texts(cids), FRAME_TARGET_BYTES)
}
