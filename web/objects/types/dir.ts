import { map, optional, sortedBy } from '../content/composite-fields.ts'
import type { Problem } from '../content/field.ts'
import { bytes, hash, objectId, oneOf, text, text16, u32 } from '../content/fields.ts'
import { type Message, struct } from '../content/struct.ts'
import { variant } from '../content/variant.ts'
import { type ObjectId, STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'

/** What stands at a path: an object (File, Dir or Diff), a file of one chunk, or a part of the Dir's own chunk. */
const node = variant({
  object: [1, objectId],
  chunk: [2, objectId],
  inParent: [3, struct({ start: [1, u32], end: [2, u32] })],
})

/** Paths and what stands there: in the desc, or in a chunk that the desc names. */
export const dirEntries = struct({
  /** a chunk that holds the small files one after the other */
  parentChunk: [1, optional(objectId)],
  /** by path, as `img/a.png` */
  paths: [2, map(struct({ attributes: [1, u32], node: [2, node] }), text16)],
})

/** Paths to files ([OB12]). Long lists stand in a chunk; the id is the same either way. */
export const dirType = objectType({
  name: 'Dir',
  type: STANDARD_TYPES.Dir,
  formats: { desc: 'raw', body: 'protobuf' },
  desc: struct({
    attributes: [1, u32],
    list: [2, variant({ chunk: [1, objectId], entries: [2, dirEntries] })],
  }),
  body: struct(
    {
      kind: [1, oneOf('chunk', 'objects')],
      chunk: [2, optional(objectId)],
      /** encoded objects and chunks that the paths name, so that they need not be fetched */
      objects: [3, sortedBy(struct({ id: [1, objectId], value: [2, bytes] }), ({ id }) => id)],
      // beyond CYFS's numbers: how a tab pins and shows the whole
      /** digest of the CIDv0 of the folder's UnixFS directory */
      root: [16, optional(hash)],
      name: [17, optional(text)],
    },
    { check: bodyProblem },
  ),
})

export type DirEntries = typeof dirEntries extends Message<infer T> ? T : never
export type DirDesc = DescOf<typeof dirType>
export type DirBody = BodyOf<typeof dirType>

function bodyProblem({
  kind,
  chunk,
  objects,
}: {
  readonly kind: 'chunk' | 'objects'
  readonly chunk?: ObjectId | undefined
  readonly objects: readonly unknown[]
}): Problem | undefined {
  if ((chunk !== undefined) !== (kind === 'chunk')) {
    return {
      path: 'chunk',
      got: chunk === undefined ? 'nothing' : 'an id',
      expected: 'it for the kind chunk alone',
    }
  }
  if (kind === 'chunk' && objects.length > 0) return { path: 'objects', got: 'some', expected: 'none' }
  return undefined
}
