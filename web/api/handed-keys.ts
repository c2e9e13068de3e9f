import type { Signal } from '@preact/signals'
import { type Bytes, utf8 } from '#core/bytes.ts'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { RecordStore } from '#core/record-store.ts'
import { every, type Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { formatObjectId, type ObjectId, parseObjectId } from '#objects/object-id.ts'
import type { ObjectKeyStore } from '#objects/object-key-store.ts'
import {
  decodeDepositAnswer,
  type KeyDeposit,
  type KeyDepositAnswer,
  signKeyDeposit,
} from '#peer/protocols/key-deposit.ts'
import { KEY_GRANT_SECONDS, signKeyGrant } from '#peer/protocols/key-grant.ts'
import { apiError } from './errors.ts'
import type { FilesState, HandedKey } from './object-types.ts'

const ANSWER_TIMEOUT_MS = 10_000
/** A relay is told anew once a day that it may: what it lost, it has again then. */
const RENEW_MS = 86_400_000
/** A page that stays open for months looks this often whether it is time. */
const LOOK_MS = 3_600_000
const RECORD = 'objects/handed/'
const LOCK = 'handed-keys'

export interface HandedKeysComponents {
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  /** of the profile */
  readonly keys: Pick<ObjectKeyStore, 'get'>
  readonly store: Pick<RecordStore, 'put' | 'delete' | 'entries' | 'exclusive'>
  readonly identity: () => Promise<Identity>
  /** the encoded desc of an own object */
  readonly descOf: (id: ObjectId) => Promise<Bytes | undefined>
  /** peer ids of the relays that are connected */
  readonly relays: () => readonly string[]
  /** the one of them that the page came with, or its person added: only by their word another one gets a key */
  readonly ownRelay: () => string | undefined
  /** A relay has the key of an own object: its bytes are of use there too. */
  readonly onKept?: (relay: string, id: string) => unknown
  /** written here: what relays were given */
  readonly state: Signal<FilesState>
  readonly timers: Timers
}

export interface HandedKeysInit {
  readonly network: NetworkName
  /** own, text form */
  readonly peerId: string
  /** unix ms @default Date.now */
  readonly now?: () => number
}

/** What a relay said, or that it does not speak of keys. */
type Answer = KeyDepositAnswer | { readonly kind: 'keyless' }

interface Told {
  /** undefined when there was none that can be read */
  readonly answer: Answer | undefined
}

/** The keys of own restricted objects that relays were given to hand out ([CH7]), by this profile. */
export interface HandedKeys {
  /** @throws OBJECT_INVALID, OBJECT_NOT_PUBLISHED, KEY_RELAY_NONE, KEY_RELAY_REFUSED */
  give(id: string, relay?: string): Promise<HandedKey>
  /**
   * From one relay, or from all. A relay that is not here is told when it is met; what it holds ends by itself.
   *
   * @throws OBJECT_INVALID, KEY_RELAY_REFUSED
   */
  take(id: string, relay?: string): Promise<void>
  /** It is to be taken from all, also when this page ends before it is. */
  leave(id: string): Promise<void>
  /** The object was published for others since: relays that have its key are told as soon as they can be. */
  changed(id: string): Promise<void>
  /** Reads what earlier pages gave, and tells relays from now on what they have not heard yet. */
  start(): Promise<void>
  stop(): void
}

export function createHandedKeys(components: HandedKeysComponents, init: HandedKeysInit): HandedKeys {
  const { transport, keys, store, identity, descOf, relays, ownRelay, onKept, state, timers } = components
  const { network, peerId, now = Date.now } = init
  const machine = machineOf(network)
  const protocol = protocolsOf(network).keyDeposit
  const looking = new Set<string>()
  const stops: (() => void)[] = []
  let isStopped = false

  const all = () => state.peek().handed
  const of = (id: string) => all().filter((handed) => handed.id === id)
  const find = ({ id, relay }: Pick<HandedKey, 'id' | 'relay'>) =>
    all().find((handed) => handed.id === id && handed.relay === relay)

  async function load(): Promise<void> {
    const handed: HandedKey[] = []
    for await (const { value } of store.entries(RECORD)) {
      const item = parseHanded(value)
      if (item !== undefined) handed.push(item)
    }
    state.value = { ...state.peek(), handed }
  }

  /** No tab tells a relay anything beside anything else, and each task begins and ends with what the records say. */
  const inTurn = <T>(task: () => Promise<T>): Promise<T> =>
    store.exclusive(LOCK, async () => {
      await load()
      return task().finally(load)
    })

  const put = (handed: HandedKey) => store.put([{ key: keyOf(handed), value: utf8(JSON.stringify(handed)) }])
  const drop = (handed: HandedKey) => store.delete([keyOf(handed)])

  /** undefined when the relay gives no answer that can be read */
  async function ask(relay: string, deposit: KeyDeposit): Promise<Answer | undefined> {
    const request = await signKeyDeposit(deposit, { machine, from: peerId, to: relay }, await identity())
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    try {
      for await (const frame of transport.requests.request(relay, protocol, request, { signal }))
        return decodeDepositAnswer(frame)
    } catch (error) {
      if (((error as Error).cause as Error | undefined)?.name === 'UnsupportedProtocolError')
        return { kind: 'keyless' }
    }
    return undefined
  }

  /** What a relay is given; undefined for what was not published for some from here. */
  async function ownOf(id: ObjectId) {
    const [known, desc] = [await keys.get(id), await descOf(id)]
    if (known?.readers === undefined || desc === undefined) return undefined
    return { desc, key: known.key, readers: known.readers }
  }

  /** The record is there before the relay has the key: what is given without an answer is taken back or given again. */
  async function giveTo(relay: string, text: string): Promise<Told & { readonly handed: HandedKey }> {
    const id = parseObjectId(text)
    const own = await ownOf(id)
    if (own === undefined) throw notMine(text)
    const until = Math.floor(now() / 1_000) + KEY_GRANT_SECONDS
    const grant = await signKeyGrant({ machine, id, holder: relay, until }, await identity())
    const old = find({ id: text, relay })
    const handed = { id: text, relay, until: until * 1_000, payers: old?.payers ?? false }
    await put({ ...handed, ...(old === undefined || old.leaving ? { leaving: true } : { stale: true }) })
    const answer = await ask(relay, { kind: 'give', ...own, grant })
    if (answer?.kind === 'kept') {
      const kept = { ...handed, payers: answer.sells }
      await put(kept)
      onKept?.(relay, text)
      return { answer, handed: kept }
    }
    if (answer !== undefined) await (old === undefined ? drop(handed) : put(old))
    return { answer, handed }
  }

  async function takeFrom(handed: HandedKey): Promise<Told> {
    await put({ ...handed, leaving: true }) // first, so that it is not forgotten with the page
    const answer = await ask(handed.relay, { kind: 'take', id: parseObjectId(handed.id) })
    if (answer?.kind === 'gone') await drop(handed)
    return { answer }
  }

  /** Tells a relay what it has not heard yet of one key. Can it be told of the next one? */
  async function tell(each: HandedKey): Promise<boolean> {
    const handed = find(each)
    if (handed === undefined || !isUntold(handed)) return true
    const isMine = (await ownOf(parseObjectId(handed.id))) !== undefined
    const { answer } = await (handed.leaving || !isMine ? takeFrom(handed) : giveTo(handed.relay, handed.id))
    return answer !== undefined && answer.kind !== 'busy'
  }

  /** Tells one relay what it has not heard yet; whatever it does not take now is told when it is met again. */
  async function look(relay: string): Promise<void> {
    if (looking.has(relay)) return
    looking.add(relay)
    try {
      for (const handed of all().filter((each) => each.relay === relay && isUntold(each))) {
        // whatever fails here for one key says nothing of the others
        const goesOn = await inTurn(() => tell(handed)).catch(() => true)
        if (isStopped || !goesOn) return
      }
    } finally {
      looking.delete(relay)
    }
  }

  const isDue = ({ until }: HandedKey) => until - now() < KEY_GRANT_SECONDS * 1_000 - RENEW_MS
  const isUntold = (handed: HandedKey) => handed.leaving || handed.stale || isDue(handed)
  /** What ended while it could not be taken back is gone by itself. */
  const isOver = ({ until, leaving }: HandedKey) => leaving === true && until <= now()

  async function lookAtAll(): Promise<void> {
    await inTurn(async () => {
      for (const handed of all().filter(isOver)) await drop(handed)
    })
    await Promise.all(relays().map(look))
  }

  return {
    async give(text, relay = ownRelay()) {
      const id = formatObjectId(parseObjectId(text))
      if (relay === undefined) throw noRelay()
      const { answer, handed } = await inTurn(() => giveTo(relay, id))
      if (answer?.kind !== 'kept') throw refused(relay, answer)
      return handed
    },
    async take(text, relay) {
      const id = formatObjectId(parseObjectId(text))
      await inTurn(async () => {
        const given = of(id).filter((handed) => relay === undefined || handed.relay === relay)
        const told = await Promise.all(given.map(async (handed) => ({ handed, ...(await takeFrom(handed)) })))
        for (const { handed, answer } of told) {
          const isLater = answer === undefined || answer.kind === 'keyless' // `look` tells it
          if (!isLater && answer.kind !== 'gone') throw refused(handed.relay, answer)
        }
      })
    },
    leave: (id) =>
      inTurn(async () => {
        for (const handed of of(id)) await put({ ...handed, leaving: true })
      }),
    async changed(id) {
      await inTurn(async () => {
        for (const handed of of(id)) await put({ ...handed, stale: true })
      })
      const here = new Set(relays())
      const told = of(id).filter(({ relay }) => here.has(relay))
      await Promise.allSettled(told.map((handed) => inTurn(() => tell(handed))))
    },
    async start() {
      await inTurn(async () => {})
      if (isStopped) return
      stops.push(
        transport.neighbours.onConnect((peer) => void look(peer)),
        every(timers, LOOK_MS, () => void lookAtAll().catch(() => {})), // tried again the next time
      )
      void lookAtAll().catch(() => {})
    },
    stop() {
      isStopped = true
      for (const stop of stops.splice(0)) stop()
    },
  }
}

function keyOf({ id, relay }: HandedKey): string {
  return `${RECORD}${id}/${relay}`
}

/** undefined for a record that cannot be read */
function parseHanded(value: Uint8Array): HandedKey | undefined {
  try {
    const item = JSON.parse(new TextDecoder().decode(value)) as Partial<Record<keyof HandedKey, unknown>>
    const { id, relay, until, payers, leaving, stale } = item
    if (typeof id !== 'string' || typeof relay !== 'string' || typeof until !== 'number') return undefined
    return {
      ...{ id, relay, until, payers: payers === true },
      ...(leaving === true ? { leaving } : {}),
      ...(stale === true ? { stale } : {}),
    }
  } catch {
    return undefined
  }
}

function reasonOf(answer: Answer | undefined): string {
  if (answer === undefined)
    return 'it gave no answer. Try again; a key that it may have got is taken back when you meet it.'
  if (answer.kind === 'keyless') return 'it keeps no keys. Its operator can have it do so by --keys.'
  if (answer.kind === 'refused') return answer.why
  return answer.kind === 'busy'
    ? 'it was told too much at once. Try again in a minute.'
    : 'it did something else.'
}

function refused(relay: string, answer: Answer | undefined): Error {
  return apiError('KEY_RELAY_REFUSED', `The relay …${relay.slice(-6)} did not do so: ${reasonOf(answer)}`)
}

function noRelay(): Error {
  return apiError(
    'KEY_RELAY_NONE',
    'No relay that this page came with, or that you added, is connected. Try again once one is, or name one by its peer id.',
  )
}

function notMine(id: string): Error {
  return apiError(
    'OBJECT_NOT_PUBLISHED',
    `Nothing with the id ${id.slice(0, 60)} was published for some wallets from here. See tabland.state.files.value.`,
  )
}
