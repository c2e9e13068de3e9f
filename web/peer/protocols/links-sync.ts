import { ByteReader, type Bytes, ByteWriter } from '#core/bytes.ts'
import { unpackEnvelopes } from '#core/envelope.ts'
import { MAX_FEED_LENGTH, MAX_FEEDS, MAX_LINKS } from '#core/limits.ts'
import type { Protocols } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport, Verdict } from '#core/transport.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { UNTAKEN } from '#graph/link-errors.ts'
import type { IngestResult } from '#graph/link-intake.ts'
import type { BatchRange, FeedHead } from '#graph/link-log.ts'
import {
  FRAME_TARGET_BYTES,
  misbehaviour,
  oneAtATime,
  packFrames,
  syncError,
  withIdleLimit,
} from './sync-frames.ts'

/**
 * Link batches between peers ([KG23]). Gossip carries new ones; a pull brings what was missed. The asker sends the
 * head of each of its feeds, the answer is a frame with the number of batches to come, then frames of batches in
 * feed order. Each frame is checked and kept before the next is read: an interrupted pull goes on where it stopped.
 */

/** Batches that are here, of those that are known of: a pull that was interrupted goes on counting where it stopped. */
export interface SyncProgress {
  readonly done: number
  readonly total: number
}

export interface LinksSyncComponents {
  readonly transport: Pick<Transport, 'gossip' | 'requests'>
  readonly protocols: Pick<Protocols, 'linksTopic' | 'linksSync'>
  readonly graph: Pick<GraphService, 'ingest' | 'heads' | 'missingFrom' | 'readBatches'>
  readonly timers: Timers
  /** A message brought links: its sender may have the texts of their words. */
  readonly onNews: (peer: string) => void
  /** A message shows that batches are missing: its sender has them. */
  readonly onGap: (peer: string) => void
  /** undefined when a pull ends */
  readonly onProgress: (progress: SyncProgress | undefined) => void
}

export interface LinksSync {
  start(): void
  stop(): void
  /** @throws SYNC_MISBEHAVIOUR, SYNC_IDLE, or what the transport throws */
  pull(peer: string, signal: AbortSignal): Promise<void>
  publish(envelope: Bytes): Promise<void>
}

const HEAD_BYTES = 32 + 8 + 32
/** in the u64 of a head's length */
const FROZEN = 1n << 63n
/** Halving the distance to a fork takes 20 rounds in the longest feed; the rest is for batches made meanwhile. */
const MAX_ROUNDS = 32
/** A batch for each link, and the evidence of every fork. */
const MAX_ANSWER_BATCHES = MAX_LINKS + 2 * MAX_FEEDS
/** Frames in a row without anything new: gossip may have brought their content meanwhile, but not for ever. */
const MAX_IDLE_FRAMES = 16

export function createLinksSync(components: LinksSyncComponents): LinksSync {
  const { transport, protocols, graph } = components
  const stops: (() => void)[] = []
  return {
    start() {
      stops.push(
        transport.requests.handle(
          protocols.linksSync,
          oneAtATime((request) => answer(graph, request)),
        ),
        transport.gossip.subscribe(protocols.linksTopic, async ({ from, data }) => {
          const [result] = await graph.ingest([data])
          if (result?.status === 'new') components.onNews(from)
          if (result?.status === 'gap') components.onGap(from)
          return verdictOf(result)
        }),
      )
    },
    stop() {
      for (const stop of stops.splice(0)) stop()
    },
    async pull(peer, signal) {
      try {
        for (let round = 0; round < MAX_ROUNDS; round++) {
          if (!(await pullOnce(components, peer, signal))) return
        }
      } finally {
        components.onProgress(undefined)
      }
    },
    publish: (envelope) => transport.gossip.publish(protocols.linksTopic, envelope),
  }
}

/** New batches and new evidence of a fork go on to others; what may be true later is dropped quietly. */
function verdictOf(result: IngestResult | undefined): Verdict {
  switch (result?.status) {
    case 'new':
    case 'forked':
      return 'accept'
    case 'refused':
      return isFault(result) ? 'reject' : 'ignore'
    default:
      return 'ignore'
  }
}

/** Is it what a tab does not take although it may be true? */
function isUntaken({ status, failure }: IngestResult): boolean {
  return status === 'refused' && failure !== undefined && UNTAKEN.has(failure.code)
}

/** Could an honest peer not have sent it? */
function isFault(result: IngestResult): boolean {
  return result.status === 'refused' && !isUntaken(result)
}

