import type { Signal } from '@preact/signals'
import { type Bytes, utf8 } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { RecordStore } from '#core/record-store.ts'
import { every, type Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { type ObjectId, parseObjectId } from '#objects/object-id.ts'
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

export interface HandedKeysComponents {
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  /** of the profile */
  readonly keys: Pick<ObjectKeyStore, 'get'>
  readonly store: Pick<RecordStore, 'put' | 'delete' | 'entries'>
  readonly identity: () => Promise<Identity>
  /** the encoded desc of an own object */
  readonly descOf: (id: ObjectId) => Promise<Bytes | undefined>
  /** peer ids of the relays that are connected */
  readonly relays: () => readonly string[]
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

/** The keys of own restricted objects that relays were given to hand out ([CH7]), by this profile. */
export interface HandedKeys {
  /** @throws OBJECT_NOT_PUBLISHED, KEY_RELAY_NONE, KEY_RELAY_REFUSED */
  give(id: string, relay?: string): Promise<HandedKey>
  /** From one relay, or from all. A relay that is not here is told when it is met; what it holds ends by itself. */
  take(id: string, relay?: string): Promise<void>
  /** The object was published for others since: relays that have its key are told as soon as they can be. */
  changed(id: string): Promise<void>
  /** Reads what earlier pages gave, and tells relays from now on what they have not heard yet. */
  start(): Promise<void>
  stop(): void
}

export function createHandedKeys(components: HandedKeysComponents, init: HandedKeysInit): HandedKeys {
  const { transport, keys, store, identity, descOf, relays, state, timers } = components
  const { network, peerId, now = Date.now } = init
  const machine = machineOf(network)
  const protocol = protocolsOf(network).keyDeposit
  const looking = new Set<string>()
  const stops: (() => void)[] = []

  const all = () => state.peek().handed
  const of = (id: string) => all().filter((handed) => handed.id === id)

  async function load(): Promise<void> {
    const handed: HandedKey[] = []
    for await (const { value } of store.entries(RECORD)) {
      const item = parseHanded(value)
      if (item !== undefined) handed.push(item)
    }
    state.value = { ...state.peek(), handed }
  }

  let loading: Promise<void> | undefined
  /** What earlier pages gave is known before anything is done with it. */
  const loaded = () => {
    loading ??= load()
    return loading
  }

  async function save(handed: HandedKey): Promise<void> {
    await store.put([{ key: keyOf(handed), value: utf8(JSON.stringify(handed)) }])
    await load()
  }

  /** undefined when the relay does not answer */
  async function ask(relay: string, deposit: KeyDeposit): Promise<KeyDepositAnswer | undefined> {
    const request = await signKeyDeposit(deposit, { machine, from: peerId, to: relay }, await identity())
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    try {
      for await (const frame of transport.requests.request(relay, protocol, request, { signal }))
        return decodeDepositAnswer(frame)
    } catch (error) {
      if (isAppError(error, 'OBJECT_KEY_MESSAGE_INVALID')) throw error
    }
    return undefined
  }

  async function giveTo(relay: string, text: string): Promise<HandedKey> {
    const id = parseObjectId(text)
    const [known, desc] = [await keys.get(id), await descOf(id)]
    if (known?.readers === undefined || desc === undefined) throw notMine(text)
    const until = Math.floor(now() / 1_000) + KEY_GRANT_SECONDS
    const grant = await signKeyGrant({ machine, id, holder: relay, until }, await identity())
    const { key, readers } = known
    const answer = await ask(relay, { kind: 'give', desc, key, readers, grant })
    if (answer?.kind !== 'kept') throw refused(relay, reasonOf(answer))
    const handed = { id: text, relay, until: until * 1_000, payers: answer.sells }
    await save(handed)
    return handed
  }

  async function takeFrom(handed: HandedKey): Promise<void> {
    await save({ ...handed, leaving: true }) // first, so that it is not forgotten with the page
    const answer = await ask(handed.relay, { kind: 'take', id: parseObjectId(handed.id) })
    if (answer === undefined) return // `look` tells it
    if (answer.kind !== 'gone') throw refused(handed.relay, reasonOf(answer))
    await store.delete([keyOf(handed)])
    await load()
  }

  /** Tells one relay what it has not heard yet; whatever it does not take now is told when it is met again. */
  async function look(relay: string): Promise<void> {
    if (looking.has(relay)) return
    looking.add(relay)
    try {
      for (const handed of all().filter((each) => each.relay === relay)) {
        if (handed.leaving) await takeFrom(handed)
        else if (handed.stale || isDue(handed)) await giveTo(relay, handed.id)
      }
    } catch {
      // told by `until`, `stale` and `leaving`
    } finally {
      looking.delete(relay)
    }
  }

  const isDue = ({ until }: HandedKey) => until - now() < KEY_GRANT_SECONDS * 1_000 - RENEW_MS
  /** What ended while it could not be taken back is gone by itself. */
  const isOver = ({ until, leaving }: HandedKey) => leaving === true && until <= now()

  async function lookAtAll(): Promise<void> {
    const over = all().filter(isOver)
    if (over.length > 0) {
      await store.delete(over.map(keyOf))
      await load()
    }
    await Promise.all(relays().map(look))
  }

  return {
    async give(id, relay = relays()[0]) {
      if (relay === undefined)
        throw apiError(
          'KEY_RELAY_NONE',
          'No relay is connected that could be given the key. Try again once one is.',
        )
      await loaded()
      return giveTo(relay, id)
    },
    async take(id, relay) {
      await loaded()
      const given = of(id).filter((handed) => relay === undefined || handed.relay === relay)
      const told = await Promise.allSettled(given.map(takeFrom))
      for (const each of told) if (each.status === 'rejected') throw each.reason
    },
    async changed(id) {
      await loaded()
      for (const handed of of(id)) await save({ ...handed, stale: true })
      const here = new Set(relays())
      await Promise.all(of(id).flatMap(({ relay }) => (here.has(relay) ? [look(relay)] : [])))
    },
    async start() {
      await loaded()
      stops.push(
        transport.neighbours.onConnect((peer) => void look(peer)),
        every(timers, LOOK_MS, () => void lookAtAll().catch(() => {})), // tried again the next time
      )
      void lookAtAll().catch(() => {})
    },
    stop() {
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

function reasonOf(answer: KeyDepositAnswer | undefined): string {
  if (answer === undefined)
    return 'it gave no answer. It may be gone, or keep no keys: its operator has it do so by --keys.'
  if (answer.kind === 'refused') return answer.why
  return answer.kind === 'busy'
    ? 'it was told too much at once. Try again in a minute.'
    : 'it did something else.'
}

function refused(relay: string, why: string): Error {
  return apiError('KEY_RELAY_REFUSED', `The relay …${relay.slice(-6)} did not do so: ${why}`)
}

function notMine(id: string): Error {
  return apiError(
    'OBJECT_NOT_PUBLISHED',
    `Nothing with the id ${id.slice(0, 60)} was published for some wallets from here. See tabland.state.files.value.`,
  )
}
