import { objectInvalid } from '../object-errors.ts'
import { bucketOf } from './bucket.ts'
import { compareEntries, type MapEntry } from './map-entry.ts'
import {
  type HubNode,
  hubNode,
  MAX_SIMPLE_BYTES,
  type MapHead,
  type MapNode,
  type SubLink,
  simpleNode,
  sizeOf,
} from './map-node.ts'
import type { MapNodes } from './map-store.ts'
import { checkLevel, entriesAt, readSub, subHead, type Trail, walkEntries } from './map-walk.ts'

/** One entry put in place of what sorts the same, or taken away where `raw` is missing. */
export type EntryChange = Pick<MapEntry, 'sort' | 'hashed'> & { readonly raw?: MapEntry['raw'] }

/** A map, and the nodes that the store may lack: subs before their hubs, the root last. */
export interface EditedMap {
  readonly root: MapNode
  readonly fresh: readonly MapNode[]
}

/**
 * The map of these entries. Its nodes depend on the entries alone, not on their order nor on what was there before:
 * entries of at most MAX_SIMPLE_BYTES are one node, others a hub whose subs are made by the same rule ([OB5], [OB13]).
 *
 * @throws OBJECT_INVALID when an entry is given twice
 */
export function buildMap(head: MapHead, entries: Iterable<MapEntry>): EditedMap {
  const sorted = [...entries].sort(compareEntries)
  for (let i = 1; i < sorted.length; i++) {
    if (compareEntries(sorted[i - 1]!, sorted[i]!) !== 0) continue
    throw objectInvalid({ path: 'map', got: 'an entry twice', expected: 'each entry once' })
  }
  return makeNodes(head, sorted, 0)
}

function makeNodes(head: MapHead, entries: readonly MapEntry[], level: number): EditedMap {
  const size = sizeOf(entries)
  if (size <= MAX_SIMPLE_BYTES) {
    const root = simpleNode(head, entries)
    return { root, fresh: [root] }
  }
  checkLevel(level + 1)
  const below = subHead(head)
  const fresh: MapNode[] = []
  const subs: SubLink[] = []
  for (const [bucket, part] of groupByBucket(entries, head.depth)) {
    const sub = makeNodes(below, part, level + 1)
    fresh.push(...sub.fresh)
    subs.push({ bucket, id: sub.root.id })
  }
  const root = hubNode(head, { total: entries.length, size, subs })
  fresh.push(root)
  return { root, fresh }
}

/** In ascending order of the buckets; within a bucket the order stays. */
export function groupByBucket<Item extends Pick<MapEntry, 'hashed'>>(
  items: Iterable<Item>,
  depth: number,
): readonly (readonly [number, readonly Item[]])[] {
  const groups = new Map<number, Item[]>()
  for (const item of items) {
    const bucket = bucketOf(item.hashed, depth)
    const group = groups.get(bucket)
    if (group === undefined) groups.set(bucket, [item])
    else group.push(item)
  }
  return [...groups].sort(([a], [b]) => a - b)
}

/**
 * The map after all changes at once; the old one stays as it is. Reads and makes only the nodes on the ways to the
 * changed entries, except where a hub becomes small enough for one node: then it reads the rest of it.
 *
 * @throws OBJECT_INVALID when a node that is read does not fit into this map
 */
export async function editMap(
  nodes: MapNodes,
  root: MapNode,
  changes: readonly EntryChange[],
): Promise<EditedMap> {
  const sorted = [...changes].sort(compareEntries)
  return editNode(nodes, root, { changes: sorted, trail: [] })
}

interface Edit {
  /** ascending, each sort once */
  readonly changes: readonly EntryChange[]
  readonly trail: Trail
}

async function editNode(nodes: MapNodes, node: MapNode, { changes, trail }: Edit): Promise<EditedMap> {
  const edited =
    node.mode === 'simple'
      ? makeNodes(node.head, mergeEntries(node.entries, changes), trail.length)
      : await editHub(nodes, node, { changes, trail })
  return sameNode(edited.root, node) ? { root: node, fresh: [] } : edited
}

