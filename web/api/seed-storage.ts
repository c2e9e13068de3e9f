import { formatBytes } from '#core/format-bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { SeedSettings, SeedSettingsChange } from '#core/seeding.ts'
import { countedBytes } from '#seed/counted-bytes.ts'
import { seedError } from '#seed/errors.ts'
import { Evictor } from '#seed/evict.ts'
import type { KeptRoot } from '#seed/kept-root.ts'
import { type BlocksOfProfile, KeptStore } from '#seed/kept-store.ts'
import { LooseMarks } from '#seed/loose-marks.ts'
import type { ProfileTabs } from '#seed/profile-tabs.ts'
import { Room } from '#seed/room.ts'
import {
  parseChanges,
  quotaInForce,
  type SettingsContext,
  SettingsStore,
  settingsInForce,
} from '#seed/seed-settings.ts'
import { TextList } from '#seed/text-list.ts'
import { RankShares } from './rank-shares.ts'

/** What a browser promises of its storage: `navigator.storage`. */
export interface Persistence {
  estimate(): Promise<{ readonly quota?: number }>
  persisted(): Promise<boolean>
  persist(): Promise<boolean>
}

/** Half of what the quota may be missed by. */
const DISK_SLACK = 1.05

export interface SeedStorageInit {
  readonly blocks: BlocksOfProfile
  readonly store: RecordStore
  readonly tabs: ProfileTabs
  /** absent outside of browsers: nothing is granted, and nothing is taken back */
  readonly persistence?: Persistence | undefined
  /** unix ms */
  readonly now: () => number
  readonly newId: () => string
  /** 0..1; undefined for what nobody linked */
  readonly rankShare: (cid: string) => Promise<number | undefined>
  /** between the visitor and the nearest build that shows it; undefined when there is none */
  readonly parcelsAway: (cid: string) => number | undefined
  readonly onChange: () => void
  readonly onFailure: (error: unknown) => void
}

/** The store with its quota: everything of seeding that needs no network. */
export class SeedStorage {
  readonly kept: KeptStore
  readonly room: Room
  readonly evictor: Evictor
  readonly #init: SeedStorageInit
  readonly #settings: SettingsStore
  readonly #ranks: RankShares
  #grantedBytes: number | undefined
  #persisted = false
  #diskLimit: number | undefined

  constructor(init: SeedStorageInit) {
    this.#init = init
    const { store, tabs, now, onChange, onFailure, parcelsAway } = init
    this.#settings = new SettingsStore(store)
    this.#ranks = new RankShares({ rankShare: init.rankShare, now, onKnown: onChange })
    this.kept = new KeptStore({
      ...init,
      admit: (key, bytes) => this.room.admit(key, bytes),
      failed: (key) => this.room.arrived(key),
      onStored: (key) => this.room.arrived(key),
      onLetGo: () => this.room.loosen(),
    })
    this.evictor = new Evictor({
      kept: this.kept,
      loose: new LooseMarks({ store, now }),
      tabs,
      now,
      rankShare: (cid) => this.#ranks.get(cid),
      parcelsAway,
    })
    this.room = new Room({
      now,
      quotaBytes: () => this.quotaBytes,
      storedBytes: () => this.#countedBytes(),
      holds: (key) => this.kept.holdings.has(key),
      isPinned: (key) => this.kept.holdings.isPinned(key),
      evict: (bytes) => this.evictor.slice(bytes),
      onFailure,
    })
  }

  get settings(): SeedSettings {
    return settingsInForce(this.#context())
  }

  get quotaBytes(): number {
    return quotaInForce(this.#context())
  }

  get grantedBytes(): number | undefined {
    return this.#grantedBytes
  }

  get persisted(): boolean {
    return this.#persisted
  }

  async start(): Promise<void> {
    await this.#settings.load()
    await this.measure()
    this.#limitDisk()
    await this.kept.start()
    await this.room.trim()
  }

  /** Asks the browser what it grants, which changes with the disk. */
  async measure(): Promise<void> {
    const { persistence, onChange } = this.#init
    if (persistence === undefined) return
    const [{ quota }, persisted] = await Promise.all([persistence.estimate(), persistence.persisted()])
    if (quota !== this.#grantedBytes || persisted !== this.#persisted) onChange()
    this.#grantedBytes = quota
    this.#persisted = persisted
    this.#limitDisk()
  }

  async persist(): Promise<boolean> {
    const { persistence } = this.#init
    if (persistence === undefined) return false
    this.#persisted = (await persistence.persist()) || (await persistence.persisted())
    this.#init.onChange()
    return this.#persisted
  }

  /** @throws SEED_SETTING */
  async set(change: SeedSettingsChange): Promise<SeedSettings> {
    const parsed = parseChanges(change, this.#context())
    await this.#settings.change(parsed)
    this.#init.tabs.post({ type: 'settings' })
    this.#limitDisk()
    await this.room.trim()
    return this.settings
  }

  /** Another tab changed them. */
  async reloadSettings(): Promise<void> {
    await this.#settings.load()
    this.#limitDisk()
  }

  /** What is pinned takes when all of it is here; `except` left out. */
  pinnedTotal(except?: string): number {
    const { kept } = this
    let bytes = (kept.holding(TextList.SET)?.heldBytes ?? 0) + kept.objects.bytes()
    for (const root of kept.roots.all()) {
      if (root.reasons.length > 0 && root.cid !== except) bytes += this.sizeOf(root)
    }
    for (const { id, total = 0 } of kept.adding.all()) {
      bytes += Math.max(total, kept.holding(id)?.heldBytes ?? 0)
    }
    return bytes
  }

  sizeOf({ cid, bytes }: Pick<KeptRoot, 'cid' | 'bytes'>): number {
    const holding = this.kept.holding(cid)
    return Math.max(holding?.heldBytes ?? 0, holding?.contentBytes ?? bytes ?? 0)
  }

  /** @throws SEED_PINS_EXCEED_QUOTA when `bytes` more cannot be kept for good */
  assertFits(bytes: number, except?: string): void {
    const pinned = this.pinnedTotal(except)
    const quota = this.quotaBytes
    if (pinned + bytes <= quota) return
    throw seedError(
      'SEED_PINS_EXCEED_QUOTA',
      `This takes ${formatBytes(bytes)} for good; ${formatBytes(pinned)} of the quota's ${formatBytes(quota)} are taken by what is kept already. Raise the quota or unpin something, then try again. Nothing was changed.`,
      { details: { bytes, pinned, quota } },
    )
  }

  #countedBytes(): number {
    const { bytes, diskBytes } = this.#init.blocks.stats()
    // other tabs' blocks are known to the one or the other first
    const liveBytes = Math.max(this.kept.holdings.bytes, bytes)
    return countedBytes({ liveBytes, diskBytes, quotaBytes: this.quotaBytes })
  }

  /** [SE4] The quota holds on the disk too: what was deleted is freed before the files outgrow it by much. */
  #limitDisk(): void {
    const limit = Math.floor(this.quotaBytes * DISK_SLACK)
    if (limit !== this.#diskLimit) this.#init.blocks.limitDisk(limit)
    this.#diskLimit = limit
  }

  get diskBytes(): number {
    return this.#init.blocks.stats().diskBytes
  }

  #context(): SettingsContext {
    return { changes: this.#settings.changes, grantedBytes: this.#grantedBytes }
  }

  /** [SE4] what evicts first has the least; undefined until its rank was asked for */
  knownWorth(cid: string): number | undefined {
    const share = this.#ranks.known(cid)
    return share === undefined ? undefined : this.evictor.worthAt(cid, share)
  }
}
