import type { RecordStore } from '#core/record-store.ts'
import { rawCid } from '#objects/object-cid.ts'
import { readEntries } from '#objects/object-entry.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { type BlockKey, toKey } from './blockstore/block-key.ts'
import type { Holdings } from './holdings.ts'
import type { ProfileTabs } from './profile-tabs.ts'

const PREFIX = 'object/'

export interface ObjectListInit {
  readonly store: Pick<RecordStore, 'entries'>
  readonly holdings: Holdings
  readonly tabs: Pick<ProfileTabs, 'post'>
  /** some blocks may go now */
  readonly onLetGo: () => void
}

/** The blocks of named objects: each object's are a set that is never evicted, until its index lets it go. */
export class ObjectList {
  readonly #init: ObjectListInit
  #sets = new Map<string, readonly BlockKey[]>()

  constructor(init: ObjectListInit) {
    this.#init = init
  }

  static isSet(name: string): boolean {
    return name.startsWith(PREFIX)
  }

  /** Names of the sets. */
  names(): Iterable<string> {
    return this.#sets.keys()
  }

  bytes(): number {
    let bytes = 0
    for (const name of this.#sets.keys()) bytes += this.#init.holdings.holding(name)?.heldBytes ?? 0
    return bytes
  }

  /** Reads the index of the profile, which all its tabs write. */
  async load(): Promise<void> {
    const sets = new Map<string, readonly BlockKey[]>()
    for await (const { id, held, desc, seal, body } of readEntries(this.#init.store)) {
      if (!held) continue
      const digests = body === undefined ? [desc, seal] : [desc, seal, body]
      const keys = digests.map((digest) => toKey(rawCid(digest).multihash.bytes))
      sets.set(PREFIX + formatObjectId(id), keys)
    }
    for (const name of this.#sets.keys()) if (!sets.has(name)) this.#init.holdings.removeRoot(name)
    this.#sets = sets
    for (const [name, keys] of sets) this.#init.holdings.addToSet(name, keys)
  }

  /** Keeps these blocks of an object (its id in base58) beside those that are kept already. */
  add(id: string, keys: readonly BlockKey[]): void {
    this.set(id, [...(this.#sets.get(PREFIX + id) ?? []), ...keys])
  }

  /** Keeps these blocks of an object and no others; without any, it is let go. */
  set(id: string, keys: readonly BlockKey[]): void {
    this.hear(PREFIX + id, keys)
    this.#init.tabs.post({ type: 'object', set: PREFIX + id, keys })
  }

  /** Another tab kept them. */
  hear(name: string, keys: readonly BlockKey[]): void {
    const { holdings, onLetGo } = this.#init
    holdings.removeRoot(name)
    if (keys.length > 0) {
      this.#sets.set(name, keys)
      holdings.addToSet(name, keys)
    } else {
      this.#sets.delete(name)
      onLetGo()
    }
  }
}
