import { equalBytes } from '#core/bytes.ts'
import { objectInvalid } from '../object-errors.ts'
import { formatObjectId, type ObjectId } from '../object-id.ts'
import { buildMap, type EntryChange, editMap, groupByBucket } from './map-edit.ts'
import {
  compareEntries,
  decodeEntry,
  encodeEntry,
  type MapEntry,
  type MapItems,
  mapKey,
  setEntry,
} from './map-entry.ts'
import { conflict } from './map-errors.ts'
import type { HubNode, MapNode, SimpleNode, SubLink } from './map-node.ts'
import type { MapNodes } from './map-store.ts'
import { entriesAt, lookUp, readSub, type Trail, walkEntries } from './map-walk.ts'
import { assertExpected, readMap } from './object-map.ts'

/** What happened to one entry: without `previous` it was added, without `next` removed. */
export interface EntryDifference {
  readonly previous?: MapEntry
  readonly next?: MapEntry
}

/** A node, or the entries of a node that was split on the other side. */
type Side = MapNode | { readonly mode: 'entries'; readonly entries: readonly MapEntry[] }

const NOTHING: Side = { mode: 'entries', entries: [] }

/** Differences of two versions of a map or set, bucket by bucket. Reads only the nodes in which they differ. */
export async function* diffMaps(
  nodes: MapNodes,
  previous: ObjectId,
  next: ObjectId,
): AsyncGenerator<EntryDifference> {
  if (equalBytes(previous, next)) return
  const from = await nodes.read(previous)
  const to = await nodes.read(next)
  if (from.head.type !== to.head.type || from.head.depth !== to.head.depth) {
    throw objectInvalid({
      path: 'diff',
      got: `a ${from.head.type} at depth ${from.head.depth} and a ${to.head.type} at depth ${to.head.depth}`,
      expected: 'two versions of one map',
    })
  }
  yield* diffSides(nodes, [from, to], [])
}

async function* diffSides(
  nodes: MapNodes,
  [from, to]: readonly [Side, Side],
  trail: Trail,
): AsyncGenerator<EntryDifference> {
  const hub = from.mode === 'hub' ? from : to.mode === 'hub' ? to : undefined
  if (hub === undefined) {
    yield* diffEntries(entriesOf(from as SimpleNode, trail), entriesOf(to as SimpleNode, trail))
    return
  }
  const { depth } = hub.head
  const parts = [partsOf(from, trail, depth), partsOf(to, trail, depth)] as const
  const buckets = new Set(parts.flatMap((part) => [...part.keys()]))
  for (const bucket of [...buckets].sort((a, b) => a - b)) {
    const [a = NOTHING, b = NOTHING] = parts.map((part) => part.get(bucket))
    if (isLink(a) && isLink(b) && equalBytes(a.id, b.id)) continue
    const sides = [await open(nodes, from, a, trail), await open(nodes, to, b, trail)] as const
    yield* diffSides(nodes, sides, [...trail, { depth, bucket }])
  }
}

type Part = Side | SubLink

function isLink(part: Part): part is SubLink {
  return 'bucket' in part
}

/** What a side has in each bucket of a hub at `depth`. */
function partsOf(side: Side, trail: Trail, depth: number): ReadonlyMap<number, Part> {
  if (side.mode === 'hub') return new Map(side.subs.map((sub) => [sub.bucket, sub]))
  const groups = groupByBucket(entriesOf(side, trail), depth)
  return new Map(groups.map(([bucket, entries]) => [bucket, { mode: 'entries', entries }]))
}

async function open(nodes: MapNodes, side: Side, part: Part, trail: Trail): Promise<Side> {
  return isLink(part) ? readSub(nodes, side as HubNode, part, trail.length) : part
}

function entriesOf(side: Exclude<Side, HubNode>, trail: Trail): readonly MapEntry[] {
  return side.mode === 'simple' ? entriesAt(side, trail) : side.entries
}

function* diffEntries(from: readonly MapEntry[], to: readonly MapEntry[]): Generator<EntryDifference> {
  let at = 0
  for (const next of to) {
    while (at < from.length && compareEntries(from[at]!, next) < 0) yield { previous: from[at++]! }
    const previous = from[at]
    if (previous === undefined || compareEntries(previous, next) !== 0) {
      yield { next }
      continue
    }
    at++
    if (!equalBytes(previous.raw, next.raw)) yield { previous, next }
  }
  while (at < from.length) yield { previous: from[at++]! }
}

