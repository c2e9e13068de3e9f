import type { ScrubState } from '#api/seed-types.ts'
import { utf8 } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { Timers } from '#core/timers.ts'
import type { BlockKey } from './blockstore/block-key.ts'
import { count, parseObject } from './kept-root.ts'
import type { KeptStore } from './kept-store.ts'
import { decideScrub, scrubPauseMs } from './scrub-schedule.ts'

const KEY = 'seed/scrub'
const LOCK = 'seed-scrub'

export interface ScrubInit {
  readonly kept: Pick<KeptStore, 'verify'> & {
    readonly holdings: Pick<KeptStore['holdings'], 'bytesOf' | 'pinnedBlocks'>
  }
  readonly store: Pick<RecordStore, 'get' | 'put' | 'exclusive'>
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
  /** does this tab do the profile's chores? */
  readonly isMine: () => boolean
  readonly onChange: () => void
}

/** What outlives the page. */
interface Round {
  readonly finishedAt?: number
  readonly damagedBlocks: number
  /** of a round under way: the last block that was read, in the order of keys */
  readonly cursor?: string
}

/** Reads one pinned block after the other, slowly; the store finds, drops and tells what is damaged. */
export class Scrub {
  /** is any tab of the profile in front? */
  shown = true
  readonly #init: ScrubInit
  readonly #openedAt: number
  /** as the profile knows it, and read on by this tab since */
  #round: Round = { damagedBlocks: 0 }
  /** damaged blocks that this tab found and has not written down */
  #found = 0
  /** those of the round before, which are to be subtracted from what is written down */
  #ended = 0
  #status: ScrubState['status'] = 'waiting'
  #keys: readonly BlockKey[] | undefined
  #at = 0
  #checkedBytes = 0
  #totalBytes = 0
  #busyAt = Number.NEGATIVE_INFINITY
  /** did this tab read on since it last wrote that down? */
  #isMoved = false
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(init: ScrubInit) {
    this.#init = init
    this.#openedAt = init.now()
  }

  get state(): ScrubState {
    const { finishedAt, damagedBlocks } = this.#round
    return {
      status: this.#status,
      checkedBytes: this.#checkedBytes,
      totalBytes: this.#totalBytes,
      damagedBlocks: damagedBlocks + this.#found,
      ...(finishedAt === undefined ? {} : { finishedAt }),
    }
  }

  start(): void {
    void this.#step()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  /** A block moves or is added: the disk is for that now. */
  busy(): void {
    this.#busyAt = this.#init.now()
  }

  /** A damaged block was found, by whoever read it. */
  damaged(): void {
    this.#found += 1
    this.#init.onChange()
  }

  /** What the tab that reads has written down. */
  async load(): Promise<void> {
    const value = await this.#init.store.get(KEY)
    if (value !== undefined && !this.#isMoved) this.#round = decode(value)
  }

  /** Adds what this tab found to what the others wrote; how far the round is, only the tab that reads knows. */
  async flush(): Promise<void> {
    if (!this.#isMoved && this.#found === 0) return
    const { store } = this.#init
    await store.exclusive(LOCK, async () => {
      const value = await store.get(KEY)
      const written = value === undefined ? { damagedBlocks: 0 } : decode(value)
      const before = { round: this.#round, found: this.#found, ended: this.#ended, isMoved: this.#isMoved }
      const damagedBlocks = Math.max(0, written.damagedBlocks - before.ended) + before.found
      this.#round = { ...(before.isMoved ? before.round : written), damagedBlocks }
      this.#found -= before.found
      this.#ended = 0
      this.#isMoved = false
      try {
        await store.put([{ key: KEY, value: utf8(JSON.stringify(this.#round)) }])
      } catch (error) {
        this.#round = { ...this.#round, damagedBlocks: before.round.damagedBlocks }
        this.#found += before.found
        this.#ended += before.ended
        this.#isMoved ||= before.isMoved
        throw error
      }
    })
  }

  async #step(): Promise<void> {
    if (this.#stopped) return
    const { now, isMine, timers } = this.#init
    const { finishedAt } = this.#round
    const decision = decideScrub({
      now: now(),
      openedAt: this.#openedAt,
      finishedAt,
      busyAt: this.#busyAt,
      isMine: isMine(),
    })
    let ms: number
    if (decision.kind === 'wait') {
      this.#show(decision.why === 'resting' ? 'resting' : 'waiting')
      if (decision.why === 'elsewhere') this.#keys = undefined
      ms = decision.ms
    } else {
      this.#show('reading')
      ms = scrubPauseMs(await this.#readNext(), this.shown)
    }
    if (!this.#stopped) this.#cancel = timers.after(ms, () => void this.#step())
  }

  /** Bytes that were read. */
  async #readNext(): Promise<number> {
    const { kept, now } = this.#init
    this.#keys ??= this.#begin()
    const key = this.#keys[this.#at]
    if (key === undefined) {
      this.#keys = undefined
      const { damagedBlocks } = this.#round
      this.#round = { damagedBlocks, finishedAt: now() }
      this.#change({})
      return 0
    }
    this.#at += 1
    const bytes = kept.holdings.bytesOf(key)
    if (bytes > 0) await kept.verify(key)
    this.#checkedBytes += bytes
    this.#change({ cursor: key })
    return bytes
  }

  /** Goes on where an earlier page of the profile stopped; what came since was checked as it came. */
  #begin(): readonly BlockKey[] {
    const { kept } = this.#init
    const keys = kept.holdings.pinnedBlocks().sort()
    const { cursor, finishedAt } = this.#round
    const next = cursor === undefined ? 0 : keys.findIndex((key) => key > cursor)
    this.#at = next === -1 ? keys.length : next
    const bytesOf = (some: readonly BlockKey[]) =>
      some.reduce((sum, key) => sum + kept.holdings.bytesOf(key), 0)
    this.#totalBytes = bytesOf(keys)
    this.#checkedBytes = bytesOf(keys.slice(0, this.#at))
    // what was found before belongs to the round that ended
    if (cursor === undefined && finishedAt !== undefined) {
      this.#ended += this.#round.damagedBlocks
      this.#found = 0
      this.#change({ damagedBlocks: 0 })
    }
    return keys
  }

  #change(change: Partial<Round>): void {
    this.#round = { ...this.#round, ...change }
    this.#isMoved = true
    this.#init.onChange()
  }

  #show(status: ScrubState['status']): void {
    if (this.#status === status) return
    this.#status = status
    this.#init.onChange()
  }
}

/** What cannot be read is as if no round had ever been. */
function decode(value: Uint8Array): Round {
  const fields = parseObject(value) ?? {}
  const finishedAt = count(fields.finishedAt)
  const { cursor } = fields
  return {
    damagedBlocks: count(fields.damagedBlocks) ?? 0,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(typeof cursor === 'string' ? { cursor } : {}),
  }
}
