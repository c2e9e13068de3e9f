import type { Bytes } from '#core/bytes.ts'
import { unpackEnvelopes } from '#core/envelope.ts'
import type { Protocols } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport, Verdict } from '#core/transport.ts'
import { BUCKET_DIGEST_BYTES, PLACEMENT_BUCKETS } from '#objects/placement-buckets.ts'
import { isPassing } from '#objects/placement-errors.ts'
import type { PlacementResult, PlacementService } from '#objects/placement-service.ts'
import { misbehaviour, oneAtATime, packFrames, syncError, withIdleLimit } from './sync-frames.ts'

/**
 * Placement records between peers. Gossip carries new ones; in a pull the asker sends 256 digests of what it holds
 * and gets the records of the buckets that differ.
 */
export interface PlacementsSyncComponents {
  readonly transport: Pick<Transport, 'gossip' | 'requests'>
  readonly protocols: Pick<Protocols, 'placementsTopic' | 'placementsSync'>
  readonly placements: Pick<PlacementService, 'ingest' | 'digests' | 'bucketsUnlike' | 'readBucket'>
  readonly timers: Timers
}

export interface PlacementsSync {
  start(): void
  stop(): void
  /** @throws SYNC_MISBEHAVIOUR, SYNC_IDLE, or what the transport throws */
  pull(peer: string, signal: AbortSignal): Promise<void>
  publish(envelope: Bytes): Promise<void>
}

const REQUEST_BYTES = PLACEMENT_BUCKETS * BUCKET_DIGEST_BYTES
/** 50,000 records of 500 bytes are 130 frames of this size; twice that for buckets that end early. */
const MAX_FRAMES = 512

export function createPlacementsSync(components: PlacementsSyncComponents): PlacementsSync {
  const { transport, protocols, placements, timers } = components
  const stops: (() => void)[] = []
  return {
    start() {
      stops.push(
        transport.requests.handle(
          protocols.placementsSync,
          oneAtATime((request) => answer(placements, request)),
        ),
        transport.gossip.subscribe(protocols.placementsTopic, async ({ data }) => {
          const [result] = await placements.ingest([data])
          return verdictOf(result)
        }),
      )
    },
    stop() {
      for (const stop of stops.splice(0)) stop()
    },
    async pull(peer, signal) {
      const request = await placements.digests()
      const frames = withIdleLimit(
        (limited) => transport.requests.request(peer, protocols.placementsSync, request, { signal: limited }),
        { timers, signal, peer },
      )
      let count = 0
      for await (const frame of frames) {
        if (++count > MAX_FRAMES) throw misbehaviour(peer, `its answer has more than ${MAX_FRAMES} frames.`)
        await ingestFrame(placements, frame, peer)
      }
    },
    publish: (envelope) => transport.gossip.publish(protocols.placementsTopic, envelope),
  }
}

function verdictOf(result: PlacementResult | undefined): Verdict {
  if (result?.status === 'new') return 'accept'
  return result !== undefined && isFault(result) ? 'reject' : 'ignore'
}

function isFault({ status, failure }: PlacementResult): boolean {
  return status === 'refused' && !isPassing(failure?.code)
}

async function ingestFrame(
  placements: PlacementsSyncComponents['placements'],
  frame: Bytes,
  peer: string,
): Promise<void> {
  let envelopes: readonly Bytes[]
  try {
    envelopes = unpackEnvelopes(frame)
  } catch (cause) {
    throw misbehaviour(peer, 'a frame does not divide into records.', cause)
  }
  const fault = (await placements.ingest(envelopes)).find(isFault)
  if (fault !== undefined) throw misbehaviour(peer, fault.failure?.message ?? '', fault.failure)
}

async function* answer(
  placements: PlacementsSyncComponents['placements'],
  request: Bytes,
): AsyncGenerator<Uint8Array> {
  if (request.length !== REQUEST_BYTES) {
    throw syncError(
      'SYNC_REQUEST_INVALID',
      `A request for placements has ${REQUEST_BYTES} bytes of digests, got ${request.length}.`,
    )
  }
  yield* packFrames(envelopesUnlike(placements, request))
}

async function* envelopesUnlike(
  placements: PlacementsSyncComponents['placements'],
  digests: Bytes,
): AsyncGenerator<Bytes> {
  for (const bucket of await placements.bucketsUnlike(digests)) yield* await placements.readBucket(bucket)
}