/** Differences of two versions of a map of ids by keys. @throws OBJECT_INVALID for other maps */
export async function* mapChanges(
  nodes: MapNodes,
  previous: ObjectId,
  next: ObjectId,
): AsyncGenerator<MapItems['diffMap']> {
  await readMap(nodes, previous, 'map')
  for await (const difference of diffMaps(nodes, previous, next)) yield mapChange(difference)
}

/**
 * [OB13] Stores the diff of two versions as a map of its own, of the owner and DEC app of the first one.
 *
 * @throws OBJECT_INVALID for what are not two maps or two sets
 */
export async function createDiff(nodes: MapNodes, previous: ObjectId, next: ObjectId): Promise<ObjectId> {
  const { head } = await nodes.read(previous)
  const isMap = head.type === 'map'
  if (!isMap && head.type !== 'set') {
    throw objectInvalid({ path: formatObjectId(previous), got: `a ${head.type}`, expected: 'a map or a set' })
  }
  const entries: MapEntry[] = []
  for await (const difference of diffMaps(nodes, previous, next)) {
    entries.push(isMap ? encodeEntry('diffMap', mapChange(difference)) : setDifference(difference))
  }
  const { owner, decId } = head
  const type = isMap ? 'diffMap' : 'diffSet'
  const { root, fresh } = buildMap({ type, role: 'root', depth: 0, owner, decId }, entries)
  await nodes.write(fresh)
  return root.id
}

function mapChange({ previous, next }: EntryDifference): MapItems['diffMap'] {
  const from = previous === undefined ? undefined : decodeEntry('map', previous)
  const to = next === undefined ? undefined : decodeEntry('map', next)
  return {
    key: (from ?? to)?.key ?? '',
    ...(from === undefined ? {} : { previous: from.value }),
    ...(to === undefined ? {} : { next: to.value }),
  }
}

function setDifference({ previous, next }: EntryDifference): MapEntry {
  return encodeEntry('diffSet', {
    ...(previous === undefined ? {} : { previous: decodeEntry('set', previous).value }),
    ...(next === undefined ? {} : { next: decodeEntry('set', next).value }),
  })
}

/**
 * The version that a diff leads to. The old one stays as it was.
 *
 * @throws OBJECT_CONFLICT when the diff was made from other values than stand here
 * @throws OBJECT_INVALID when the diff is none of this type of map
 */
export async function applyDiff(nodes: MapNodes, map: ObjectId, diff: ObjectId): Promise<ObjectId> {
  const root = await nodes.read(map)
  const change = await nodes.read(diff)
  const isMap = root.head.type === 'map'
  const wanted = isMap ? 'diffMap' : 'diffSet'
  if (change.head.type !== wanted || (!isMap && root.head.type !== 'set')) {
    const got = `a ${change.head.type} for a ${root.head.type}`
    throw objectInvalid({
      path: formatObjectId(diff),
      got,
      expected: 'a diffMap for a map, or a diffSet for a set',
    })
  }
  const changes: EntryChange[] = []
  for await (const entry of walkEntries(nodes, change)) {
    changes.push(
      isMap
        ? await checkMapItem(nodes, root, decodeEntry('diffMap', entry))
        : await checkSetItem(nodes, root, decodeEntry('diffSet', entry)),
    )
  }
  const edited = await editMap(nodes, root, changes)
  await nodes.write(edited.fresh)
  return edited.root.id
}

async function checkMapItem(nodes: MapNodes, root: MapNode, item: MapItems['diffMap']): Promise<EntryChange> {
  const { key, previous, next } = item
  const there = await lookUp(nodes, root, mapKey(key))
  const value = there === undefined ? undefined : decodeEntry('map', there).value
  assertExpected(key, value, previous ?? null)
  return next === undefined ? mapKey(key) : encodeEntry('map', { key, value: next })
}

async function checkSetItem(nodes: MapNodes, root: MapNode, item: MapItems['diffSet']): Promise<EntryChange> {
  const { previous, next } = item
  const entry = setEntry((previous ?? next) as ObjectId)
  const there = await lookUp(nodes, root, entry)
  if ((there === undefined) !== (previous === undefined)) {
    const [got, expected] = previous === undefined ? ['it', 'nothing'] : ['nothing', 'it']
    throw conflict(`The set's ${formatObjectId((previous ?? next) as ObjectId)}`, got, expected)
  }
  return previous === undefined ? entry : { sort: entry.sort, hashed: entry.hashed }
}