/** One request. True when it brought something, so that another may bring more. */
async function pullOnce(
  { transport, protocols, graph, timers, onProgress }: LinksSyncComponents,
  peer: string,
  signal: AbortSignal,
): Promise<boolean> {
  const heads = await graph.heads()
  const request = encodeHeads(heads)
  const held = heads.reduce((sum, { next }) => sum + next, 0)
  const frames = withIdleLimit(
    (limited) => transport.requests.request(peer, protocols.linksSync, request, { signal: limited }),
    { timers, signal, peer },
  )
  let total: number | undefined
  let done = 0
  let idle = 0
  let untaken = false
  let progressed = false
  for await (const frame of frames) {
    if (total === undefined) {
      total = decodeTotal(frame, peer)
      continue
    }
    const results = await ingestFrame(graph, frame, peer)
    const fresh = results.some(({ status }) => status === 'new' || status === 'forked')
    // what follows a batch that was not taken cannot be either, and an honest peer sends it all the same
    untaken ||= results.some(isUntaken)
    idle = fresh || untaken ? 0 : idle + 1
    if (idle > MAX_IDLE_FRAMES) throw misbehaviour(peer, 'nothing in its answer was asked for.')
    progressed ||= fresh
    done += results.length
    if (done > total) throw misbehaviour(peer, `it announced ${total} batches and sent ${done}.`)
    if (fresh) onProgress({ done: held + done, total: held + total })
    if (results.some(({ failure }) => failure?.code === 'LINKS_FULL')) return false
  }
  return progressed
}

async function ingestFrame(
  graph: LinksSyncComponents['graph'],
  frame: Bytes,
  peer: string,
): Promise<readonly IngestResult[]> {
  let envelopes: readonly Bytes[]
  try {
    envelopes = unpackEnvelopes(frame)
  } catch (cause) {
    throw misbehaviour(peer, 'a frame does not divide into records.', cause)
  }
  if (envelopes.length === 0) throw misbehaviour(peer, 'a frame is empty.')
  const results = await graph.ingest(envelopes)
  const fault = results.find(isFault)
  if (fault !== undefined) throw misbehaviour(peer, fault.failure?.message ?? '', fault.failure)
  return results
}

function decodeTotal(frame: Bytes, peer: string): number {
  if (frame.length !== 4)
    throw misbehaviour(peer, `its answer begins with ${frame.length} bytes, not with a count.`)
  const total = new ByteReader(frame).u32('total')
  if (total > MAX_ANSWER_BATCHES) throw misbehaviour(peer, `it announced ${total} batches.`)
  return total
}

/** Frames of everything that the asker lacks. Ranges are cut where a frame is full; many short ones share one. */
async function* answer(graph: LinksSyncComponents['graph'], request: Bytes): AsyncGenerator<Uint8Array> {
  const ranges = await graph.missingFrom(decodeHeads(request))
  yield new ByteWriter(4).u32(ranges.reduce((sum, range) => sum + lengthOf(range), 0)).finish()
  yield* packFrames(envelopesOf(graph, ranges))
}

async function* envelopesOf(
  graph: LinksSyncComponents['graph'],
  ranges: readonly BatchRange[],
): AsyncGenerator<Bytes> {
  for (const range of ranges) {
    for (let from = range.from; ; ) {
      const envelopes = await graph.readBatches({ ...range, from }, FRAME_TARGET_BYTES)
      yield* envelopes
      from += envelopes.length
      // nothing more: the end, or a fork that was found meanwhile
      if (range.evidence || from >= range.to || envelopes.length === 0) break
    }
  }
}

function lengthOf({ from, to, evidence }: BatchRange): number {
  return evidence ? 2 : to - from
}

export function encodeHeads(heads: readonly FeedHead[]): Bytes {
  const out = new ByteWriter(4 + heads.length * HEAD_BYTES).u32(heads.length)
  for (const { device, next, head, frozen } of heads) {
    out
      .bytes(device)
      .u64(BigInt(next) | (frozen ? FROZEN : 0n))
      .bytes(head)
  }
  return out.finish()
}

/** @throws SYNC_REQUEST_INVALID */
export function decodeHeads(request: Uint8Array): readonly FeedHead[] {
  try {
    const reader = new ByteReader(request)
    const count = reader.u32('count')
    if (count > MAX_FEEDS) throw new Error(`${count} feeds, expected at most ${MAX_FEEDS}`)
    const heads = Array.from({ length: count }, () => readHead(reader))
    reader.end('heads')
    return heads
  } catch (cause) {
    throw syncError(
      'SYNC_REQUEST_INVALID',
      `A request for links could not be read: ${(cause as Error).message}`,
      cause,
    )
  }
}

function readHead(reader: ByteReader): FeedHead {
  const device = reader.bytes(32, 'device')
  const length = reader.u64('length')
  const next = length & ~FROZEN
  if (next > BigInt(MAX_FEED_LENGTH))
    throw new Error(`a feed of ${next} batches, expected at most ${MAX_FEED_LENGTH}`)
  return { device, next: Number(next), head: reader.bytes(32, 'head'), frozen: (length & FROZEN) !== 0n }
}
