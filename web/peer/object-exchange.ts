import type { CID } from 'multiformats/cid'
import { AppError, isAppError } from '#core/errors.ts'
import {
  MAX_KNOWN_PEERS,
  MAX_OBJECT_NEIGHBOURS,
  MAX_OBJECT_PROVIDERS,
  MAX_OBJECTS_ANSWER_BYTES,
  MAX_OBJECTS_PER_REQUEST,
} from '#core/limits.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { providerCid } from '#objects/object-cid.ts'
import { formatObjectId, type ObjectId, objectIdKey } from '#objects/object-id.ts'
import type { ObjectHead, ObjectStore, PutResult, StoredObject } from '#objects/object-store.ts'
import { ObjectSearch } from './object-search.ts'
import { type ObjectServerInit, serveObjects } from './object-server.ts'
import {
  decodeObjectAnswers,
  decodeOfferAnswer,
  encodeObjectsRequest,
  type ObjectAnswer,
  type ObjectOffer,
} from './protocols/objects.ts'

export type ObjectExchangeErrorCode = 'OBJECT_NOT_FOUND' | 'OBJECT_SOURCE_LIED'

/** The next source is asked when the one before is silent for this long. */
const HEDGE_MS = 700
const ANSWER_TIMEOUT_MS = 15_000
const SEARCH_TIMEOUT_MS = 10_000
/** Own objects that a peer hears of when it connects. */
const MAX_OFFERED_ON_CONNECT = MAX_OBJECTS_PER_REQUEST
/** Codes of answers that no honest peer gives; an old body or one whose delegation ran out may be all that it has. */
const LIES = ['OBJECT_INVALID', 'OBJECT_WRONG_ID', 'OBJECT_FORGED', 'OBJECT_STRANGER', 'OBJECT_UNBOUND']
const MESSAGE_LIES = ['OBJECTS_MESSAGE_INVALID', 'DELEGATION_FORGED', 'DELEGATION_INVALID']

export interface ObjectExchangeComponents {
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  readonly store: Pick<ObjectStore, 'get' | 'head' | 'own' | 'put'>
  /** peer ids that say by records that they hold an object, this peer's left out */
  readonly findProviders: (cid: CID, signal: AbortSignal) => AsyncIterable<string>
  /** tells the DHT that this peer holds it */
  readonly provide: (cid: CID) => Promise<void>
  /** ms of a round trip, as last measured; undefined for a peer that was not measured */
  readonly roundTripOf: (peer: string) => number | undefined
  readonly timers: Timers
}

export interface ObjectExchangeInit extends Pick<ObjectServerInit, 'wants' | 'isDenied' | 'now'> {
  readonly network: NetworkName
  /** A peer gave what cannot be true: it is not asked for objects any more. */
  readonly onMisbehaviour?: (peer: string, error: AppError) => void
}

export interface FoundObjects {
  /** by objectIdKey */
  readonly found: ReadonlyMap<string, StoredObject>
  /** why the last answer for an id that was not found was refused, by objectIdKey */
  readonly refused: ReadonlyMap<string, AppError>
  /** peers that were asked */
  readonly asked: number
}

export interface AnnounceOptions {
  readonly signal?: AbortSignal
  /** those of them that get provider records: a folder's files are had from whoever gives the folder @default all */
  readonly named?: readonly ObjectId[]
}

/** Objects from and to other peers. */
export interface ObjectExchange {
  /**
   * The own store first, then connected peers by their round trip, then those whose provider records name them ([OB17]).
   * Each answer is verified and stored before it counts.
   */
  find(ids: readonly ObjectId[], options?: { readonly signal?: AbortSignal }): Promise<FoundObjects>
  /** One object. @throws OBJECT_NOT_FOUND, or why the only answers were refused */
  get(id: ObjectId, options?: { readonly signal?: AbortSignal }): Promise<StoredObject>
  /**
   * Offers objects that are here to the peers that are connected, and names them in the DHT. Resolves with the peers that
   * hold all of them.
   */
  announce(ids: readonly ObjectId[], options?: AnnounceOptions): Promise<readonly string[]>
  stop(): void
}

