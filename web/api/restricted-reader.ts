import { type Bytes, collectBytes } from '#core/bytes.ts'
import { MAX_TABLE_CACHE_FILES } from '#core/limits.ts'
import { mediaTypeOf } from '#core/media-type.ts'
import { createSharedWork } from '#core/shared-work.ts'
import { providerCid } from '#objects/object-cid.ts'
import { formatObjectId } from '#objects/object-id.ts'
import {
  decodeFolderTable,
  type FolderRow,
  folderTableEnd,
  type PlacedFile,
  TABLE_LENGTH_BYTES,
} from '#objects/sealed-folder.ts'
import {
  importSealKey,
  layoutOfSealed,
  SEGMENT_BYTES,
  type SealKey,
  type SealLayout,
  sealedRange,
  unseal,
} from '#objects/sealed-segments.ts'
import { fileOf, type ReadFileBytes } from './file-bytes.ts'
import { type FoundByLink, noPath } from './object-finder.ts'
import type { OpenedSeal } from './restricted-files.ts'
import type { CallOptions } from './types.ts'

/** Bytes from `start` (inclusive) to `end` (exclusive). */
export interface PlainRange {
  readonly start: number
  readonly end: number
}

/** What a reader finds in restricted content at the link's path. */
export type Unsealed =
  | {
      readonly kind: 'file'
      readonly name: string
      readonly mime?: string
      readonly bytes: number
      /** Opens the segments of a range, which lies within the file. */
      read(range: PlainRange, signal?: AbortSignal): AsyncGenerator<Bytes>
    }
  | { readonly kind: 'folder'; readonly name: string; readonly files: ReadonlyMap<string, PlacedFile> }

/** @throws OBJECT_PATH_NOT_FOUND, OBJECT_INVALID for a folder with a wrong table, and what reading throws */
export type Unseal = (
  target: Extract<FoundByLink, { kind: 'object' }>,
  seal: OpenedSeal,
  options: CallOptions & { readonly link: string },
) => Promise<Unsealed>

/** A file in a content: the content itself, or a part of it. */
interface FilePlace extends Omit<FolderRow, 'path'> {
  readonly name: string
  /** of its first byte in the content */
  readonly offset: number
}

/** One restricted content that opens. */
interface Sealed {
  readonly target: Extract<FoundByLink, { kind: 'object' }>
  readonly layout: SealLayout
  readonly key: SealKey
}

/** [OB11] Restricted content, opened segment by segment; the table of a folder is read once and kept for a while. */
export function createRestrictedReader(readFileBytes: ReadFileBytes): Unseal {
  const tables = createTableCache()
  const reading = createSharedWork<ReadonlyMap<string, PlacedFile>>()

  async function* readPlain(
    { target, layout, key }: Sealed,
    { start, end }: PlainRange,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Bytes> {
    if (start === end) return
    // its bytes are announced to nobody: who has the object has them
    const within = target.within ?? providerCid(target.found.id).toString()
    const stored = readFileBytes({ ...target, within }, { ...sealedRange(layout, { start, end }), signal })
    yield* unseal(stored, { layout, key, start, end })
  }

  /** The first segment says how long the table is, and mostly holds all of it. */
  async function readTable(sealed: Sealed, signal: AbortSignal): Promise<ReadonlyMap<string, PlacedFile>> {
    const { plainBytes } = sealed.layout
    const read = (end: number) => collectBytes(readPlain(sealed, { start: 0, end }, signal))
    const first = await read(Math.min(plainBytes, SEGMENT_BYTES))
    const end = folderTableEnd(first.subarray(0, TABLE_LENGTH_BYTES), plainBytes)
    return decodeFolderTable(end <= first.length ? first.subarray(0, end) : await read(end), plainBytes)
  }

  async function filesOf(sealed: Sealed, signal: AbortSignal | undefined) {
    const id = formatObjectId(sealed.target.found.id)
    const known = tables.get(id)
    if (known !== undefined) return known
    const files = await reading(id, (shared) => readTable(sealed, shared), signal)
    tables.put(id, files)
    return files
  }

  return async (target, { key, facts: { kind, name } }, { link, signal }) => {
    const { found, inside } = target
    const layout = layoutOfSealed(fileOf(found).length)
    const sealed: Sealed = { target, layout, key: await importSealKey(key) }
    if (kind === 'file') {
      if (inside !== undefined) throw noPath(link, inside, 'what stands there is no folder')
      return fileAt({ name, mime: mediaTypeOf(name), bytes: layout.plainBytes, offset: 0 }, sealed)
    }
    const files = await filesOf(sealed, signal)
    if (inside === undefined) return { kind, name, files }
    const file = files.get(inside)
    if (file === undefined) throw noPath(link, inside, 'the folder has no such file')
    return fileAt({ ...file, name: inside.slice(inside.lastIndexOf('/') + 1) }, sealed)
  }

  function fileAt({ name, mime, bytes, offset }: FilePlace, sealed: Sealed): Unsealed {
    return {
      kind: 'file',
      name,
      ...(mime === undefined ? {} : { mime }),
      bytes,
      read: ({ start, end }, signal) =>
        readPlain(sealed, { start: offset + start, end: offset + end }, signal),
    }
  }
}

/** Tables by the ids of their objects, those used last. An id names one content, so that they never change. */
function createTableCache() {
  const cache = new Map<string, ReadonlyMap<string, PlacedFile>>()
  let held = 0
  // an empty table takes room too
  const roomOf = ({ size }: ReadonlyMap<string, PlacedFile>) => size + 1
  function drop(id: string): void {
    const known = cache.get(id)
    if (known === undefined) return
    cache.delete(id)
    held -= roomOf(known)
  }
  function put(id: string, files: ReadonlyMap<string, PlacedFile>): void {
    drop(id)
    cache.set(id, files)
    held += roomOf(files)
    for (const oldest of cache.keys()) {
      if (held <= MAX_TABLE_CACHE_FILES) break
      drop(oldest)
    }
  }
  return {
    put,
    get(id: string) {
      const known = cache.get(id)
      if (known !== undefined) put(id, known)
      return known
    },
  }
}
