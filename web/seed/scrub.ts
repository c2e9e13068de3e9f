import type { ScrubState } from '#api/seed-types.ts'
import { utf8 } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { Timers } from '#core/timers.ts'
import type { BlockKey } from './blockstore/block-key.ts'
import { count, parseObject } from './kept-root.ts'
import type { KeptStore } from './kept-store.ts'
import { decideScrub, scrubPauseMs } from './scrub-schedule.ts'

const KEY = 'seed/scrub'

export interface ScrubInit {
  readonly kept: KeptStore
  readonly store: Pick<RecordStore, 'get' | 'put'>
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
  #round: Round = { damagedBlocks: 0 }
  #status: ScrubState['status'] = 'waiting'
  #keys: readonly BlockKey[] | undefined
  #at = 0
  #checkedBytes = 0
  #totalBytes = 0
  #busyAt = Number.NEGATIVE_INFINITY
  #isChanged = false
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
      damagedBlocks,
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
    this.#change({ damagedBlocks: this.#round.damagedBlocks + 1 })
  }

  /** What the tab that reads has written down. */
  async load(): Promise<void> {
    const value = await this.#init.store.get(KEY)
    if (value !== undefined && !this.#isChanged) this.#round = decode(value)
  }

  async flush(): Promise<void> {
    if (!this.#isChanged) return
    this.#isChanged = false
    await this.#init.store.put([{ key: KEY, value: utf8(JSON.stringify(this.#round)) }])
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
    if (cursor === undefined && finishedAt !== undefined) this.#change({ damagedBlocks: 0 })
    return keys
  }

  #change(change: Partial<Round>): void {
    this.#round = { ...this.#round, ...change }
    this.#isChanged = true
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