function sameNode(a: MapNode, b: MapNode): boolean {
  return a.id.every((byte, i) => byte === b.id[i])
}

async function editHub(nodes: MapNodes, hub: HubNode, { changes, trail }: Edit): Promise<EditedMap> {
  const { depth } = hub.head
  const links = new Map(hub.subs.map((sub) => [sub.bucket, sub]))
  const edited = new Map<number, EditedMap>()
  let { total, size } = hub
  for (const [bucket, part] of groupByBucket(changes, depth)) {
    const link = links.get(bucket)
    const old = link === undefined ? undefined : await readSub(nodes, hub, link, trail.length)
    const sub =
      old === undefined
        ? makeNodes(subHead(hub.head), mergeEntries([], part), trail.length + 1)
        : await editNode(nodes, old, { changes: part, trail: [...trail, { depth, bucket }] })
    total += sub.root.total - (old?.total ?? 0)
    size += sub.root.size - (old?.size ?? 0)
    edited.set(bucket, sub)
    if (sub.root.total === 0) links.delete(bucket)
    else links.set(bucket, { bucket, id: sub.root.id })
  }
  const subs = [...links.values()].sort((a, b) => a.bucket - b.bucket)
  const sums = { total, size, subs }
  if (size <= MAX_SIMPLE_BYTES) return mergeHub(nodes, hub, { ...sums, edited, trail })
  if (total < subs.length) throw wrongSums(sums, { total: subs.length, size })
  const root = hubNode(hub.head, sums)
  return { root, fresh: [...[...edited.values()].flatMap(keptNodes), root] }
}

/** Nodes of a sub that is still there. */
function keptNodes({ root, fresh }: EditedMap): readonly MapNode[] {
  return root.total === 0 ? [] : fresh
}

interface Sums {
  readonly total: number
  readonly size: number
}

interface SmallHub extends Sums {
  readonly subs: readonly SubLink[]
  readonly edited: ReadonlyMap<number, EditedMap>
  readonly trail: Trail
}

/** A hub whose entries fit into one node again becomes that node, as if it had never been split. */
async function mergeHub(nodes: MapNodes, hub: HubNode, small: SmallHub): Promise<EditedMap> {
  const entries: MapEntry[] = []
  let size = 0
  for await (const entry of smallHubEntries(nodes, hub, small)) {
    entries.push(entry)
    size += entry.raw.length
    // A hub that lies about its size must not make us read all that it points to.
    if (size > small.size) break
  }
  if (entries.length !== small.total || size !== small.size) {
    throw wrongSums(small, { total: entries.length, size })
  }
  return makeNodes(hub.head, entries.sort(compareEntries), small.trail.length)
}

async function* smallHubEntries(
  nodes: MapNodes,
  hub: HubNode,
  { subs, edited, trail }: SmallHub,
): AsyncGenerator<MapEntry> {
  for (const link of subs) {
    const below = [...trail, { depth: hub.head.depth, bucket: link.bucket }]
    const made = edited.get(link.bucket)?.root
    // What was just made is not in the store yet; of an honest hub, it is one node.
    if (made?.mode === 'simple') yield* entriesAt(made, below)
    else yield* walkEntries(nodes, await readSub(nodes, hub, link, trail.length), { trail: below })
  }
}

function wrongSums(said: Sums, found: Sums) {
  return objectInvalid({
    path: 'map hub',
    got: `${found.total} entries of ${found.size} bytes`,
    expected: `${said.total} entries of ${said.size} bytes, as it says`,
  })
}

function mergeEntries(entries: readonly MapEntry[], changes: readonly EntryChange[]): readonly MapEntry[] {
  const merged: MapEntry[] = []
  let at = 0
  for (const change of changes) {
    while (at < entries.length && compareEntries(entries[at]!, change) < 0) merged.push(entries[at++]!)
    if (at < entries.length && compareEntries(entries[at]!, change) === 0) at++
    const { sort, hashed, raw } = change
    if (raw !== undefined) merged.push({ sort, hashed, raw })
  }
  merged.push(...entries.slice(at))
  return merged
}
