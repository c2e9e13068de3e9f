import { list, optional } from '../content/composite-fields.ts'
import type { Problem } from '../content/field.ts'
import { bytes, hash, objectId, oneOf, text, u64 } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { isChunkId, STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'

/** Where the chunks are: named here, in another File, or hashed together. */
const chunkList = struct(
  {
    kind: [1, oneOf('list', 'file', 'bundle')],
    chunks: [2, list(objectId)],
    file: [3, optional(objectId)],
    hashMethod: [4, optional(oneOf('serial'))],
  },
  { check: chunkProblem },
)

/** Restricted content ([OB11]): length, hash, chunks and root are those of what was sealed. */
const cipher = struct({
  method: [1, oneOf('aes-256-gcm')],
  /** name and readers, sealed too */
  facts: [2, bytes],
})

/** Bytes of any length ([OB12]): what they hash to never changes, how they are kept may. */
export const fileType = objectType({
  name: 'File',
  type: STANDARD_TYPES.File,
  formats: { desc: 'raw', body: 'protobuf' },
  desc: struct({ length: [1, u64], hash: [2, hash] }),
  body: struct({
    chunkList: [1, chunkList],
    // beyond CYFS's numbers: how a tab finds and shows the bytes
    /** digest of the UnixFS root's CIDv0 */
    root: [16, optional(hash)],
    name: [17, optional(text)],
    mime: [18, optional(text)],
    cipher: [19, optional(cipher)],
  }),
})

export type FileDesc = DescOf<typeof fileType>
export type FileBody = BodyOf<typeof fileType>
export type ChunkList = FileBody['chunkList']
export type FileCipher = NonNullable<FileBody['cipher']>

function chunkProblem({
  kind,
  chunks,
  file,
  hashMethod,
}: {
  readonly kind: 'list' | 'file' | 'bundle'
  readonly chunks: readonly (typeof objectId extends { check(value: infer T): unknown } ? T : never)[]
  readonly file?: unknown
  readonly hashMethod?: unknown
}): Problem | undefined {
  const at = chunks.findIndex((id) => !isChunkId(id))
  if (at !== -1) return { path: `chunks[${at}]`, got: 'another id', expected: 'the id of a chunk' }
  if ((file !== undefined) !== (kind === 'file')) {
    return {
      path: 'file',
      got: file === undefined ? 'nothing' : 'an id',
      expected: 'it for the kind file alone',
    }
  }
  if ((hashMethod !== undefined) !== (kind === 'bundle')) {
    return { path: 'hashMethod', got: String(hashMethod), expected: 'it for the kind bundle alone' }
  }
  if (kind === 'file' && chunks.length > 0) return { path: 'chunks', got: 'some', expected: 'none' }
  return undefined
}
