import type { RecordEntry, RecordStore } from '#core/record-store.ts'
import { decodeRoot, encodeRoot, type KeptRoot, newRoot } from './kept-root.ts'
import { isRootCid } from './root-cid.ts'

const PREFIX = 'seed/root/'
/** where the roots of one's own files stood before there was a list of everything kept */
const OLD_PREFIX = 'added/'
/** Name of the lock under which roots change and blocks are evicted. */
const LOCK = 'seed'

export interface RootListInit {
  readonly store: RecordStore
  /** unix ms */
  readonly now: () => number
  /** told after a change of this tab's own is durable, so that other tabs read it */
  readonly onChange: (cids: readonly string[]) => void
}

/** Says what becomes of a root; undefined forgets it. */
export type ChangeRoot = (root: KeptRoot | undefined, cid: string) => KeptRoot | undefined

/** Inside the profile's lock: no other tab changes a root meanwhile. */
export interface RootChanges {
  /** Reads what is on disk, applies `change` and writes; returns what stands there now. */
  change(cid: string, change: ChangeRoot): Promise<KeptRoot | undefined>
  /** Reads all of the list again. */
  reload(): Promise<void>
}

/** The durable list of what is kept, shared by the profile's tabs. `get` and `all` answer from memory. */
export class RootList {
  readonly #init: RootListInit
  readonly #roots = new Map<string, KeptRoot>()

  constructor(init: RootListInit) {
    this.#init = init
  }

  get(cid: string): KeptRoot | undefined {
    return this.#roots.get(cid)
  }

  all(): IterableIterator<KeptRoot> {
    return this.#roots.values()
  }

  get size(): number {
    return this.#roots.size
  }

  /** Reads the list, and takes over what earlier versions remembered of one's own files. */
  async load(): Promise<void> {
    await this.exclusive(async ({ reload }) => {
      await this.#adoptOld()
      await reload()
    })
  }

  /** Reads single roots again that another tab changed. */
  async refresh(cids: readonly string[]): Promise<void> {
    for (const cid of cids) await this.#read(cid)
  }

  exclusive<T>(task: (changes: RootChanges) => Promise<T>): Promise<T> {
    return this.#init.store.exclusive(LOCK, () =>
      task({ change: (cid, change) => this.#change(cid, change), reload: () => this.#reload() }),
    )
  }

  change(cid: string, change: ChangeRoot): Promise<KeptRoot | undefined> {
    return this.exclusive((changes) => changes.change(cid, change))
  }

  /** Several changes with one write. */
  async changeMany(changes: ReadonlyMap<string, ChangeRoot>): Promise<void> {
    if (changes.size === 0) return
    await this.exclusive(async () => {
      const puts: RecordEntry[] = []
      const next: KeptRoot[] = []
      for (const [cid, change] of changes) {
        const root = change(await this.#read(cid), cid)
        if (root === undefined) continue
        next.push(root)
        puts.push({ key: PREFIX + cid, value: encodeRoot(root) })
      }
      await this.#init.store.put(puts)
      for (const root of next) this.#roots.set(root.cid, root)
    })
    this.#init.onChange([...changes.keys()])
  }

  async #change(cid: string, change: ChangeRoot): Promise<KeptRoot | undefined> {
    const old = await this.#read(cid)
    const next = change(old, cid)
    if (next === old) return old
    if (next === undefined) {
      await this.#init.store.delete([PREFIX + cid])
      this.#roots.delete(cid)
    } else {
      await this.#init.store.put([{ key: PREFIX + cid, value: encodeRoot(next) }])
      this.#roots.set(cid, next)
    }
    this.#init.onChange([cid])
    return next
  }

  async #read(cid: string): Promise<KeptRoot | undefined> {
    const value = await this.#init.store.get(PREFIX + cid)
    if (value === undefined) {
      this.#roots.delete(cid)
      return
    }
    const root = decodeRoot(cid, value, this.#init.now())
    this.#roots.set(cid, root)
    return root
  }

  async #reload(): Promise<void> {
    const { store, now } = this.#init
    const present = new Set<string>()
    for await (const { key, value } of store.entries(PREFIX)) {
      const cid = key.slice(PREFIX.length)
      if (!isRootCid(cid)) continue
      present.add(cid)
      this.#roots.set(cid, decodeRoot(cid, value, now()))
    }
    for (const cid of [...this.#roots.keys()]) if (!present.has(cid)) this.#roots.delete(cid)
  }

  async #adoptOld(): Promise<void> {
    const { store, now } = this.#init
    const puts: RecordEntry[] = []
    const old: string[] = []
    for await (const { key, value } of store.entries(OLD_PREFIX)) {
      const cid = key.slice(OLD_PREFIX.length)
      const time = Number(new TextDecoder().decode(value)) || now()
      old.push(key)
      if (!isRootCid(cid) || (await store.get(PREFIX + cid)) !== undefined) continue
      const root: KeptRoot = { ...newRoot(cid, time), reasons: ['published'], whole: true }
      puts.push({ key: PREFIX + cid, value: encodeRoot(root) })
    }
    // the new ones first: a crash in between leaves both, and both is handled here
    await store.put(puts)
    await store.delete(old)
  }
}
