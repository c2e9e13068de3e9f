import type { BlockKey } from './blockstore/block-key.ts'

export interface RoomInit {
  readonly now: () => number
  readonly quotaBytes: () => number
  /** what counts against the quota of all blocks of the profile, as this tab knows them */
  readonly storedBytes: () => number
  readonly holds: (key: BlockKey) => boolean
  readonly isPinned: (key: BlockKey) => boolean
  /** Frees some of `bytes`; 0 when nothing may be deleted. */
  readonly evict: (bytes: number) => Promise<number>
  readonly onFailure: (error: unknown) => void
}

/** Evicting goes on to this share of the quota, so that not each block waits for another one to go. */
const LOW_WATER = 0.97
/** After nothing could be evicted it is not tried again for so long, unless something was let go of. */
const STUCK_MS = 5_000

/** Keeps the store within its quota ([SE4]): a block that comes waits until there is room for it. */
export class Room {
  readonly #init: RoomInit
  /** admitted and not stored yet */
  readonly #coming = new Map<BlockKey, number>()
  #comingBytes = 0
  #waitingBytes = 0
  #evicting: Promise<void> | undefined
  #slice: { readonly promise: Promise<void>; readonly resolve: () => void } = Promise.withResolvers<void>()
  #stuckUntil = 0

  constructor(init: RoomInit) {
    this.#init = init
  }

  /** Pins and what is being added are stored in any case, after everything else gave way. */
  async admit(key: BlockKey, bytes: number): Promise<boolean> {
    const { holds, isPinned } = this.#init
    if (holds(key)) return true
    if (await this.#reserveWhenRoom(key, bytes)) return true
    if (!isPinned(key)) return false
    this.#reserve(key, bytes)
    return true
  }

  /** It is stored now, or will not be. */
  arrived(key: BlockKey): void {
    this.#comingBytes -= this.#coming.get(key) ?? 0
    this.#coming.delete(key)
  }

  /** Something may be evicted now that could not be before. */
  loosen(): void {
    this.#stuckUntil = 0
  }

  /** Evicts down to the quota, after it became smaller or something was unpinned. */
  async trim(): Promise<void> {
    this.#stuckUntil = 0
    if (this.#fits(0)) return
    await this.#evict()
  }

  async #reserveWhenRoom(key: BlockKey, bytes: number): Promise<boolean> {
    if (this.#reserveIfFits(key, bytes)) return true
    this.#waitingBytes += bytes
    try {
      while (this.#init.now() >= this.#stuckUntil) {
        const slice = this.#slice.promise
        await Promise.race([this.#evict(), slice])
        if (this.#reserveIfFits(key, bytes)) return true
      }
      return false
    } finally {
      this.#waitingBytes -= bytes
    }
  }

  /** In one step: of two blocks that wait for the same room one gets it. */
  #reserveIfFits(key: BlockKey, bytes: number): boolean {
    if (!this.#fits(bytes)) return false
    this.#reserve(key, bytes)
    return true
  }

  #reserve(key: BlockKey, bytes: number): void {
    if (this.#coming.has(key)) return
    this.#coming.set(key, bytes)
    this.#comingBytes += bytes
  }

  #fits(bytes: number): boolean {
    return this.#init.storedBytes() + this.#comingBytes + bytes <= this.#init.quotaBytes()
  }

  #evict(): Promise<void> {
    this.#evicting ??= this.#run().finally(() => {
      this.#evicting = undefined
    })
    return this.#evicting
  }

  async #run(): Promise<void> {
    const { storedBytes, quotaBytes, evict, now, onFailure } = this.#init
    try {
      for (;;) {
        const target = quotaBytes() * LOW_WATER
        const excess = storedBytes() + this.#comingBytes + this.#waitingBytes - target
        if (excess <= 0) return
        const freed = await evict(excess)
        if (freed === 0) {
          this.#stuckUntil = now() + STUCK_MS
          return
        }
        const { resolve } = this.#slice
        this.#slice = Promise.withResolvers<void>()
        resolve()
      }
    } catch (error) {
      this.#stuckUntil = now() + STUCK_MS
      onFailure(error)
    }
  }
}