export function createObjectExchange(
  components: ObjectExchangeComponents,
  init: ObjectExchangeInit,
): ObjectExchange {
  return new Exchange(components, init)
}

class Exchange implements ObjectExchange {
  readonly #components: ObjectExchangeComponents
  readonly #init: ObjectExchangeInit
  readonly #protocol: string
  readonly #liars = new Set<string>()
  readonly #stopping = new AbortController()
  readonly #ends: readonly (() => void)[]

  constructor(components: ObjectExchangeComponents, init: ObjectExchangeInit) {
    this.#components = components
    this.#init = init
    this.#protocol = protocolsOf(init.network).objects
    const { transport, store } = components
    const offerOwn = (peer: string) => {
      void this.#offerOwn(peer).catch(() => {}) // it speaks an older version, or left
    }
    this.#ends = [
      serveObjects(
        { requests: transport.requests, store, take: (peer, offers) => this.#take(peer, offers) },
        { ...init, protocol: this.#protocol },
      ),
      transport.neighbours.onConnect(offerOwn),
    ]
    for (const peer of transport.neighbours.connected()) offerOwn(peer)
    void this.#provideOwn().catch(() => {}) // the store failed, which others tell
  }

  async find(
    ids: readonly ObjectId[],
    { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<FoundObjects> {
    signal.throwIfAborted()
    const search = new ObjectSearch(ids)
    for (const id of ids) {
      const here = await this.#components.store.get(id)
      if (here !== undefined) search.add(here)
    }
    if (search.wanted.size > 0) await this.#searchPeers(search, signal)
    signal.throwIfAborted()
    for (const cut of search.cut.values()) search.add(cut)
    return { found: search.found, refused: search.refused, asked: search.asked }
  }

  async get(id: ObjectId, options: { readonly signal?: AbortSignal } = {}): Promise<StoredObject> {
    const { found, refused, asked } = await this.find([id], options)
    const key = objectIdKey(id)
    const object = found.get(key)
    if (object !== undefined) return object
    throw refused.get(key) ?? notFound(id, asked)
  }

  async announce(
    ids: readonly ObjectId[],
    { signal = new AbortController().signal, named = ids }: AnnounceOptions = {},
  ): Promise<readonly string[]> {
    const { store, transport, provide } = this.#components
    const heads: ObjectHead[] = []
    for (const id of ids) {
      const head = await store.head(id)
      if (head?.held !== true) continue
      heads.push(head)
    }
    for (const id of named) void provide(providerCid(id)).catch(() => {}) // told again with the next relay
    const peers = transport.neighbours.connected().filter((peer) => !this.#liars.has(peer))
    const holds = await Promise.all(
      peers.map((peer) => this.#offer(peer, heads, signal).catch(() => false)), // it left, or knows no objects
    )
    signal.throwIfAborted()
    return peers.filter((_, i) => holds[i])
  }

  stop(): void {
    this.#stopping.abort()
    for (const end of this.#ends) end()
  }

  /** Asks source after source, the next one when the last is silent for too long, until nothing is missing. */
  async #searchPeers(search: ObjectSearch, signal: AbortSignal): Promise<void> {
    const done = new AbortController()
    const both = AbortSignal.any([signal, done.signal, this.#stopping.signal])
    const running = new Set<Promise<void>>()
    for await (const peer of this.#sources(search, both)) {
      search.asked += 1
      const asking = this.#ask(peer, search, both).then(() => {
        running.delete(asking)
        if (search.wanted.size === 0) done.abort()
      })
      running.add(asking)
      await Promise.race([asking, this.#hedge(both)])
      if (both.aborted) return
    }
    await Promise.all(running)
  }

  /** Connected peers, the nearest first, then holders that the DHT knows. */
  async *#sources(search: ObjectSearch, signal: AbortSignal): AsyncGenerator<string> {
    const { transport, findProviders, roundTripOf } = this.#components
    const rtt = (peer: string) => roundTripOf(peer) ?? Number.POSITIVE_INFINITY
    const near = transport.neighbours.connected().filter((peer) => !this.#liars.has(peer))
    const asked = new Set(near.sort((a, b) => compareNumbers(rtt(a), rtt(b))).slice(0, MAX_OBJECT_NEIGHBOURS))
    yield* asked
    const limited = AbortSignal.any([signal, AbortSignal.timeout(SEARCH_TIMEOUT_MS)])
    const most = asked.size + MAX_OBJECT_PROVIDERS
    for (const id of [...search.wanted.values()]) {
      try {
        for await (const peer of findProviders(providerCid(id), limited)) {
          if (asked.has(peer) || this.#liars.has(peer)) continue
          asked.add(peer)
          yield peer
          if (asked.size >= most || !search.wanted.has(objectIdKey(id))) break
        }
      } catch {
        if (signal.aborted) return // without a relay nobody knows providers
      }
      if (asked.size >= most || limited.aborted) return
    }
  }

  /** Never rejects: a source that fails is one of many. */
  async #ask(peer: string, search: ObjectSearch, signal: AbortSignal): Promise<void> {
    try {
      await this.#fetch(peer, [...search.wanted.values()], {
        signal,
        onFound: (found) => search.hear(found),
        onRefused: (id, error) => search.refused.set(objectIdKey(id), error),
      })
    } catch {
      // it left, is slow, or does not speak of objects
    }
  }

  /** Takes what a peer offered; true for each that is here afterwards. */
  async #take(peer: string, offers: readonly ObjectOffer[]): Promise<ReadonlySet<string>> {
    const held = new Set<string>()
    if (this.#liars.has(peer)) return held
    const offered = new Map(offers.map(({ id, bytes }) => [objectIdKey(id), bytes]))
    const ids = offers.map(({ id }) => id)
    await this.#fetch(peer, ids, {
      signal: this.#stopping.signal,
      // what grew since is offered again; who says less than it gives would pass every bound
      isFit: (id, bytes) => bytes.length <= (offered.get(objectIdKey(id)) ?? 0),
      onFound({ id, status }) {
        if (status !== 'unkept') held.add(objectIdKey(id))
      },
      onRefused() {},
    })
    return held
  }

  /** Asks one peer, as long as it has more than fits an answer. */
  async #fetch(peer: string, ids: readonly ObjectId[], heard: Heard): Promise<void> {
    let asked = ids
    while (asked.length > 0) {
      const batch = asked.slice(0, MAX_OBJECTS_PER_REQUEST)
      const answers = await this.#request(peer, batch, heard.signal)
      const later = batch.filter((_, i) => answers[i] === 'later')
      for (const [i, id] of batch.entries()) {
        const answer = answers[i] as ObjectAnswer
        if (typeof answer === 'string' || heard.isFit?.(id, answer) === false) continue
        await this.#check(peer, id, answer, heard)
      }
      if (later.length === batch.length) return // it gives no more for now
      asked = [...later, ...asked.slice(MAX_OBJECTS_PER_REQUEST)]
    }
  }

  async #request(
    peer: string,
    ids: readonly ObjectId[],
    signal: AbortSignal,
  ): Promise<readonly ObjectAnswer[]> {
    const { requests } = this.#components.transport
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)])
    const request = encodeObjectsRequest({ kind: 'get', ids })
    const frames = requests.request(peer, this.#protocol, request, { signal: limited })
    try {
      return await decodeObjectAnswers(frames, ids.length)
    } catch (error) {
      this.#judge(peer, error)
      throw error
    }
  }

  async #check(peer: string, id: ObjectId, bytes: Uint8Array, { onFound, onRefused }: Heard): Promise<void> {
    try {
      onFound(await this.#components.store.put(bytes, { requested: id }))
    } catch (error) {
      if (!isAppError(error)) throw error
      const lie = this.#judge(peer, error)
      onRefused(id, lie ?? error)
      if (lie !== undefined) throw lie // nothing more is taken of it
    }
  }

  /** A lie is named and its teller asked no more. */
  #judge(peer: string, error: unknown): AppError | undefined {
    if (!isAppError(error) || ![...LIES, ...MESSAGE_LIES].includes(error.code)) return undefined
    const lie = new AppError<ObjectExchangeErrorCode>(
      'OBJECT_SOURCE_LIED',
      `Peer …${peer.slice(-6)} gave an object that cannot be true: ${error.message} It is not asked again.`,
      { cause: error, details: { peer, code: error.code } },
    )
    const [oldest] = this.#liars
    if (this.#liars.size >= MAX_KNOWN_PEERS && oldest !== undefined) this.#liars.delete(oldest)
    this.#liars.add(peer)
    this.#init.onMisbehaviour?.(peer, lie)
    return lie
  }

  /** True when the peer holds all of them afterwards. */
  async #offer(peer: string, heads: readonly ObjectHead[], signal: AbortSignal): Promise<boolean> {
    const { requests } = this.#components.transport
    let all = heads.length > 0
    for (const offers of batches(heads)) {
      const limited = AbortSignal.any([
        signal,
        this.#stopping.signal,
        AbortSignal.timeout(2 * ANSWER_TIMEOUT_MS),
      ])
      const request = encodeObjectsRequest({ kind: 'offer', offers })
      let held: readonly boolean[] = []
      for await (const frame of requests.request(peer, this.#protocol, request, { signal: limited })) {
        held = decodeOfferAnswer(frame, offers.length)
      }
      all &&= held.length > 0 && held.every(Boolean)
    }
    return all
  }

  /** Who came lately may be the relay that keeps them ([RE5]), or hold older ones. */
  async #offerOwn(peer: string): Promise<void> {
    const own = (await this.#components.store.own()).slice(0, MAX_OFFERED_ON_CONNECT)
    await this.#offer(peer, own, this.#stopping.signal)
  }

  /** [NE4] What earlier pages of the profile put is found again by others. */
  async #provideOwn(): Promise<void> {
    for (const { id } of (await this.#components.store.own()).slice(0, MAX_OFFERED_ON_CONNECT)) {
      if (this.#stopping.signal.aborted) return
      await this.#components.provide(providerCid(id)).catch(() => {}) // told again with the next relay
    }
  }

  #hedge(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const end = () => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = this.#components.timers.after(HEDGE_MS, end)
      signal.addEventListener('abort', end, { once: true })
    })
  }
}

interface Heard {
  readonly signal: AbortSignal
  /** @default all are */
  readonly isFit?: (id: ObjectId, bytes: Uint8Array) => boolean
  readonly onFound: (found: PutResult) => void
  readonly onRefused: (id: ObjectId, error: AppError) => void
}

/** Offers of which each can be taken with one answer. */
function* batches(heads: readonly ObjectHead[]): Generator<readonly ObjectOffer[]> {
  let batch: ObjectOffer[] = []
  let bytes = 0
  for (const { id, seen, bytes: size } of heads) {
    if (batch.length === MAX_OBJECTS_PER_REQUEST || bytes + size > MAX_OBJECTS_ANSWER_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push({ id, updated: seen?.updated ?? 0n, bytes: size })
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** Infinity − Infinity is no number. */
function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b
}

function notFound(id: ObjectId, asked: number): AppError<ObjectExchangeErrorCode> {
  const who = asked === 0 ? 'nobody is connected that could be asked' : `none of ${asked} peers has it`
  return new AppError(
    'OBJECT_NOT_FOUND',
    `Nobody has the object ${formatObjectId(id)} now: it is not here, and ${who}. Try again when its owner is online.`,
    { details: { asked } },
  )
}
