import { type Bytes, compareBytes, equalBytes } from '#core/bytes.ts'
import { MAX_MAP_LEVELS } from '#core/limits.ts'
import { objectInvalid } from '../object-errors.ts'
import { formatObjectId, type ObjectId } from '../object-id.ts'
import { bucketOf } from './bucket.ts'
import type { MapEntry } from './map-entry.ts'
import type { HubNode, MapHead, MapNode, SimpleNode, SubLink } from './map-node.ts'
import type { MapNodes } from './map-store.ts'

/** The buckets that lead from a map's root to a node, by depth: where its entries must belong. */
export type Trail = readonly { readonly depth: number; readonly bucket: number }[]

/** Head of the subs of a hub with this head. @throws OBJECT_INVALID where no hub may be */
export function subHead(head: MapHead): MapHead {
  if (head.depth < 255) return { ...head, role: 'sub', depth: head.depth + 1 }
  throw objectInvalid({ path: 'map', got: 'a hub at depth 255', expected: 'subs at depth 255 at most' })
}

/**
 * Refuses a node that does not belong below this hub.
 *
 * @throws OBJECT_INVALID
 */
export function checkSub(hub: HubNode, sub: MapNode): MapNode {
  const expected = subHead(hub.head)
  const { head, total, size } = sub
  const fits =
    head.role === expected.role &&
    head.depth === expected.depth &&
    head.type === expected.type &&
    equalIds(head.owner, expected.owner) &&
    equalIds(head.decId, expected.decId) &&
    total > 0 &&
    total <= hub.total &&
    size <= hub.size
  if (fits) return sub
  throw objectInvalid({
    path: `map node ${formatObjectId(sub.id)}`,
    got: `${head.role}, ${head.type}, depth ${head.depth}, ${total} entries of ${size} bytes`,
    expected: `${expected.role}, ${expected.type}, depth ${expected.depth}, at most ${hub.total} entries of ${hub.size} bytes, of the same owner and DEC app`,
  })
}

function equalIds(a: ObjectId | undefined, b: ObjectId | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b)
}

/** The node in a bucket of a hub, checked. `level` counts the hubs from the map's root, which is 0. */
export async function readSub(
  nodes: MapNodes,
  hub: HubNode,
  { id }: SubLink,
  level: number,
): Promise<MapNode> {
  checkLevel(level + 1)
  return checkSub(hub, await nodes.read(id))
}

/** @throws OBJECT_INVALID below MAX_MAP_LEVELS */
export function checkLevel(level: number): void {
  if (level < MAX_MAP_LEVELS) return
  throw objectInvalid({
    path: 'map',
    got: `hubs in ${MAX_MAP_LEVELS} levels`,
    expected: `at most ${MAX_MAP_LEVELS - 1}`,
  })
}

/** The link of a bucket, by bisection. */
export function findSub({ subs }: HubNode, bucket: number): SubLink | undefined {
  const at = firstAtLeast(subs, (sub) => sub.bucket - bucket)
  return subs[at]?.bucket === bucket ? subs[at] : undefined
}

/** The entry that sorts as `sort`, by bisection. */
export function findEntry({ entries }: SimpleNode, sort: Bytes): MapEntry | undefined {
  const at = firstAtLeast(entries, (entry) => compareBytes(entry.sort, sort))
  const entry = entries[at]
  return entry !== undefined && equalBytes(entry.sort, sort) ? entry : undefined
}

/** Index of the first item that `compare` does not put before what is sought. */
export function firstAtLeast<Item>(items: readonly Item[], compare: (item: Item) => number): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(items[middle] as Item) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The entries of a node that has no subs; each stands in the buckets that lead to it, or a search would not find it.
 *
 * @throws OBJECT_INVALID
 */
export function entriesAt(node: SimpleNode, trail: Trail): readonly MapEntry[] {
  for (const { hashed } of node.entries) {
    for (const { depth, bucket } of trail) {
      const actual = bucketOf(hashed, depth)
      if (actual === bucket) continue
      throw objectInvalid({
        path: `map node ${formatObjectId(node.id)}`,
        got: `an entry of bucket ${actual}`,
        expected: `entries of bucket ${bucket} at depth ${depth}`,
      })
    }
  }
  return node.entries
}

/** Where a walk over a map goes on: behind the entry that sorts and is hashed so. */
export type WalkPosition = Pick<MapEntry, 'sort' | 'hashed'>

/** Every entry at or below a node, bucket by bucket, in ascending order within a bucket. Reads subs as it comes to them. */
export async function* walkEntries(
  nodes: MapNodes,
  node: MapNode,
  { trail = [], after }: { readonly trail?: Trail; readonly after?: WalkPosition | undefined } = {},
): AsyncGenerator<MapEntry> {
  if (node.mode === 'simple') {
    const entries = entriesAt(node, trail)
    const isBefore = (entry: MapEntry) =>
      after === undefined || compareBytes(entry.sort, after.sort) > 0 ? 1 : -1
    yield* entries.slice(firstAtLeast(entries, isBefore))
    return
  }
  const { depth } = node.head
  const start = after === undefined ? 0 : bucketOf(after.hashed, depth)
  for (const sub of node.subs.slice(firstAtLeast(node.subs, ({ bucket }) => bucket - start))) {
    const child = await readSub(nodes, node, sub, trail.length)
    const below = [...trail, { depth, bucket: sub.bucket }]
    yield* walkEntries(nodes, child, { trail: below, after: sub.bucket === start ? after : undefined })
  }
}

/** A walk that asks for nodes by their ids, one after the other, and is given them checked against these ids. */
export type NodeSteps<Result> = Generator<ObjectId, Result, MapNode>

/** Steps to the entry that sorts as `sort`: the same for one who reads the nodes and one who was sent them. */
export function* lookUpSteps(root: MapNode, { sort, hashed }: WalkPosition): NodeSteps<MapEntry | undefined> {
  let node = root
  for (let level = 1; node.mode === 'hub'; level++) {
    const sub = findSub(node, bucketOf(hashed, node.head.depth))
    if (sub === undefined) return undefined
    checkLevel(level)
    node = checkSub(node, yield sub.id)
  }
  return findEntry(node, sort)
}

/** Takes steps by reading what they ask for. */
export async function readSteps<Result>(
  nodes: Pick<MapNodes, 'read'>,
  steps: NodeSteps<Result>,
): Promise<Result> {
  let step = steps.next()
  while (!step.done) step = steps.next(await nodes.read(step.value))
  return step.value
}

/** The entry that sorts as `sort`. Reads only the nodes on the way. */
export function lookUp(
  nodes: MapNodes,
  root: MapNode,
  position: WalkPosition,
): Promise<MapEntry | undefined> {
  return readSteps(nodes, lookUpSteps(root, position))
}
