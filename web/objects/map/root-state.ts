import { equalBytes } from '#core/bytes.ts'
import { createMutex } from '#core/mutex.ts'
import { objectInvalid } from '../object-errors.ts'
import { formatObjectId, type ObjectId, objectIdKey } from '../object-id.ts'
import { type EntryChange, editMap } from './map-edit.ts'
import { decodeEntry, encodeEntry, mapKey } from './map-entry.ts'
import { conflict, mapNotFound, transactionClosed } from './map-errors.ts'
import { type MapHead, type MapNode, simpleNode } from './map-node.ts'
import { checkFolder, formatMapPath, isMapId, parseMapPath, pathSteps } from './map-path.ts'
import type { MapNodes } from './map-store.ts'
import { lookUp, readSteps } from './map-walk.ts'
import { assertExpected, type ChangeOptions, type ListOptions, listMap, type MapPage } from './object-map.ts'

/** Where the newest root is kept. Whoever may write (a zone's OOD) stands behind it. */
export interface RootCell {
  /** undefined before the first commit */
  get(): Promise<ObjectId | undefined>
  /** Sets the root if it still is `previous`. Did it? */
  compareAndSet(previous: ObjectId | undefined, next: ObjectId): Promise<boolean>
}

export interface RootStateComponents {
  readonly nodes: MapNodes
  readonly cell: RootCell
}

/** Who the maps of the tree belong to. */
export type RootStateInit = Pick<MapHead, 'owner' | 'decId'>

/** [OB14] A tree of maps under one root: reads and changes go through transactions. */
export interface RootState {
  /** A transaction that sees the root as it is now, whatever is committed meanwhile. */
  begin(): Promise<RootTransaction>
}

/**
 * Changes that become the new root together, or not at all. Maps on the way to a key are made as they are needed, and
 * taken away when they are left empty: the same values at the same paths are always the same root ([OB5]).
 */
export interface RootTransaction {
  /** The id at a path, undefined where there is none; that of the whole tree at `/`. */
  get(path: string): Promise<ObjectId | undefined>
  /** @throws OBJECT_CONFLICT when there is something already */
  insert(path: string, value: ObjectId): Promise<void>
  /** @throws OBJECT_CONFLICT when what is there is not `expected`, or when a map would have to stand in its place */
  set(path: string, value: ObjectId, options?: ChangeOptions): Promise<void>
  /** @throws OBJECT_CONFLICT when what is there is not `expected` */
  remove(path: string, options?: ChangeOptions): Promise<void>
  /** A page of the map (or set) at a path. @throws MAP_NOT_FOUND */
  list(path: string, options?: ListOptions): Promise<MapPage>
  /**
   * Stores what is new, then sets the root, and ends the transaction. Returns the root.
   *
   * @throws OBJECT_CONFLICT when something else was committed meanwhile: nothing of it is lost
   */
  commit(): Promise<ObjectId>
}

/** [OB14] The tree whose root is in `cell`. */
export function createRootState({ nodes, cell }: RootStateComponents, init: RootStateInit = {}): RootState {
  return {
    async begin() {
      const base = await cell.get()
      const made = createMadeNodes(nodes)
      const empty = emptyMap(init)
      if (base === undefined) await made.write([empty])
      const root = checkFolder(await made.read(base ?? empty.id))
      return serialize(new Transaction({ cell, nodes, made, base, empty, root }))
    },
  }
}

function emptyMap({ owner, decId }: RootStateInit): MapNode {
  return simpleNode({ type: 'map', role: 'root', depth: 0, owner, decId }, [])
}

/** Nodes that a transaction made; the store gets those of its final root. */
interface MadeNodes extends MapNodes {
  made(id: ObjectId): MapNode | undefined
}

function createMadeNodes(nodes: MapNodes): MadeNodes {
  const made = new Map<string, MapNode>()
  return {
    made: (id) => made.get(objectIdKey(id)),
    read: async (id) => made.get(objectIdKey(id)) ?? nodes.read(id),
    write: async (fresh) => {
      for (const node of fresh) made.set(objectIdKey(node.id), node)
    },
  }
}

/** A map on the way to changed keys. */
interface Folder {
  readonly base: MapNode
  /** ids to be put, undefined for keys to be taken away */
  readonly changes: Map<string, ObjectId | undefined>
  /** changed maps below; they stand before `changes` */
  readonly folders: Map<string, Folder>
}

function createFolder(base: MapNode): Folder {
  return { base, changes: new Map(), folders: new Map() }
}

interface TransactionInit extends RootStateComponents {
  readonly made: MadeNodes
  readonly base: ObjectId | undefined
  readonly empty: MapNode
  readonly root: MapNode
}

class Transaction implements RootTransaction {
  readonly #init: TransactionInit
  #root: Folder
  #isOpen = true

  constructor(init: TransactionInit) {
    this.#init = init
    this.#root = createFolder(init.root)
  }

  async get(path: string): Promise<ObjectId | undefined> {
    this.#assertOpen()
    return this.#get(parseMapPath(path))
  }

  insert(path: string, value: ObjectId): Promise<void> {
    return this.set(path, value, { expected: null })
  }

  async set(path: string, value: ObjectId, options: ChangeOptions = {}): Promise<void> {
    const { folders, key } = await this.#prepare(path, options)
    const folder = await this.#openFolder(folders)
    folder.folders.delete(key)
    folder.changes.set(key, value)
  }

