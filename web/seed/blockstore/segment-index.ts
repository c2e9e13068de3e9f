import type { StoredBlock, StoreStats } from './block-engine.ts'
import type { BlockKey } from './block-key.ts'
import { recordBytes } from './record.ts'

/** Where a record's data lies. */
export interface Location {
  readonly segment: string
  readonly id: number
  readonly at: number
  readonly bytes: number
}

/**
 * Which blocks are where. A key may have several records (two tabs wrote it at once; compaction copied it).
 * A tombstone names the ids that its writer saw, so a put that it did not see survives it, in whatever order
 * segments are read (an observed-remove set).
 */
export class SegmentIndex {
  readonly #live = new Map<BlockKey, Location[]>()
  readonly #dead = new Map<BlockKey, Location[]>()
  readonly #buried = new Map<BlockKey, Set<number>>()
  readonly #liveBytes = new Map<string, number>()
  #bytes = 0

  get stats(): Omit<StoreStats, 'diskBytes'> {
    return { blocks: this.#live.size, bytes: this.#bytes }
  }

  has(key: BlockKey): boolean {
    return this.#live.has(key)
  }

  find(key: BlockKey): readonly Location[] {
    return this.#live.get(key) ?? []
  }

  list(): StoredBlock[] {
    return [...this.#live].map(([key, [location]]) => ({ key, bytes: location?.bytes ?? 0 }))
  }

  /** Bytes of the segment's records that are still served. */
  liveBytes(segment: string): number {
    return this.#liveBytes.get(segment) ?? 0
  }

  add(key: BlockKey, location: Location): void {
    if (this.#buried.get(key)?.has(location.id)) {
      push(this.#dead, key, location)
      return
    }
    const known = this.#live.get(key)
    if (known?.some(({ segment, at }) => segment === location.segment && at === location.at)) return
    if (known === undefined) this.#bytes += location.bytes
    push(this.#live, key, location)
    this.#count(key, location, 1)
  }

  /** Applies a tombstone. */
  bury(key: BlockKey, ids: readonly number[]): void {
    const buried = this.#buried.get(key) ?? new Set()
    for (const id of ids) buried.add(id)
    this.#buried.set(key, buried)
    for (const location of this.find(key).filter(({ id }) => buried.has(id))) {
      this.drop(key, location)
      push(this.#dead, key, location)
    }
  }

  /** Forgets one record without a tombstone: its bytes are not there any more. */
  drop(key: BlockKey, location: Location): void {
    const known = this.#live.get(key)
    if (!known?.includes(location)) return
    const rest = known.filter((other) => other !== location)
    if (rest.length > 0) this.#live.set(key, rest)
    else {
      this.#live.delete(key)
      this.#bytes -= location.bytes
    }
    this.#count(key, location, -1)
  }

  /** Forgets a segment that was removed. */
  forget(segment: string): void {
    for (const [key, locations] of [...this.#live]) {
      for (const location of locations) if (location.segment === segment) this.drop(key, location)
    }
    for (const [key, locations] of [...this.#dead]) {
      const rest = locations.filter((location) => location.segment !== segment)
      if (rest.length > 0) this.#dead.set(key, rest)
      else this.#dead.delete(key)
    }
    this.#liveBytes.delete(segment)
  }

  /** Is a record that the tombstone buries still lying in another segment? Else the tombstone may go. */
  isNeeded(segment: string, key: BlockKey, ids: readonly number[]): boolean {
    const dead = this.#dead.get(key) ?? []
    return dead.some((location) => location.segment !== segment && ids.includes(location.id))
  }

  #count(key: BlockKey, { segment, bytes }: Location, sign: 1 | -1): void {
    const change = sign * recordBytes({ key, dataBytes: bytes })
    this.#liveBytes.set(segment, this.liveBytes(segment) + change)
  }
}

function push(map: Map<BlockKey, Location[]>, key: BlockKey, location: Location): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [location])
  else list.push(location)
}
