import { type Signal, signal } from '@preact/signals'
import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import { formatBytes } from '#core/format-bytes.ts'
import { MAX_PROVIDED } from '#core/limits.ts'
import { AUTO_PIN_BYTES, type DecideKeep, type WalletPin } from '#core/seeding.ts'
import type { ObjectBlockStore } from '#objects/object-store.ts'
import type { Addable, AddedFolder, FolderFile } from '#peer/add-source.ts'
import { toKey } from '#seed/blockstore/block-key.ts'
import { type Chores, takeChores } from '#seed/chores.ts'
import { CopiesWatch } from '#seed/copies-watch.ts'
import { seedError } from '#seed/errors.ts'
import { Fetches } from '#seed/fetches.ts'
import { HALF_ADDED_MS } from '#seed/half-added.ts'
import { TrafficHistory } from '#seed/history.ts'
import { newRoot } from '#seed/kept-root.ts'
import { Notices } from '#seed/notices.ts'
import { createObjectBlocks } from '#seed/object-block-store.ts'
import type { SeedNews } from '#seed/profile-tabs.ts'
import { pruneRoots } from '#seed/prune-roots.ts'
import { Scrub } from '#seed/scrub.ts'
import { AddTransfers } from './seed-adding.ts'
import { SeedDamage } from './seed-damage.ts'
import type { Joined, SeedNetwork } from './seed-network.ts'
import { type SeedAddOptions, SeedPins } from './seed-pins.ts'
import { SeedStorage } from './seed-storage.ts'
import { applyCaps, SeedTraffic } from './seed-traffic.ts'
import { EMPTY_SEED_STATE, type SeedItem, type SeedState } from './seed-types.ts'
import { type SeedViewComponents, viewItem, viewSeed } from './seed-view.ts'
import { WalletPins } from './seed-wallet-pins.ts'
import type { SeedCommands, Seeder, SeederInit } from './seeder-types.ts'
import type { Added, AddOptions, Failure } from './types.ts'

/** A person sees changes this often at most; other tabs hear of blocks as often. */
const REFRESH_MS = 500
/** Uses are written down, other tabs looked at and missing pins found this often. */
const TURN_MS = 5_000

/** Reads what the profile keeps and looks after it. The store works at once; commands wait for `join`. */
export function createSeeder(init: SeederInit): Seeder {
  return new ProfileSeeder(init)
}

class ProfileSeeder implements Seeder {
  readonly state: Signal<SeedState> = signal(EMPTY_SEED_STATE)
  readonly #init: SeederInit
  readonly #storage: SeedStorage
  readonly #adding: AddTransfers
  readonly #history: TrafficHistory
  readonly #traffic: SeedTraffic
  readonly #notices = new Notices()
  readonly #damage: SeedDamage
  readonly #pins: SeedPins
  readonly #walletPins: WalletPins
  readonly #scrub: Scrub
  readonly #started: Promise<void>
  readonly #joined = Promise.withResolvers<Joined>()
  readonly #ends: (() => void)[] = []
  #network: Joined | undefined
  #chores: Chores | undefined
  #refreshing: (() => void) | undefined
  #turning: (() => void) | undefined
  /** tabs that were open when they were last looked at */
  #living: ReadonlySet<string> = new Set()
  /** before that all would look as if nothing of it were here */
  #isRead = false
  #stopped = false

  constructor(init: SeederInit) {
    this.#init = init
    const { store, tabs, now, ownAddress } = init
    const onChange = () => this.#changed()
    this.#storage = new SeedStorage({ ...init, onChange })
    const { kept } = this.#storage
    this.#adding = new AddTransfers({ kept, tabs, now, onChange })
    this.#history = new TrafficHistory({ store, now })
    this.#traffic = new SeedTraffic({ kept, history: this.#history, now })
    this.#damage = new SeedDamage({ kept, notices: this.#notices, onChange })
    this.#started = this.#start()
    this.#started.catch(init.onFailure)
    const joined = () => this.#started.then(() => this.#joined.promise)
    const shared = { storage: this.#storage, joined, now }
    this.#pins = new SeedPins({ ...shared, adding: this.#adding, ownAddress })
    const capBytes = init.autoPinBytes ?? AUTO_PIN_BYTES
    this.#walletPins = new WalletPins({ ...shared, notices: this.#notices, onChange, capBytes })
    this.#scrub = new Scrub({
      ...init,
      kept,
      isMine: () => this.#chores?.isMine() === true,
      onChange,
    })
    tabs.onNews((news) => this.#hear(news))
  }

  get blockstore(): Blockstore {
    return this.#storage.kept.blockstore
  }

