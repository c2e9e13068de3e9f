import { type Bytes, utf8 } from '#core/bytes.ts'
import { createMutex, type Mutex } from '#core/mutex.ts'
import type { RecordStore } from '#core/record-store.ts'
import { type BlockKey, keyBytes, toKey } from './blockstore/block-key.ts'
import { count, MAX_NAME_LENGTH, parseObject } from './kept-root.ts'

const PREFIX = 'seed/adding/'
/** A multihash of SHA-256, the only kind that adding makes. */
const KEY_BYTES = 34
/** Blocks between two records: a crash leaves 16 MiB at most that have to age as loose blocks. */
const KEYS_PER_RECORD = 64
/** A file that nobody adds again within this time is given up; its blocks become cache without a root. */
export const HALF_ADDED_MS = 7 * 24 * 60 * 60 * 1_000

/** A file whose adding goes on, or broke off. */
export interface HalfAdded {
  /** `adding/…` */
  readonly id: string
  readonly name?: string
  /** of the file, where its size is known */
  readonly total?: number
  /** unix ms of its last block */
  readonly at: number
  /** the tab that adds it, or did */
  readonly tab: string
  readonly keys: ReadonlySet<BlockKey>
}

interface Draft {
  name?: string
  total?: number
  at: number
  tab: string
  readonly keys: Set<BlockKey>
  /** its next record */
  next: number
}

export interface AddingInit {
  readonly name?: string | undefined
  readonly total?: number | undefined
}

/** Remembers the blocks of files that are being added, so that a crash leaves neither loss nor garbage ([SE5]). */
export class HalfAddedList {
  readonly #store: RecordStore
  readonly #tab: string
  readonly #now: () => number
  readonly #newId: () => string
  readonly #drafts = new Map<string, Draft>()
  readonly #writing = new Map<string, BlockKey[]>()
  /** reading, writing and forgetting wait for one another: what was forgotten does not come back by a read before */
  readonly #inTurn: Mutex = createMutex()

  constructor(init: {
    readonly store: RecordStore
    readonly tab: string
    readonly now: () => number
    readonly newId: () => string
  }) {
    this.#store = init.store
    this.#tab = init.tab
    this.#now = init.now
    this.#newId = init.newId
  }