  async remove(path: string, options: ChangeOptions = {}): Promise<void> {
    const { folders, key, value } = await this.#prepare(path, options)
    if (value === undefined) return
    const folder = await this.#openFolder(folders)
    folder.folders.delete(key)
    folder.changes.set(key, undefined)
  }

  async list(path: string, options?: ListOptions): Promise<MapPage> {
    this.#assertOpen()
    const keys = parseMapPath(path)
    await this.#flush()
    const id = await this.#get(keys)
    if (id === undefined || !isMapId(id)) {
      throw mapNotFound(path, id === undefined ? 'nothing' : formatObjectId(id))
    }
    return listMap(this.#init.made, id, options)
  }

  async commit(): Promise<ObjectId> {
    this.#assertOpen()
    const { nodes, cell, base } = this.#init
    const root = await this.#flush()
    this.#isOpen = false
    if (base !== undefined && equalBytes(base, root.id)) return root.id
    await nodes.write([...this.#reachable(root.id)])
    if (await cell.compareAndSet(base, root.id)) return root.id
    const now = await cell.get()
    throw conflict('The root', nameOf(now), nameOf(base))
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw transactionClosed()
  }

  async #prepare(path: string, { expected }: ChangeOptions) {
    this.#assertOpen()
    const keys = parseMapPath(path)
    const key = keys.at(-1)
    if (key === undefined) {
      throw objectInvalid({ path: 'path', got: '/', expected: 'a path with a key: the root has none' })
    }
    const value = await this.#get(keys)
    if (expected !== undefined) assertExpected(path, value, expected)
    return { folders: keys.slice(0, -1), key, value }
  }

  async #get(keys: readonly string[]): Promise<ObjectId | undefined> {
    let folder = this.#root
    for (const [i, key] of keys.entries()) {
      const below = folder.folders.get(key)
      if (below === undefined) {
        const value = await this.#valueAt(folder, key)
        return value === undefined
          ? undefined
          : readSteps(this.#init.made, pathSteps(value, keys.slice(i + 1)))
      }
      folder = below
    }
    // A map that is being changed: its id is known once the changes are in.
    const root = await this.#flush()
    return readSteps(this.#init.made, pathSteps(root.id, keys))
  }

  async #valueAt({ base, changes }: Folder, key: string): Promise<ObjectId | undefined> {
    if (changes.has(key)) return changes.get(key)
    const entry = await lookUp(this.#init.made, base, mapKey(key))
    return entry === undefined ? undefined : decodeEntry('map', entry).value
  }

  async #openFolder(keys: readonly string[]): Promise<Folder> {
    let folder = this.#root
    for (const [i, key] of keys.entries()) {
      let below = folder.folders.get(key)
      if (below === undefined) {
        const value = await this.#valueAt(folder, key)
        if (value !== undefined && !isMapId(value)) {
          throw conflict(formatMapPath(keys.slice(0, i + 1)), formatObjectId(value), 'a map or nothing')
        }
        const { made, empty } = this.#init
        below = createFolder(value === undefined ? empty : checkFolder(await made.read(value)))
        folder.folders.set(key, below)
      }
      folder = below
    }
    return folder
  }

  /** Works the changes in, so that the tree is one root again. */
  async #flush(): Promise<MapNode> {
    const root = await this.#flushFolder(this.#root)
    this.#root = createFolder(root)
    return root
  }

  async #flushFolder({ base, changes, folders }: Folder): Promise<MapNode> {
    const values = new Map(changes)
    for (const [key, below] of folders) {
      const map = await this.#flushFolder(below)
      if (!equalBytes(map.id, below.base.id)) values.set(key, map.total === 0 ? undefined : map.id)
    }
    const edits = [...values].map(
      ([key, value]): EntryChange => (value === undefined ? mapKey(key) : encodeEntry('map', { key, value })),
    )
    const { root, fresh } = await editMap(this.#init.made, base, edits)
    await this.#init.made.write(fresh)
    return root
  }

  /** Nodes made for the map `id`: what is pointed to before what points to it. */
  *#reachable(id: ObjectId, seen = new Set<string>()): Generator<MapNode> {
    const node = this.#init.made.made(id)
    if (node === undefined || seen.has(objectIdKey(id))) return
    seen.add(objectIdKey(id))
    const below =
      node.mode === 'hub'
        ? node.subs.map((sub) => sub.id)
        : node.entries.map((entry) => decodeEntry('map', entry).value).filter(isMapId)
    for (const next of below) yield* this.#reachable(next, seen)
    yield node
  }
}

function nameOf(id: ObjectId | undefined): string {
  return id === undefined ? 'no root' : formatObjectId(id)
}

/** Calls that were not awaited run one after the other all the same: each sees what those before it did. */
function serialize(transaction: RootTransaction): RootTransaction {
  const run = createMutex()
  return {
    get: (path) => run(() => transaction.get(path)),
    insert: (path, value) => run(() => transaction.insert(path, value)),
    set: (path, value, options) => run(() => transaction.set(path, value, options)),
    remove: (path, options) => run(() => transaction.remove(path, options)),
    list: (path, options) => run(() => transaction.list(path, options)),
    commit: () => run(() => transaction.commit()),
  }
}
