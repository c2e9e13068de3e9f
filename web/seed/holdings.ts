import { MAX_DAG_NODES } from '#core/limits.ts'
import type { BlockKey } from './blockstore/block-key.ts'
import type { DagChild, DagNode } from './dag-node.ts'

export interface Holding {
  /** every block below it is known and here */
  readonly whole: boolean
  /** of the blocks that are here */
  readonly heldBytes: number
  /** of the content, as its root says; undefined until the root is here, and for folders until they are whole */
  readonly contentBytes: number | undefined
  /** a node is missing whose children are therefore not known */
  readonly hasGaps: boolean
}

interface Entry {
  readonly inner: boolean
  expanded: boolean
}

interface Root {
  pinned: boolean
  readonly entries: Map<BlockKey, Entry>
  heldBytes: number
  /** entries that are not here */
  missing: number
  /** inner entries whose children are not known */
  unexpanded: number
  contentBytes: number | undefined
  /** it has more blocks than are followed */
  overflow: boolean
  readonly rootKey: BlockKey | undefined
}

/**
 * Which blocks are here, and to which roots they belong. Kept step by step as blocks arrive and go; only inner
 * nodes are ever read, by who calls `toExpand` and `expand`. Blocks without a root are loose.
 */
export class Holdings {
  readonly #blocks = new Map<BlockKey, number>()
  readonly #roots = new Map<string, Root>()
  readonly #owners = new Map<BlockKey, Set<string>>()
  #bytes = 0

  /** bytes of all blocks that are here */
  get bytes(): number {
    return this.#bytes
  }

  has(key: BlockKey): boolean {
    return this.#blocks.has(key)
  }

  /** A content by the key of its root's block. */
  addRoot(id: string, { key, inner }: DagChild, pinned: boolean): void {
    const known = this.#roots.get(id)
    if (known !== undefined) {
      known.pinned = pinned
      return
    }
    this.#roots.set(id, emptyRoot(pinned, key))
    this.#own(id, { key, inner })
  }

