import type { Bytes } from '#core/bytes.ts'
import { decodeContent } from './content/content.ts'
import type { NamedObject } from './object.ts'
import { chunkLength, isChunk, type ObjectId, objectIdKey } from './object-id.ts'
import { type BodyOf, readContent } from './object-type.ts'
import { type DirEntries, dirEntries, dirType } from './types/dir.ts'

/** What stands at a path of a Dir. */
export type DirNode =
  | { readonly kind: 'object'; readonly id: ObjectId }
  /** a file of one chunk; without bytes where they did not come with the Dir, without id where the list has none */
  | { readonly kind: 'chunk'; readonly id?: ObjectId; readonly length: number; readonly bytes?: Bytes }

/** A Dir as it is read: its list, and the objects and chunks that travel in its body. */
export interface DirFiles {
  /** by path, in the order of the paths; undefined where the list stands in a chunk that did not come along */
  readonly nodes: ReadonlyMap<string, DirNode> | undefined
  /** An encoded object that came along; it is as good as any peer's answer. */
  carried(id: ObjectId): Bytes | undefined
}

/** Reads a Dir. Its chunks are checked; the objects that it carries are not. @throws OBJECT_INVALID */
export function readDir({ desc, body }: NamedObject): DirFiles {
  const carried = carriedBy(body === undefined ? undefined : readContent(dirType, 'body', body.content))
  const checked = new Map<string, Bytes | undefined>()
  // each once, however many paths of a hostile list name it
  const chunk = (id: ObjectId): Bytes | undefined => {
    const key = objectIdKey(id)
    if (!checked.has(key)) {
      const bytes = carried.get(key)
      checked.set(key, bytes !== undefined && isChunk(id, bytes) ? bytes : undefined)
    }
    return checked.get(key)
  }
  const { list } = readContent(dirType, 'desc', desc.content)
  return {
    nodes: nodesOf(list.kind === 'entries' ? list.value : listOf(chunk(list.value)), chunk),
    carried: (id) => carried.get(objectIdKey(id)),
  }
}

/** [OB12] A path names the file itself, or one in a Dir that stands at a part of the path. */
export function findInDir(
  nodes: ReadonlyMap<string, DirNode>,
  path: string,
): { readonly node: DirNode; readonly rest: string } | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const node = nodes.get(path.slice(0, end))
    if (node !== undefined) return { node, rest: path.slice(end + 1) }
  }
  return undefined
}

function carriedBy(body: BodyOf<typeof dirType> | undefined): ReadonlyMap<string, Bytes> {
  return new Map((body?.objects ?? []).map(({ id, value }) => [objectIdKey(id), value]))
}

function listOf(chunk: Bytes | undefined): DirEntries | undefined {
  return chunk && decodeContent(dirEntries, 'raw', chunk, { path: 'desc.content.list', offset: 0 })
}

function nodesOf(
  entries: DirEntries | undefined,
  chunk: (id: ObjectId) => Bytes | undefined,
): ReadonlyMap<string, DirNode> | undefined {
  if (entries === undefined) return undefined
  const { parentChunk, paths } = entries
  const own = parentChunk && chunk(parentChunk)
  return new Map([...paths].map(([path, { node }]) => [path, toNode(node, own, chunk)]))
}

type ListedNode = DirEntries['paths'] extends ReadonlyMap<string, { readonly node: infer T }> ? T : never

function toNode(
  node: ListedNode,
  own: Bytes | undefined,
  chunk: (id: ObjectId) => Bytes | undefined,
): DirNode {
  if (node.kind === 'object') return { kind: 'object', id: node.value }
  if (node.kind === 'chunk') {
    const bytes = chunk(node.value)
    const length = chunkLength(node.value) ?? 0
    return { kind: 'chunk', id: node.value, length, ...(bytes === undefined ? {} : { bytes }) }
  }
  const { start, end } = node.value
  const length = Math.max(0, end - start)
  if (own === undefined || end > own.length) return { kind: 'chunk', length }
  // neither copied nor hashed: thousands of ranges may overlap
  return { kind: 'chunk', length, bytes: own.subarray(start, end) }
}
