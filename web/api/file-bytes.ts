import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { formatObjectId } from '#objects/object-id.ts'
import type { ObjectStore, StoredObject } from '#objects/object-store.ts'
import { readContent } from '#objects/object-type.ts'
import { objectTypeName } from '#objects/object-types.ts'
import { fileType } from '#objects/types/file.ts'
import type { Content } from '#peer/content.ts'
import { apiError } from './errors.ts'
import type { FoundByLink } from './object-finder.ts'

export interface FileBytesComponents {
  readonly store: Pick<ObjectStore, 'trust'>
  readonly content: Pick<Content, 'read'>
}

/** What a File says of the bytes that are stored for it. */
export interface FileToRead {
  readonly id: string
  readonly length: number
  readonly hash: Bytes
  /** CIDv0 */
  readonly root?: string
}

export interface BytesToRead {
  readonly offset: number
  readonly length: number
  readonly signal: AbortSignal | undefined
}

/** The stored bytes that a File names, checked. @throws OBJECT_RANGE_UNSIGNED, OBJECT_NO_BYTES, OBJECT_BYTES_WRONG */
export type ReadFileBytes = (
  target: Extract<FoundByLink, { kind: 'object' }>,
  part: BytesToRead,
) => AsyncGenerator<Bytes>

/** [OB12] A range against the root that the owner signed, the whole against the File's hash too. */
export function createFileBytes({ store, content }: FileBytesComponents): ReadFileBytes {
  return async function* ({ found, within }, { offset, length, signal }) {
    const file = fileOf(found)
    const isWhole = offset === 0 && length === file.length
    const isSigned = (await store.trust(found.object)).level === 'owner'
    if (!isWhole && !isSigned) throw unsigned(file)
    if (file.root === undefined) throw noBytes(file)
    const pieces = content.read(file.root, {
      offset,
      length,
      ...(signal === undefined ? {} : { signal }),
      ...(within === undefined ? {} : { within }),
      onSize(size) {
        if (size !== file.length) throw wrongBytes(file, `${size} bytes came instead of ${file.length}`)
      },
    })
    yield* isWhole ? hashed(pieces, file) : pieces
  }
}

/** The last piece is given when the hash of all is right. @throws OBJECT_BYTES_WRONG */
async function* hashed(pieces: AsyncIterable<Bytes>, file: FileToRead): AsyncGenerator<Bytes> {
  const hash = sha256.create()
  let held: Bytes | undefined
  for await (const piece of pieces) {
    if (held !== undefined) yield held
    hash.update(piece)
    held = piece
  }
  if (!equalBytes(hash.digest(), file.hash)) throw wrongBytes(file, 'their hash is another')
  if (held !== undefined) yield held
}

/** @throws OBJECT_NO_BYTES for what is no File */
export function fileOf({ id, object: { desc, body } }: StoredObject): FileToRead {
  const name = formatObjectId(id)
  if (desc.type !== fileType.type) throw notAFile(name, objectTypeName(desc.type))
  const { length, hash } = readContent(fileType, 'desc', desc.content)
  const root = body && readContent(fileType, 'body', body.content).root
  return { id: name, length: Number(length), hash, ...(root === undefined ? {} : { root: formatCid(root) }) }
}

/** @param type as 'Dir' */
export function notAFile(id: string, type: string): Error {
  return apiError(
    'OBJECT_NO_BYTES',
    `${id} is a ${type}, not a file: it has no bytes. Open it, or name a file in it.`,
  )
}

function unsigned({ id }: FileToRead): Error {
  return apiError(
    'OBJECT_RANGE_UNSIGNED',
    `Nobody signed where the bytes of ${id} are, so only the whole of it can be checked. Read it without a range.`,
  )
}

function noBytes({ id }: FileToRead): Error {
  return apiError(
    'OBJECT_NO_BYTES',
    `The File ${id} does not say where its bytes are. Ask its owner to publish it again.`,
  )
}

function wrongBytes({ id }: FileToRead, why: string): Error {
  return apiError(
    'OBJECT_BYTES_WRONG',
    `The bytes of ${id} are not those that it names: ${why}. They are not to be used.`,
  )
}