  /** Blocks that belong together without a common root: never evicted while the set is there. */
  addToSet(id: string, keys: Iterable<BlockKey>): void {
    if (!this.#roots.has(id)) this.#roots.set(id, emptyRoot(true, undefined))
    for (const key of keys) this.#own(id, { key, inner: false })
  }

  removeRoot(id: string): void {
    const root = this.#roots.get(id)
    if (root === undefined) return
    this.#roots.delete(id)
    for (const key of root.entries.keys()) {
      const owners = this.#owners.get(key)
      owners?.delete(id)
      if (owners?.size === 0) this.#owners.delete(key)
    }
  }

  roots(): IterableIterator<string> {
    return this.#roots.keys()
  }

  /** Told of each block that is stored, by whichever tab. */
  arrived(key: BlockKey, bytes: number): void {
    if (this.#blocks.has(key)) return
    this.#blocks.set(key, bytes)
    this.#bytes += bytes
    for (const root of this.#rootsOf(key)) {
      root.heldBytes += bytes
      root.missing -= 1
    }
  }

  /** Told of each block that was deleted or found damaged. */
  gone(key: BlockKey): void {
    const bytes = this.#blocks.get(key)
    if (bytes === undefined) return
    this.#blocks.delete(key)
    this.#bytes -= bytes
    for (const root of this.#rootsOf(key)) {
      root.heldBytes -= bytes
      root.missing += 1
    }
  }

  /** Makes the blocks that are here those of `listed`: what other tabs did unheard is made up for. */
  reconcile(listed: ReadonlyMap<BlockKey, number>): void {
    for (const [key, bytes] of listed) this.arrived(key, bytes)
    for (const key of [...this.#blocks.keys()]) if (!listed.has(key)) this.gone(key)
  }

  /** Nodes that are here and whose children are not known yet. */
  toExpand(id: string): BlockKey[] {
    const root = this.#roots.get(id)
    if (root === undefined || root.unexpanded === 0) return []
    const keys: BlockKey[] = []
    for (const [key, { inner, expanded }] of root.entries) {
      if (inner && !expanded && this.#blocks.has(key)) keys.push(key)
    }
    return keys
  }

  /** Does any root wait for the children of this node? */
  isUnexpanded(key: BlockKey): boolean {
    for (const root of this.#rootsOf(key)) {
      const entry = root.entries.get(key)
      if (entry?.inner && !entry.expanded) return true
    }
    return false
  }

  expand(key: BlockKey, node: DagNode): void {
    for (const id of [...(this.#owners.get(key) ?? [])]) {
      const root = this.#roots.get(id)
      const entry = root?.entries.get(key)
      if (root === undefined || entry === undefined || !entry.inner || entry.expanded) continue
      entry.expanded = true
      root.unexpanded -= 1
      if (key === root.rootKey) root.contentBytes = node.contentBytes
      for (const child of node.children) this.#own(id, child)
    }
  }

  holding(id: string): Holding | undefined {
    const root = this.#roots.get(id)
    if (root === undefined) return
    const whole = root.missing === 0 && root.unexpanded === 0 && !root.overflow
    const { heldBytes } = root
    const contentBytes = root.contentBytes ?? (whole ? heldBytes : undefined)
    return { whole, heldBytes, contentBytes, hasGaps: root.unexpanded > 0 }
  }

  /** Roots that a block belongs to. */
  ownersOf(key: BlockKey): Iterable<string> {
    return this.#owners.get(key) ?? []
  }

  isEvictable(id: string): boolean {
    return this.#roots.get(id)?.pinned === false
  }

  isPinned(key: BlockKey): boolean {
    for (const root of this.#rootsOf(key)) if (root.pinned) return true
    return false
  }

  /** Blocks that are here and belong to some pinned root, each once. */
  pinnedBlocks(): BlockKey[] {
    const keys = new Set<BlockKey>()
    for (const { pinned, entries } of this.#roots.values()) {
      if (!pinned) continue
      for (const key of entries.keys()) if (this.#blocks.has(key)) keys.add(key)
    }
    return [...keys]
  }

  /** Of them all. */
  pinnedBytes(): number {
    let bytes = 0
    for (const key of this.pinnedBlocks()) bytes += this.#blocks.get(key) ?? 0
    return bytes
  }

  /** Blocks that are here for this root alone, its nodes behind what they name: so none is left without its root. */
  ownBlocks(id: string): BlockKey[] {
    const root = this.#roots.get(id)
    if (root === undefined) return []
    const keys = [...root.entries.keys()].filter(
      (key) => this.#blocks.has(key) && this.#owners.get(key)?.size === 1,
    )
    return keys.reverse()
  }

  /** Blocks that are here and belong to no root. */
  looseBlocks(): BlockKey[] {
    const loose: BlockKey[] = []
    for (const key of this.#blocks.keys()) if (!this.#owners.has(key)) loose.push(key)
    return loose
  }

  bytesOf(key: BlockKey): number {
    return this.#blocks.get(key) ?? 0
  }

  #own(id: string, { key, inner }: DagChild): void {
    const root = this.#roots.get(id) as Root
    if (root.entries.has(key)) return
    if (root.rootKey !== undefined && root.entries.size >= MAX_DAG_NODES) {
      root.overflow = true
      return
    }
    root.entries.set(key, { inner, expanded: false })
    const owners = this.#owners.get(key)
    if (owners === undefined) this.#owners.set(key, new Set([id]))
    else owners.add(id)
    if (inner) root.unexpanded += 1
    const bytes = this.#blocks.get(key)
    if (bytes === undefined) root.missing += 1
    else root.heldBytes += bytes
  }

  *#rootsOf(key: BlockKey): Generator<Root> {
    for (const id of this.#owners.get(key) ?? []) {
      const root = this.#roots.get(id)
      if (root !== undefined) yield root
    }
  }
}

function emptyRoot(pinned: boolean, rootKey: BlockKey | undefined): Root {
  return {
    pinned,
    entries: new Map(),
    heldBytes: 0,
    missing: 0,
    unexpanded: 0,
    contentBytes: undefined,
    overflow: false,
    rootKey,
  }
}
