import { type Bytes, utf8 } from '#core/bytes.ts'
import { encodeContent } from '#objects/content/content.ts'
import { readDir } from '#objects/dir-files.ts'
import type { NamedObject } from '#objects/object.ts'
import { chunkId, type ObjectId } from '#objects/object-id.ts'
import { createContent, createDesc } from '#objects/object-type.ts'
import { type DirEntries, dirEntries, dirType } from '#objects/types/dir.ts'
import type { FuzzTarget } from '../fuzz.ts'

const SMALL = utf8('two small files in one chunk')

/** [OB12] The list of a folder that stands in a chunk, which a peer may fill with anything. */
export function dirFilesTarget(): FuzzTarget {
  return {
    name: 'dir-files',
    seeds: [new Map(), paths(1), paths(12)].map((of) =>
      encodeContent(dirEntries, 'raw', { parentChunk, paths: of }),
    ),
    maxInputBytes: 8_192,
    codes: ['OBJECT_INVALID'],
    run(input) {
      const { nodes } = readDir(dirOf(new Uint8Array(input)))
      for (const node of nodes?.values() ?? []) {
        const isWhole =
          node.kind === 'object' || node.bytes === undefined || node.bytes.length === node.length
        if (!isWhole) throw new Error(`${node.length} bytes were promised`)
      }
    },
  }
}

const parentChunk = chunkId(SMALL)

function paths(count: number): DirEntries['paths'] {
  const nodes = [
    { kind: 'object', value: new Uint8Array(32).fill(0x44) as Bytes as ObjectId },
    { kind: 'chunk', value: parentChunk },
    { kind: 'inParent', value: { start: 4, end: 9 } },
  ] as const
  return new Map(
    Array.from({ length: count }, (_, at) => [`dir/${at}.txt`, { attributes: 0, node: nodes[at % 3]! }]),
  )
}

function dirOf(list: Bytes): NamedObject {
  const objects = [list, SMALL].map((value) => ({ id: chunkId(value), value }))
  objects.sort((a, b) => Buffer.compare(a.id, b.id))
  return {
    desc: createDesc(dirType, { attributes: 0, list: { kind: 'chunk', value: chunkId(list) } }),
    body: { updated: 0n, content: createContent(dirType, 'body', { kind: 'objects', objects }) },
    descSigns: [],
    bodySigns: [],
  }
}
