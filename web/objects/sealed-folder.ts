import { ByteReader, type Bytes, ByteWriter, compareBytes, concat, utf8 } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { fileThatIsFolder, normaliseFolderPath } from '#core/folder-path.ts'
import { MAX_FOLDER_FILES, MAX_SEALED_TABLE_BYTES } from '#core/limits.ts'
import { optional, sortedBy } from './content/composite-fields.ts'
import { decodeContent, encodeContent } from './content/content.ts'
import type { Problem } from './content/field.ts'
import { text, u64 } from './content/fields.ts'
import { struct } from './content/struct.ts'
import { objectInvalid } from './object-errors.ts'

/**
 * A restricted folder ([OB11]) is one content that is sealed as a whole: the length of a table (u32), the table, then
 * the bytes of its files in the table's order. So names, number and sizes of the files are sealed with their bytes, and
 * one key opens all of it.
 */

/** One row of the table. */
export interface FolderRow {
  /** `img/a.png`, normalised */
  readonly path: string
  readonly mime?: string | undefined
  readonly bytes: number
}

/** One file of a folder that was opened. */
export interface PlacedFile {
  readonly path: string
  readonly mime?: string
  readonly bytes: number
  /** of its first byte in the content */
  readonly offset: number
}

/** Bytes before the table, which say how long it is. */
export const TABLE_LENGTH_BYTES = 4
const MIME = /^[a-z0-9][a-z0-9.+_-]{0,63}\/[a-z0-9][a-z0-9.+_-]{0,63}$/
const WHOLE = 'folder'

const row = struct({ path: [1, text], mime: [2, optional(text)], bytes: [3, u64] }, { check: rowProblem })
const table = struct({ files: [1, sortedBy(row, ({ path }) => utf8(path))] }, { check: tableProblem })

/**
 * The length of the table, and the table: what the content begins with.
 *
 * @param rows in any order
 * @throws OBJECT_INVALID for paths that no folder has, and more files than one may have
 */
export function encodeFolderTable(rows: readonly FolderRow[]): Bytes {
  const files = inTableOrder(rows).map(({ path, mime, bytes }) => ({ path, mime, bytes: BigInt(bytes) }))
  const encoded = encodeContent(table, 'raw', { files }, WHOLE)
  return concat(new ByteWriter(TABLE_LENGTH_BYTES).u32(encoded.length).finish(), encoded)
}

/** The same files by the UTF-8 of their paths, which is how they stand in table and content. */
export function inTableOrder<T extends Pick<FolderRow, 'path'>>(files: readonly T[]): readonly T[] {
  return files
    .map((file) => ({ file, order: utf8(file.path) }))
    .sort((a, b) => compareBytes(a.order, b.order))
    .map(({ file }) => file)
}

/**
 * How many bytes of the content the table takes, with those that say so.
 *
 * @param start of the content, TABLE_LENGTH_BYTES or more
 * @param contentBytes of the whole
 * @throws OBJECT_INVALID for a table that is longer than any folder's, or than its content
 */
export function folderTableEnd(start: Uint8Array, contentBytes: number): number {
  const room = Math.min(MAX_SEALED_TABLE_BYTES, contentBytes - TABLE_LENGTH_BYTES)
  if (start.length < TABLE_LENGTH_BYTES || room < 0)
    throw invalid({ path: 'length', got: `${start.length} bytes`, expected: `${TABLE_LENGTH_BYTES} bytes` })
  const length = new ByteReader(start).u32('length')
  if (length > room) throw invalid({ path: 'length', got: `${length}`, expected: `at most ${room}` })
  return TABLE_LENGTH_BYTES + length
}

/**
 * The files of a folder by their paths, in the order of these.
 *
 * @param start of the content, up to `folderTableEnd`
 * @param contentBytes of the whole
 * @throws OBJECT_INVALID for anything but the one table of such a content
 */
export function decodeFolderTable(start: Uint8Array, contentBytes: number): ReadonlyMap<string, PlacedFile> {
  const end = folderTableEnd(start, contentBytes)
  if (start.length !== end)
    throw invalid({ path: 'length', got: `${start.length} bytes`, expected: `${end}` })
  const place = { path: WHOLE, offset: TABLE_LENGTH_BYTES }
  const { files } = decodeContent(table, 'raw', start.subarray(TABLE_LENGTH_BYTES), place)
  const claimed = files.reduce((sum, { bytes }) => sum + bytes, 0n)
  if (claimed !== BigInt(contentBytes - end)) {
    const expected = `the ${contentBytes - end} that follow the table`
    throw invalid({ path: 'files', got: `files of ${claimed} bytes`, expected })
  }
  const placed = new Map<string, PlacedFile>()
  let offset = end
  for (const { path, mime, bytes } of files) {
    placed.set(path, { path, ...(mime === undefined ? {} : { mime }), bytes: Number(bytes), offset })
    offset += Number(bytes)
  }
  return placed
}

function rowProblem({ path, mime }: Pick<FolderRow, 'path' | 'mime'>): Problem | undefined {
  if (mime !== undefined && !MIME.test(mime))
    return { path: 'mime', got: `"${mime}"`, expected: 'a media type such as text/plain' }
  try {
    if (normaliseFolderPath(path) === path) return undefined
  } catch (error) {
    if (!isAppError(error, 'FOLDER_PATH_INVALID')) throw error
  }
  return { path: 'path', got: `"${path}"`, expected: 'a normal path that stays in the folder' }
}

function tableProblem({
  files,
}: {
  readonly files: readonly Pick<FolderRow, 'path'>[]
}): Problem | undefined {
  if (files.length > MAX_FOLDER_FILES)
    return { path: 'files', got: `${files.length} files`, expected: `at most ${MAX_FOLDER_FILES}` }
  const both = fileThatIsFolder(files.map(({ path }) => path))
  return both === undefined
    ? undefined
    : { path: 'files', got: `"${both}" as file and folder`, expected: 'one of both' }
}

function invalid({ path, got, expected }: Problem) {
  return objectInvalid({ path: `${WHOLE}.${path}`, got, expected })
}
