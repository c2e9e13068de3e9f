import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHandedKeys, type HandedKeys } from '#api/handed-keys.ts'
import { createFilesState } from '#api/lazy-objects.ts'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import type { Identity } from '#core/identity.ts'
import { encodeDesc, objectIdOfDesc } from '#objects/desc.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import type { ObjectKey } from '#objects/object-key-store.ts'
import { createDesc } from '#objects/object-type.ts'
import { fileType } from '#objects/types/file.ts'
import { createObjectKeys, type ObjectKeys, type WantedKey } from '#peer/object-keys.ts'
import { type KeptKeys, openKeptKeys } from '#relay/kept-keys.ts'
import { handOutKeys, keepKeys, type RelayPayments } from '#relay/key-keeper.ts'
import { fakeIdentity, TEST_NOW } from './identity.ts'
import { createMemoryRecordStore } from './memory-record-store.ts'
import { createFakeNetwork, type FakeNetwork } from './network.ts'
import { randomBytes } from './object-peers.ts'
import { createFakeTimers, type FakeTimers } from './timers.ts'

export const owner = await fakeIdentity(1)
export const reader = await fakeIdentity(2)
export const stranger = await fakeIdentity(3)
export const KEY = new Uint8Array(32).fill(7)

/** A restricted File of somebody, as far as a relay sees it. */
export function fileOf({ delegation }: Identity, size = 3n) {
  const { peopleId } = impliedIdentity(delegation)
  const desc = createDesc(fileType, { length: size, hash: new Uint8Array(32).fill(9) }, { owner: peopleId })
  const id = objectIdOfDesc(desc)
  return { id, text: formatObjectId(id), desc: encodeDesc(desc) }
}

/** What the owner published for the reader. */
export const FILE = fileOf(owner)

/** Its key as an asker wants it, who has paid for a model or not. */
export const wanted = (model?: number): WantedKey => ({
  id: FILE.id,
  owner: impliedIdentity(owner.delegation).peopleId,
  isRight: async (key) => equalBytes(key, KEY),
  ...(model === undefined ? {} : { model: async () => model }),
})

export interface RelayOptions {
  readonly maxKeys?: number
  readonly payments?: RelayPayments | Promise<RelayPayments>
  /** what peers count for @default themselves */
  readonly addressOf?: (peer: string) => string
  readonly denied?: ObjectId
}

export interface OwnerInit {
  readonly readers?: readonly Bytes[]
  /** of a page before this one @default none */
  readonly records?: ReturnType<typeof createMemoryRecordStore>
  /** that are connected @default 'relay' */
  readonly relays?: readonly string[]
  /** those of them that others named @default none */
  readonly told?: readonly string[]
}

/** Owners, relays that keep their keys, and who asks for them, over a network in memory. */
export interface KeyWorld {
  readonly network: FakeNetwork
  readonly timers: FakeTimers
  /** unix ms */
  now: number
  /** A relay that keeps keys; started again under the same name it has those of before. */
  addRelay(name?: string, options?: RelayOptions): Promise<KeptKeys>
  /** The owner's page, with what it has published. */
  addOwner(name: string, init?: OwnerInit): FakeOwner
  addAsker(name: string, identity: Identity, relays?: readonly string[]): ObjectKeys
  stop(): Promise<void>
}

export interface FakeOwner {
  readonly handed: HandedKeys
  readonly state: ReturnType<typeof createFilesState>
  /** what the profile has of the file, and what is waited for after it was read */
  readonly key: { value: ObjectKey | undefined; held?: Promise<void> | undefined }
  readonly records: ReturnType<typeof createMemoryRecordStore>
  /** the connection to the relay ends */
  leave(): void
}

export async function openKeyWorld(): Promise<KeyWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'tabland-keeper-'))
  const network = createFakeNetwork(1n)
  const timers = createFakeTimers()
  const stops: (() => void)[] = []
  const clock = () => world.now
  const initOf = (peerId: string) => ({ network: 'test', peerId, now: clock }) as const
  const connectTo = (name: string, relays: readonly string[]) => {
    const transport = network.add(name)
    for (const relay of relays) network.connect(name, relay)
    return transport
  }

  const world: KeyWorld = {
    network,
    timers,
    now: TEST_NOW,
    async addRelay(
      name = 'relay',
      { maxKeys = 10, payments, denied, addressOf = (peer: string) => peer } = {},
    ) {
      const { requests } = network.add(name)
      const kept = await openKeptKeys({
        folder: join(folder, name),
        ...{ maxBytes: 100_000, maxKeys, maxKeysPerWallet: 10, now: clock, log() {} },
      })
      const components = {
        ...{ requests, kept, addressOf },
        isDenied: (id: ObjectId) => denied !== undefined && equalBytes(id, denied),
        payments: Promise.resolve(payments),
      }
      stops.push(keepKeys(components, initOf(name)), handOutKeys(components, initOf(name)))
      return kept
    },
    addOwner(name, { readers, records = createMemoryRecordStore(), relays = ['relay'], told = [] } = {}) {
      const state = createFilesState()
      const key: FakeOwner['key'] = { value: { key: KEY, readers: readers ?? [owner.neuron, reader.neuron] } }
      const transport = connectTo(name, relays)
      const connected = () => relays.filter((relay) => transport.neighbours.connected().includes(relay))
      const handed = createHandedKeys(
        {
          transport,
          keys: {
            async get(id) {
              const { value, held } = key
              await held
              return equalBytes(id, FILE.id) ? value : undefined
            },
          },
          store: records,
          identity: async () => owner,
          descOf: async () => FILE.desc,
          relays: connected,
          ownRelay: () => connected().find((relay) => !told.includes(relay)),
          state,
          timers,
        },
        initOf(name),
      )
      stops.push(() => handed.stop())
      return { handed, state, key, records, leave: () => network.disconnect(name, 'relay') }
    },
    addAsker(name, identity, relays = ['relay']) {
      const transport = connectTo(name, relays)
      const keys = createObjectKeys(
        {
          // as many tabs as there may be could stand before a relay here
          transport: { ...transport, neighbours: { ...transport.neighbours, connected: () => [] } },
          keys: { get: async () => undefined },
          identity: async () => identity,
          relays: () => relays,
          randomBytes,
          async *findProviders() {},
        },
        initOf(name),
      )
      stops.push(() => keys.stop())
      return keys
    },
    async stop() {
      for (const stop of stops) stop()
      await rm(folder, { recursive: true })
    },
  }
  return world
}
