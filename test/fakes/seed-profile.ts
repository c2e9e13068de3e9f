import { type ReadonlySignal, signal } from '@preact/signals'
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import type { NetworkState } from '#api/network-types.ts'
import type { SeedNetwork } from '#api/seed-network.ts'
import { createSeeder } from '#api/seeder.ts'
import type { Seeder, SeederInit } from '#api/seeder-types.ts'
import { type Bytes, collectBytes } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { BlockMoved, Copies, HolderProof, KeepAnswer } from '#core/seeding.ts'
import { createContent } from '#peer/content.ts'
import type { LivingTabs, ProfileTabs, SeedNews } from '#seed/profile-tabs.ts'
import { type Disk, MemoryProfile } from '#test/web/seed/blockstore/memory-folder.ts'
import { openSegmentStore, type SegmentStore } from '#test/web/seed/blockstore/segment-store.ts'
import { createContentFetcher } from './content-fetcher.ts'
import { createMemoryRecordStore } from './memory-record-store.ts'
import { createFakeTimers, type FakeTimers } from './timers.ts'

export interface FakeSeedTab {
  readonly seeder: Seeder
  readonly blocks: SegmentStore
  readonly timers: FakeTimers
  readonly caps: { upload: number | undefined; download: number | undefined }
  readonly provided: string[]
  readonly copies: FakeCopies
  readonly content: ReturnType<typeof createContent>
  shown: boolean
  move(moved: BlockMoved): void
  connect(): void
  join(): void
  /** Lets time pass until everything that falls due was done. */
  pass(ms: number): Promise<void>
  /** Lets time pass until something is so; hashing runs on other threads, as long as it takes. */
  until(isSo: () => boolean): Promise<void>
  /** The tab is gone without a word. */
  crash(): void
  stop(): Promise<void>
}

export interface FakeCopies extends Copies {
  holders: readonly HolderProof[]
  liars: readonly string[]
  answers: readonly KeepAnswer[]
  readonly asked: { root: string; bytes: number; wanted: number }[]
  readonly checked: string[]
}

/** What outlives tabs, and the clock. */
export interface FakeProfile {
  readonly disk: Disk
  readonly records: ReturnType<typeof createMemoryRecordStore>
  /** unix ms */
  now: number
  /** blocks that peers have */
  remote: MemoryBlockstore
  grantedBytes: number | undefined
  persisted: boolean
  readonly ranks: Map<string, number>
  readonly distances: Map<string, number>
  readonly failures: unknown[]
  /** tabs hear nothing of one another, as when messages are late */
  isMute: boolean
  /** called before the store lists its blocks */
  beforeList: () => Promise<void>
  /** called before a block is fetched from peers */
  beforeFetch: (cid: CID) => Promise<void>
  open(init?: Partial<SeederInit> & { readonly joined?: boolean }): Promise<FakeSeedTab>
}

/** The disk in memory copies a file at each write: short ones keep that quick. */
const SEGMENT_BYTES = 2 * 1024 * 1024

/** half a minute */
const MAX_TRIES = 60

export const NOON = 1_795_132_800_000

const NETWORK: NetworkState = {
  network: 'local',
  peerId: 'me',
  mode: 'direct',
  join: { phase: 'ready', progress: 1 },
  relays: [],
  peers: [{ peerId: 'other', transport: 'webrtc', kind: 'tab', lastSeen: NOON }],
}

/** A profile whose tabs share a disk, records, locks and news; peers are a blockstore. */
export function createFakeProfile(disk: Disk = new Map()): FakeProfile {
  const memory = new MemoryProfile()
  const tabs = new Map<string, { listeners: ((news: SeedNews) => void)[]; tab: { shown: boolean } }>()
  let next = 0
  const profile: FakeProfile = {
    disk,
    records: createMemoryRecordStore(),
    now: NOON,
    remote: new MemoryBlockstore(),
    grantedBytes: undefined,
    persisted: false,
    ranks: new Map(),
    distances: new Map(),
    failures: [],
    isMute: false,
    beforeList: async () => {},
    beforeFetch: async () => {},
    async open({ joined = true, ...init } = {}) {
      const id = `tab-${next++}`
      let seeder: Seeder | undefined
      const blocks = await openSegmentStore({
        disk,
        profile: memory,
        segmentBytes: SEGMENT_BYTES,
        onDamage: (cid) => seeder?.damaged(CID.parse(cid.toString())),
      })
      const timers = createFakeTimers()
      const own = { shown: true }
      const crash = Promise.withResolvers<never>()
      crash.promise.catch(() => {})
      const entry = { listeners: [] as ((news: SeedNews) => void)[], tab: own }
      tabs.set(id, entry)
      const profileTabs: ProfileTabs = {
        tab: id,
        living: async (): Promise<LivingTabs> => ({
          tabs: new Set(tabs.keys()),
          shown: [...tabs.values()].some(({ tab }) => tab.shown),
        }),
        post(news) {
          if (!tabs.has(id) || profile.isMute) return
          for (const [other, { listeners }] of tabs)
            if (other !== id) for (const hear of listeners) hear(news)
        },
        onNews: (listener) => entry.listeners.push(listener),
        stop: () => tabs.delete(id),
      }
      seeder = createSeeder({
        blocks: {
          blockstore: blocks.blockstore,
          stats: () => blocks.engine.stats(),
          limitDisk: (bytes) => blocks.engine.limitDisk(bytes),
          list: () => profile.beforeList().then(() => blocks.engine.list()),
        },
        store: openRecords(profile.records, crash.promise),
        tabs: profileTabs,
        persistence: {
          estimate: async () => (profile.grantedBytes === undefined ? {} : { quota: profile.grantedBytes }),
          persisted: async () => profile.persisted,
          async persist() {
            profile.persisted = true
            return true
          },
        },
        timers,
        now: () => profile.now,
        random: () => 0.5,
        newId: () => `id-${next++}`,
        rankShare: async (cid) => profile.ranks.get(cid),
        parcelsAway: (cid) => profile.distances.get(cid),
        ownAddress: () => '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
        onFailure: (error) => tabs.has(id) && profile.failures.push(error), // a crashed tab tells nobody
        ...init,
      })
      const tab = joinTab({
        profile,
        seeder,
        blocks,
        timers,
        own,
        id,
        tabs,
        crash: () => crash.reject(new Error('crashed')),
      })
      if (joined) tab.join()
      return tab
    },
  }
  return profile
}