  get commands(): SeedCommands {
    const pins = this.#pins
    return {
      pin: async (cid, options = {}) => this.#item(await pins.pin(cid, options)),
      unpin: async (cid) => {
        await pins.unpin(cid)
        this.#refresh()
      },
      drop: async (cid) => {
        await pins.drop(cid)
        this.#refresh()
      },
      check: async (cid, options = {}) =>
        (await pins.check(cid, options)).map((checked) => this.#item(checked)),
      set: async (change) => {
        await this.#started
        const settings = await this.#storage.set(change)
        await this.#applyCaps()
        this.#refresh()
        return settings
      },
      persist: () => this.#storage.persist(),
    }
  }

  async add(source: Addable, options: SeedAddOptions = {}): Promise<Added> {
    return this.#added(await this.#pins.add(source, options))
  }

  async addFolder(files: readonly FolderFile[], options: AddOptions = {}): Promise<AddedFolder> {
    return this.#added(await this.#pins.addFolder(files, options))
  }

  async keepText(cid: string, blocks: readonly string[]): Promise<void> {
    const keys = blocks.map((block) => toKey(CID.parse(block).multihash.bytes))
    await this.#storage.kept.addTexts(cid, keys)
  }

  get objectBlocks(): ObjectBlockStore {
    return createObjectBlocks(this.#storage.kept, this.#init.blocks)
  }

  use(cid: string): () => void {
    return this.#storage.kept.use(cid)
  }

  damaged(cid: CID): void {
    this.#scrub.damaged()
    const roots = this.#damage.found(cid)
    for (const root of roots) void this.#network?.fetches.fetch(root).catch(() => {})
    const single = roots.length === 0 ? this.#damage.singleBlock(cid) : undefined
    // a text or an object: what is not to be had now is fetched when it is asked for
    if (single !== undefined) void this.#network?.fetcher.fetchAll(single).catch(() => {})
  }

  readonly decideKeep: DecideKeep = (request) => this.#pins.decideKeep(request)

  followWallet(pins: readonly WalletPin[]): Promise<void> {
    return this.#walletPins.follow(pins)
  }

  join(network: SeedNetwork): void {
    const { kept } = this.#storage
    const { timers, now, random, onFailure, store } = this.#init
    const fetches = new Fetches({
      kept,
      fetcher: network.fetcher,
      timers,
      now,
      random,
      describe: failureOf,
      onChange: () => this.#changed(),
      onAdvance: (cid, total) => this.#checkSize(cid, total),
      onWhole: (cid) => {
        this.#damage.whole(cid)
        if (kept.roots.get(cid)?.restricted === true) return
        void network.provide(cid).catch(() => {}) // told again with the next relay
      },
    })
    const watch = new CopiesWatch({
      kept,
      copies: network.copies,
      timers,
      now,
      random,
      wantedCopies: () => this.#storage.settings.wantedCopies,
      isTurn: () => this.#chores?.isMine() === true && this.state.peek().serving.reachablePeers > 0,
      onFailure,
    })
    const joined: Joined = { ...network, fetches, watch }
    this.#network = joined
    this.#ends.push(
      network.traffic.onBlock((moved) => {
        this.#traffic.hear(moved)
        this.#scrub.busy()
        this.#changed()
      }),
      network.onConnect(() => fetches.retry()),
      network.state.subscribe(() => this.#changed()),
      () => fetches.stopAll(),
      () => watch.stop(),
    )
    this.#started.then(
      () => {
        if (this.#stopped) return
        this.#joined.resolve(joined)
        watch.start()
        this.#chores = takeChores(store, () => void this.#takeOver().catch(onFailure))
        void this.#provideAll(joined)
        void this.#turn()
        this.#scrub.start()
      },
      () => {}, // told by onFailure
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#chores?.stop()
    this.#scrub.stop()
    this.#refreshing?.()
    this.#turning?.()
    for (const end of this.#ends.splice(0)) end()
    await this.#started.catch(() => {})
    await this.#writeDown()
    this.#init.tabs.stop()
  }

  async #start(): Promise<void> {
    await this.#storage.start()
    await this.#history.load()
    await this.#scrub.load()
    await this.#adding.look(HALF_ADDED_MS)
    this.#isRead = true
    this.#refresh()
  }

  /** What has to be done again and again, whoever caused it. */
  async #turn(): Promise<void> {
    try {
      await this.#storage.measure()
      await this.#applyCaps()
      await this.#rereadAfterEnds()
      await this.#adding.look(HALF_ADDED_MS)
      const { roots } = this.#storage.kept
      this.#network?.fetches.stopUnpinned((cid) => (roots.get(cid)?.reasons.length ?? 0) > 0)
      this.#scrub.shown = (await this.#init.tabs.living()).shown
      if (this.#chores?.isMine() !== true) await this.#scrub.load()
      else {
        await this.#resumeFetches()
        await pruneRoots(this.#storage.kept, await this.#init.tabs.living())
      }
      await this.#writeDown()
      await this.#storage.room.trim()
    } catch (error) {
      this.#init.onFailure(error)
    }
    if (this.#stopped) return
    this.#changed()
    this.#turning = this.#init.timers.after(TURN_MS, () => void this.#turn())
  }

  async #writeDown(): Promise<void> {
    await this.#storage.kept.flush()
    await this.#history.flush()
    await this.#scrub.flush()
  }

  /** What a tab did in its last half second, before it crashed, was told to nobody. */
  async #rereadAfterEnds(): Promise<void> {
    const { tabs } = await this.#init.tabs.living()
    const isMissed = [...this.#living].some((tab) => !tabs.has(tab))
    this.#living = tabs
    if (isMissed) await this.#storage.kept.reread()
  }

  async #takeOver(): Promise<void> {
    await this.#rereadAfterEnds()
    await this.#resumeFetches()
  }

  /** [SE5] Pins that are not whole and that no tab is at go on: after a reload, a crash, or damage on disk. */
  async #resumeFetches(): Promise<void> {
    const { kept } = this.#storage
    const living = await this.#init.tabs.living()
    for (const { cid, reasons, whole } of [...kept.roots.all()]) {
      if (reasons.length === 0) continue
      this.#checkSize(cid)
      const isWhole = kept.holding(cid)?.whole === true
      if (isWhole) {
        if (!whole) kept.noteWhole(cid)
        continue
      }
      if (whole) this.#damage.missing(cid)
      if (!kept.isBusy(cid, living)) void this.#network?.fetches.fetch(cid).catch(() => {})
    }
  }

  #checkSize(cid: string, total = 0): void {
    this.#pins.checkClaim(cid, total)
    this.#walletPins.checkSize(cid, total)
  }

  /** [NE4] What was kept by earlier pages of the profile is found again by others. */
  async #provideAll({ provide }: Joined): Promise<void> {
    const { kept } = this.#storage
    const pinned = [...kept.roots.all()].filter(
      ({ reasons, restricted }) => reasons.length > 0 && restricted !== true,
    )
    // providing forgets the oldest beyond its bound, so the newest come last
    pinned.sort((a, b) => a.addedAt - b.addedAt)
    for (const { cid } of pinned.slice(-MAX_PROVIDED)) {
      if (this.#stopped) return
      if (kept.holding(cid)?.whole === true) await provide(cid).catch(() => {}) // told again with the next relay
    }
  }

  async #applyCaps(): Promise<void> {
    if (this.#network === undefined) return
    applyCaps(this.#network.caps, this.#storage, await this.#init.tabs.living())
  }

  #hear(news: SeedNews): void {
    if (news.type === 'shown' || news.type === 'hello') void this.#applyCaps().catch(() => {})
    if (news.type !== 'settings') return
    this.#storage
      .reloadSettings()
      .then(() => this.#applyCaps())
      .then(() => this.#changed())
      .catch(this.#init.onFailure)
  }

  #added<T extends Added>(added: T): T {
    this.#damage.whole(added.cid)
    this.#refresh()
    return added
  }

  #changed(): void {
    if (this.#refreshing !== undefined || this.#stopped) return
    this.#refreshing = this.#init.timers.after(REFRESH_MS, () => {
      this.#refreshing = undefined
      this.#refresh()
    })
  }

  #refresh(): void {
    this.#storage.kept.postNews()
    if (!this.#isRead) return
    this.#warnOfFullStore()
    this.state.value = viewSeed(this.#view())
  }

  #warnOfFullStore(): void {
    const pinned = this.#storage.pinnedTotal()
    const quota = this.#storage.quotaBytes
    const failure = seedError(
      'SEED_PINS_EXCEED_QUOTA',
      `What is kept for good takes ${formatBytes(pinned)}, more than the quota of ${formatBytes(quota)}. Nothing of it is deleted. Raise the quota, or unpin something.`,
    )
    this.#notices.set('quota', pinned > quota ? failureOf(failure) : undefined)
  }

  #item(cid: string): SeedItem {
    this.#refresh()
    return viewItem(this.#view(), this.#storage.kept.roots.get(cid) ?? newRoot(cid, this.#init.now()))
  }

  #view(): SeedViewComponents {
    const { kept, settings, quotaBytes, grantedBytes, diskBytes, persisted } = this.#storage
    return {
      kept,
      adding: this.#adding,
      fetches: this.#network?.fetches,
      history: this.#history,
      network: this.#network?.state.peek(),
      settings,
      quotaBytes,
      grantedBytes,
      diskBytes,
      persisted,
      takingPeers: this.#traffic.takingPeers(),
      scrub: this.#scrub.state,
      notices: this.#notices.list,
      worth: (cid) => this.#storage.knownWorth(cid),
    }
  }
}

function failureOf(error: unknown): Failure {
  const { code = 'UNKNOWN', message } = error as { readonly code?: string; readonly message: string }
  return { code, message }
}