  all(): readonly HalfAdded[] {
    return [...this.#drafts].map(([id, { name, total, at, tab, keys }]) => ({
      id,
      at,
      tab,
      keys,
      ...(name === undefined ? {} : { name }),
      ...(total === undefined ? {} : { total }),
    }))
  }

  /** Reads what other tabs and earlier pages wrote. What this tab adds right now is known better here. */
  load(): Promise<void> {
    return this.#inTurn(() => this.#load())
  }

  async #load(): Promise<void> {
    const present = new Map<string, Draft>()
    for await (const { key, value } of this.#store.entries(PREFIX)) {
      const [name = '', record] = key.slice(PREFIX.length).split('/')
      const id = `adding/${name}`
      if (record === undefined) present.set(id, decodeHead(value, this.#now()))
      else addKeys(present.get(id), record, value)
    }
    for (const id of [...this.#drafts.keys()]) {
      if (!present.has(id) && !this.#writing.has(id)) this.#drafts.delete(id)
    }
    for (const [id, draft] of present) if (!this.#writing.has(id)) this.#drafts.set(id, draft)
  }

  /**
   * A file is being added and this is its first block. A broken-off adding with that block goes on: it was the same
   * file, or one that begins alike.
   */
  async begin(
    first: BlockKey,
    { name, total }: AddingInit,
    isAlive: (tab: string) => boolean,
  ): Promise<string> {
    const known = this.all().find(
      ({ id, tab, keys }) =>
        keys.has(first) && !this.#writing.has(id) && (tab === this.#tab || !isAlive(tab)),
    )
    const id = known?.id ?? `adding/${this.#newId()}`
    const draft: Draft = this.#drafts.get(id) ?? { at: 0, tab: '', keys: new Set(), next: 0 }
    this.#drafts.set(id, draft)
    this.#writing.set(id, [])
    Object.assign(draft, { tab: this.#tab, at: this.#now() })
    if (name !== undefined) draft.name = name.slice(0, MAX_NAME_LENGTH)
    if (total !== undefined) draft.total = total
    await this.#inTurn(() => this.#store.put([{ key: keyOf(id), value: encodeHead(draft) }]))
    return id
  }

  /** A block of it is about to be stored. */
  async expect(id: string, key: BlockKey): Promise<void> {
    const draft = this.#drafts.get(id)
    const waiting = this.#writing.get(id)
    if (draft === undefined || waiting === undefined || draft.keys.has(key)) return
    draft.keys.add(key)
    waiting.push(key)
    if (waiting.length >= KEYS_PER_RECORD) await this.#write(id, draft, waiting.splice(0))
  }

  /** It is whole and a root of its own now, or given up: nothing of it is remembered here. */
  forget(id: string): Promise<void> {
    this.#drafts.delete(id)
    this.#writing.delete(id)
    return this.#inTurn(() => this.#forget(id))
  }

  async #forget(id: string): Promise<void> {
    // read before it was forgotten
    this.#drafts.delete(id)
    const keys: string[] = [keyOf(id)]
    for await (const { key } of this.#store.entries(`${keyOf(id)}/`)) keys.push(key)
    // the head last: without it the rest would be found by nobody
    await this.#store.delete(keys.slice(1))
    await this.#store.delete(keys.slice(0, 1))
  }

  /** It broke off in this tab, which stays; the same file, added again, goes on. */
  async breakOff(id: string): Promise<void> {
    const draft = this.#drafts.get(id)
    const waiting = this.#writing.get(id)
    // until then a read would bring back what was written before
    if (draft !== undefined && waiting !== undefined && waiting.length > 0)
      await this.#write(id, draft, waiting).finally(() => this.#writing.delete(id))
    else this.#writing.delete(id)
  }

  /** Is this tab adding it right now? */
  isActive(id: string): boolean {
    return this.#writing.has(id)
  }

  #write(id: string, draft: Draft, keys: readonly BlockKey[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#drafts.get(id) === draft) await this.#put(id, draft, keys)
    })
  }

  async #put(id: string, draft: Draft, keys: readonly BlockKey[]): Promise<void> {
    const value = new Uint8Array(KEY_BYTES * keys.length)
    keys.forEach((key, index) => {
      value.set(keyBytes(key), KEY_BYTES * index)
    })
    draft.at = this.#now()
    const record = String(draft.next++).padStart(6, '0')
    await this.#store.put([
      { key: keyOf(id), value: encodeHead(draft) },
      { key: `${keyOf(id)}/${record}`, value },
    ])
  }
}

function keyOf(id: string): string {
  return PREFIX + id.slice('adding/'.length)
}

function encodeHead({ name, total, at, tab }: Draft): Bytes {
  return utf8(JSON.stringify({ name, total, at, tab }))
}

function decodeHead(value: Uint8Array, now: number): Draft {
  const { name, total, at, tab } = parseObject(value) ?? {}
  const bytes = count(total)
  return {
    at: count(at) ?? now,
    tab: typeof tab === 'string' ? tab : '',
    keys: new Set(),
    next: 0,
    ...(typeof name === 'string' ? { name: name.slice(0, MAX_NAME_LENGTH) } : {}),
    ...(bytes === undefined ? {} : { total: bytes }),
  }
}

/** Records stand behind their head in key order; those without one are left over from a forgotten file. */
function addKeys(draft: Draft | undefined, record: string, value: Uint8Array): void {
  if (draft === undefined) return
  draft.next = Math.max(draft.next, (count(Number(record)) ?? 0) + 1)
  for (let at = 0; at + KEY_BYTES <= value.length; at += KEY_BYTES) {
    draft.keys.add(toKey(value.subarray(at, at + KEY_BYTES)))
  }
}
