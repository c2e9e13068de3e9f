/** What a profile keeps, as its state shows it: a part of the seam of `types.ts`. */
import { DEFAULT_SEED_SETTINGS, type HolderProof, type PinReason, type SeedSettings } from '#core/seeding.ts'
import type { Failure } from './types.ts'

export interface SeedTransfer {
  readonly kind: 'add' | 'fetch'
  readonly bytes: number
  /** unknown until the root block is here */
  readonly total?: number
  readonly bytesPerSecond: number
  readonly secondsLeft?: number
  /** peers that it comes from at this moment */
  readonly sources: number
  readonly failure?: Failure
}

/** A file (or a folder) that this profile keeps, whole or in part. */
export interface SeedItem {
  /** CIDv0 of its root, where it has one */
  readonly cid: string
  /** a file name or another word that its owner gave it */
  readonly name?: string
  /** why it is never evicted; empty: it is cached, and goes when its worth is the least */
  readonly reasons: readonly PinReason[]
  /** of the whole; undefined until the root block is here */
  readonly bytes?: number
  readonly heldBytes: number
  /** unix ms of its last use */
  readonly usedAt: number
  /** [SE4] what evicts first has the least; cached items only */
  readonly worth?: number
  /** [SE6] other devices that proved that they have access; undefined until they were asked */
  readonly copies?: number
  readonly copiesCheckedAt?: number
  /** peers that gave a false proof when they were asked, or not long before: they count for nothing */
  readonly falseProofs?: number
  /** who they are */
  readonly holders: readonly HolderProof[]
  readonly sentBytes: number
  readonly receivedBytes: number
  /** while it is added or fetched */
  readonly transfer?: SeedTransfer
}

/** A file that is being added, or whose adding broke off (`transfer.failure`): its CID is not known yet. */
export interface SeedAdding {
  /** `adding/…`: what `seed.drop` takes to give up what is stored of it */
  readonly id: string
  readonly name?: string
  /** after a reload only the same file, added again, goes on from where it was ([SE5]) */
  readonly transfer: SeedTransfer
}

/** One hour of the last week. */
export interface SeedHour {
  /** unix ms of its beginning, a multiple of 3,600,000 */
  readonly start: number
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** [SE2] What is pinned is read again from time to time, to find what the disk lost while others still have it. */
export interface ScrubState {
  /** `waiting`: for other work, or another tab, to end; `resting`: until the next round */
  readonly status: 'reading' | 'waiting' | 'resting'
  /** read in this round, and what there is to read in it */
  readonly checkedBytes: number
  readonly totalBytes: number
  /** unix ms of the last whole round's end */
  readonly finishedAt?: number
  /** found damaged since the last round began, whoever found them; they are fetched again */
  readonly damagedBlocks: number
}

/** The one line about what is mine: can others get it at this moment? */
export interface ServingState {
  /**
   * `served`: all of it is here and others are connected; `partly`: some of it is missing or damaged here;
   * `alone`: nobody is connected to take it; `offline`: no network; `nothing`: nothing is mine yet
   */
  readonly status: 'served' | 'partly' | 'alone' | 'offline' | 'nothing'
  /** pinned items, and those that are here as a whole */
  readonly items: number
  readonly wholeItems: number
  /** peers, not relays, that are connected */
  readonly reachablePeers: number
  /** different peers that took something within the last minute */
  readonly takingPeers: number
}

export interface SeedState {
  /** those pinned first, the newest on top; then the cached ones, the last used on top */
  readonly items: readonly SeedItem[]
  readonly adding: readonly SeedAdding[]
  /** texts that were stored or linked here: tiny, never evicted, and too many for a row each */
  readonly texts: { readonly count: number; readonly bytes: number }
  /** bytes of blocks that are never evicted, texts and half-added files among them */
  readonly pinnedBytes: number
  /** bytes of all other blocks */
  readonly cachedBytes: number
  /** what the store's files take, with what was deleted and is not freed yet */
  readonly diskBytes: number
  /** those in force, within what the browser grants; `seed.set` takes them back as they are */
  readonly settings: SeedSettings
  /** the settings' quota: a fifth of what the browser grants where it was never set */
  readonly quotaBytes: number
  /** bytes that the browser grants this origin; undefined where it does not tell */
  readonly grantedBytes?: number
  /** does the browser promise not to clear the store by itself? */
  readonly persisted: boolean
  /** the last 168 hours, oldest first, those without traffic left out */
  readonly history: readonly SeedHour[]
  readonly serving: ServingState
  /** how far what is pinned was read again */
  readonly scrub: ScrubState
  /** pins exceed the quota, a block was damaged and is fetched again, …: the newest first */
  readonly notices: readonly Failure[]
}

/** Before the store is open. */
export const EMPTY_SEED_STATE: SeedState = {
  items: [],
  adding: [],
  texts: { count: 0, bytes: 0 },
  pinnedBytes: 0,
  cachedBytes: 0,
  diskBytes: 0,
  settings: DEFAULT_SEED_SETTINGS,
  quotaBytes: DEFAULT_SEED_SETTINGS.quotaBytes,
  persisted: false,
  history: [],
  serving: { status: 'nothing', items: 0, wholeItems: 0, reachablePeers: 0, takingPeers: 0 },
  scrub: { status: 'waiting', checkedBytes: 0, totalBytes: 0, damagedBlocks: 0 },
  notices: [],
}
