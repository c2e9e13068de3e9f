import { MAX_KNOWN_PEERS, MAX_OBJECTS_PER_REQUEST } from '#core/limits.ts'
import { createRateLimit } from '#core/rate-limit.ts'
import type { Requests } from '#core/transport.ts'
import { type ObjectId, objectIdKey } from '#objects/object-id.ts'
import type { ObjectHead, ObjectStore } from '#objects/object-store.ts'
import {
  decodeObjectsRequest,
  encodeObjectAnswers,
  encodeOfferAnswer,
  type ObjectAnswer,
  type ObjectOffer,
} from './protocols/objects.ts'

/** Objects read for one peer: a page of links at once, and 32 a second from then on. */
const READS_PER_PEER = { perSecond: 32, burst: 2 * MAX_OBJECTS_PER_REQUEST }
/** Offers looked up for one peer: a large folder at once. */
const OFFERS_PER_PEER = { perSecond: 64, burst: 8_192 }
/** Peers whose offers are taken at the same time; others hear that nothing was taken. */
const MAX_TAKING = 8

export interface ObjectServerComponents {
  readonly requests: Requests
  readonly store: Pick<ObjectStore, 'get' | 'head'>
  /** Fetches and checks what a peer offered; gives the keys of what is here afterwards. */
  readonly take: (peer: string, offers: readonly ObjectOffer[]) => Promise<ReadonlySet<string>>
}

export interface ObjectServerInit {
  readonly protocol: string
  /** Is this taken, which is not here, or only older? @default newer bodies of what is here are */
  readonly wants?: (offer: ObjectOffer, peer: string, isHere: boolean) => boolean
  /** neither served nor taken @default nothing */
  readonly isDenied?: (id: ObjectId) => boolean
  /** unix ms @default Date.now */
  readonly now?: () => number
}

/** Answers requests for objects and takes offered ones that are wanted. Returns the function that ends it. */
export function serveObjects(
  { requests, store, take }: ObjectServerComponents,
  { protocol, wants = (_, __, isHere) => isHere, isDenied = () => false, now = Date.now }: ObjectServerInit,
): () => void {
  const reads = createRateLimit({ ...READS_PER_PEER, maxKeys: MAX_KNOWN_PEERS, now })
  const offered = createRateLimit({ ...OFFERS_PER_PEER, maxKeys: MAX_KNOWN_PEERS, now })
  const taking = new Map<string, Promise<unknown>>()

  async function read(id: ObjectId, peer: string): Promise<ObjectAnswer> {
    if (!reads.take(peer)) return 'later'
    if (isDenied(id)) return 'lacks'
    return (await store.get(id))?.bytes ?? 'lacks'
  }

  async function hear(offers: readonly ObjectOffer[], peer: string): Promise<readonly boolean[]> {
    const held = new Set<string>()
    const wanted: ObjectOffer[] = []
    for (const offer of offers) {
      if (isDenied(offer.id) || !offered.take(peer)) continue
      const head = await store.head(offer.id)
      const isHere = head?.held === true
      if (isHere && !isNewer(offer, head)) held.add(objectIdKey(offer.id))
      else if (wants(offer, peer, isHere)) wanted.push(offer)
    }
    for (const key of await takeFrom(peer, wanted)) held.add(key)
    return offers.map(({ id }) => held.has(objectIdKey(id)))
  }

  async function takeFrom(peer: string, offers: readonly ObjectOffer[]): Promise<Iterable<string>> {
    if (offers.length === 0 || (taking.size >= MAX_TAKING && !taking.has(peer))) return []
    // one offer of a peer after the other; how many wait is bounded by MAX_REQUESTS_PER_PEER
    const before = taking.get(peer) ?? Promise.resolve()
    const work = before.then(() => take(peer, offers)).catch(() => []) // it left, or does not give what it offers
    taking.set(peer, work)
    try {
      return await work
    } finally {
      if (taking.get(peer) === work) taking.delete(peer)
    }
  }

  return requests.handle(protocol, async function* (bytes, peer) {
    const request = decodeObjectsRequest(bytes)
    if (request.kind === 'get') yield* encodeObjectAnswers(request.ids, (id) => read(id, peer))
    else yield encodeOfferAnswer(await hear(request.offers, peer))
  })
}

function isNewer({ updated }: ObjectOffer, { seen }: ObjectHead): boolean {
  return updated > (seen?.updated ?? 0n)
}