/** The records as one tab uses them: when it crashes its locks fall and it writes no more. */
function openRecords(records: RecordStore, crashed: Promise<never>): RecordStore {
  const orCrash = <T>(work: Promise<T>) => Promise.race([work, crashed])
  return {
    get: (key) => orCrash(records.get(key)),
    put: (entries) => orCrash(Promise.resolve().then(() => records.put(entries))),
    delete: (keys) => orCrash(Promise.resolve().then(() => records.delete(keys))),
    entries: (prefix) => records.entries(prefix),
    exclusive: (name, task) => records.exclusive(name, () => orCrash(task())),
    close: async () => {},
  }
}

interface JoinTabInit {
  readonly profile: FakeProfile
  readonly seeder: Seeder
  readonly blocks: SegmentStore
  readonly timers: FakeTimers
  readonly own: { shown: boolean }
  readonly id: string
  readonly tabs: Map<string, unknown>
  readonly crash: () => void
}

function joinTab({ profile, seeder, blocks, timers, own, id, tabs, crash }: JoinTabInit): FakeSeedTab {
  const state: ReadonlySignal<NetworkState> = signal(NETWORK)
  const listeners = new Set<(moved: BlockMoved) => void>()
  const connects = new Set<() => void>()
  const caps: FakeSeedTab['caps'] = { upload: undefined, download: undefined }
  const provided: string[] = []
  const store = networked(profile, seeder)
  const content = createContent({ helia: { blockstore: store }, provide: async () => {} })
  const copies: FakeCopies = {
    holders: [],
    liars: [],
    answers: [],
    asked: [],
    checked: [],
    async check(root) {
      this.checked.push(root)
      return { holders: this.holders, liars: this.liars }
    },
    async askToKeep(request) {
      this.asked.push(request)
      return this.answers
    },
  }
  const network: SeedNetwork = {
    state,
    content,
    traffic: {
      onBlock(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    caps: {
      setUploadCap: (rate) => {
        caps.upload = rate
      },
      setDownloadCap: (rate) => {
        caps.download = rate
      },
    },
    fetcher: createContentFetcher(content),
    copies,
    provide: async (cid) => {
      provided.push(cid)
    },
    onConnect(listener) {
      connects.add(listener)
      return () => connects.delete(listener)
    },
  }
  return {
    seeder,
    blocks,
    timers,
    caps,
    provided,
    copies,
    content,
    get shown() {
      return own.shown
    },
    set shown(shown) {
      own.shown = shown
    },
    move: (moved) => {
      for (const hear of listeners) hear(moved)
    },
    connect: () => {
      for (const hear of connects) hear()
    },
    join: () => seeder.join(network),
    async pass(ms) {
      for (let left = ms; left > 0; left -= 500) {
        profile.now += Math.min(500, left)
        timers.advance(Math.min(500, left))
        await settle()
      }
    },
    async until(isSo) {
      for (let tries = 0; !isSo(); tries++) {
        if (tries === MAX_TRIES) throw new Error(`not so after ${MAX_TRIES / 2} s: ${isSo}`)
        await this.pass(500)
      }
    },
    crash() {
      tabs.delete(id)
      crash()
      blocks.crash()
    },
    async stop() {
      await seeder.stop()
      await blocks.close()
    },
  }
}

/** The seeder's store, and behind it what peers have. */
function networked(profile: FakeProfile, { blockstore }: Pick<Seeder, 'blockstore'>) {
  return {
    has: blockstore.has.bind(blockstore),
    put: blockstore.put.bind(blockstore),
    async *get(cid: CID, options: { offline?: boolean; signal?: AbortSignal } = {}): AsyncGenerator<Bytes> {
      options.signal?.throwIfAborted()
      if (await blockstore.has(cid)) {
        const found = await collectBytes(blockstore.get(cid)).catch(() => undefined)
        if (found !== undefined) {
          yield found
          return
        }
      }
      if (options.offline || !(await profile.remote.has(cid))) throw new Error(`no peer has ${cid}`)
      await orAbort(profile.beforeFetch(cid), options.signal)
      const block = await collectBytes(profile.remote.get(cid))
      await blockstore.put(cid, block)
      yield block
    },
  }
}

/** Work that cannot be broken off is left to end by itself. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  if (signal?.aborted) reject(signal.reason)
  return Promise.race([work, promise])
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Stores a content at the peers and returns its root. */
export async function putRemote({ remote }: FakeProfile, bytes: Uint8Array): Promise<string> {
  const content = createContent({ helia: { blockstore: remote }, provide: async () => {} })
  return (await content.add(bytes)).cid
}

/** Content that no other seed makes, in blocks of 256 KiB. */
export function makeContent(bytes: number, seed: number): Bytes {
  const content = new Uint8Array(bytes)
  let state = (seed + 1) * 0x9e3779b1
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    content[at] = state >>> 24
  }
  return content
}
