import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { providerCid } from '#objects/object-cid.ts'
import { formatObjectId } from '#objects/object-id.ts'
import type { ObjectStore, StoredObject } from '#objects/object-store.ts'
import { readContent } from '#objects/object-type.ts'
import { objectTypeName } from '#objects/object-types.ts'
import { importSealKey, layoutOfSealed, sealedRange, unseal } from '#objects/sealed-segments.ts'
import { fileType } from '#objects/types/file.ts'
import type { Content } from '#peer/content.ts'
import { apiError } from './errors.ts'
import type { FindByLink, FoundByLink } from './object-finder.ts'
import type { ReadObjectOptions } from './object-types.ts'
import type { OpenSeal } from './restricted-files.ts'

export interface ObjectReaderComponents {
  readonly find: FindByLink
  readonly store: Pick<ObjectStore, 'trust'>
  readonly content: Pick<Content, 'read'>
  readonly openSeal: OpenSeal
}

interface FileToRead {
  readonly id: string
  readonly length: number
  readonly hash: Bytes
  /** CIDv0 */
  readonly root?: string
}

/**
 * [OB12] Reads files by links: a range against the root that the owner signed, the whole against the File's hash too.
 * What is restricted is opened segment by segment ([OB11]).
 */
export function createObjectReader(components: ObjectReaderComponents) {
  const { find, store, content, openSeal } = components

  /** The stored bytes that a File names, checked. */
  async function* readStored(
    file: FileToRead,
    { offset, length }: { readonly offset: number; readonly length: number },
    { found, within }: Extract<FoundByLink, { kind: 'object' }>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Bytes> {
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

  return async function* read(link: string, options: ReadObjectOptions = {}): AsyncGenerator<Bytes> {
    const { signal } = options
    const target = await find(link, options)
    if (target.kind === 'chunk') {
      const { start, end } = rangeOf(options, target.bytes.length)
      yield target.bytes.slice(start, end)
      return
    }
    const file = fileOf(target.found)
    const seal = await openSeal(target.found, options)
    if (seal === undefined) {
      const { start, end } = rangeOf(options, file.length)
      if (start < end) yield* readStored(file, { offset: start, length: end - start }, target, signal)
      return
    }
    const layout = layoutOfSealed(file.length)
    const { start, end } = rangeOf(options, layout.plainBytes)
    if (start === end) return
    // its bytes are announced to nobody: who has the object has them
    const within = target.within ?? providerCid(target.found.id).toString()
    const stored = readStored(file, sealedRange(layout, { start, end }), { ...target, within }, signal)
    yield* unseal(stored, { layout, key: await importSealKey(seal.key), start, end })
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

/** @throws OBJECT_NO_BYTES */
function fileOf({ id, object: { desc, body } }: StoredObject): FileToRead {
  const name = formatObjectId(id)
  if (desc.type !== fileType.type) {
    const type = objectTypeName(desc.type)
    throw apiError(
      'OBJECT_NO_BYTES',
      `${name} is a ${type}, not a file: it has no bytes. Open it, or name a file in it.`,
    )
  }
  const { length, hash } = readContent(fileType, 'desc', desc.content)
  const root = body && readContent(fileType, 'body', body.content).root
  return { id: name, length: Number(length), hash, ...(root === undefined ? {} : { root: formatCid(root) }) }
}

/** @throws OBJECT_RANGE_INVALID */
function rangeOf(
  { start = 0, end = Number.POSITIVE_INFINITY }: ReadObjectOptions,
  length: number,
): { readonly start: number; readonly end: number } {
  const last = Math.min(end, length)
  if (Number.isSafeInteger(start) && Number.isSafeInteger(last) && start >= 0 && start <= last)
    return { start, end: last }
  throw apiError(
    'OBJECT_RANGE_INVALID',
    `Bytes ${start} to ${end} cannot be read of ${length}: expected whole numbers, 0 ≤ start ≤ end, within the file.`,
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
