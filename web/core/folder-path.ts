import { utf8 } from './bytes.ts'
import { AppError } from './errors.ts'
import { MAX_FOLDER_PATH_BYTES, MAX_PATH_KEY_BYTES } from './limits.ts'

export type FolderPathErrorCode = 'FOLDER_PATH_INVALID' | 'FOLDER_PATH_TWICE'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const REFUSED = /[\u0000-\u001f\u007f\\]/

/**
 * The one form of a file's path in a folder ([OB12]): segments joined by slashes, in NFC.
 *
 * @throws FOLDER_PATH_INVALID for what would lead out of the folder, or what a link could not name
 */
export function normaliseFolderPath(path: string): string {
  const normal = path.toWellFormed() === path ? path.normalize('NFC') : ''
  const problem = REFUSED.test(normal) ? 'a control character or a backslash' : segmentsProblem(normal)
  if (problem !== undefined) throw invalid(path, problem)
  const bytes = utf8(normal).length
  if (bytes > MAX_FOLDER_PATH_BYTES)
    throw invalid(path, `${bytes} bytes, at most ${MAX_FOLDER_PATH_BYTES} fit`)
  return normal
}

/**
 * The same files under normal paths, in the order of these.
 *
 * @throws FOLDER_PATH_INVALID, FOLDER_PATH_TWICE when two would be the same, or one would be a folder and a file
 */
export function normaliseFolder<T extends { readonly path: string }>(files: readonly T[]): readonly T[] {
  const byPath = new Map<string, T>()
  for (const file of files) {
    const path = normaliseFolderPath(file.path)
    if (byPath.has(path)) throw twice(path, 'stands there twice')
    byPath.set(path, { ...file, path })
  }
  const both = fileThatIsFolder([...byPath.keys()])
  if (both !== undefined) throw twice(both, 'is a file and a folder')
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** A path that others lead through, of normal paths that each stand there once. */
export function fileThatIsFolder(paths: readonly string[]): string | undefined {
  // what the path before begins with, itself too: all of them that a path begins with stand right before it
  const begun: string[] = []
  for (const path of [...paths].sort()) {
    while (begun.length > 0 && !path.startsWith(begun.at(-1) as string)) begun.pop()
    const file = begun.find(({ length }) => path[length] === '/')
    if (file !== undefined) return file
    begun.push(path)
  }
  return undefined
}

/** Foreign tables have millions of segments: none is cut out of its path that need not be. */
function segmentsProblem(path: string): string | undefined {
  for (let start = 0; start <= path.length; ) {
    const slash = path.indexOf('/', start)
    const end = slash === -1 ? path.length : slash
    const length = end - start
    if (length === 0) return 'an empty segment'
    const isDots = length <= 2 && path.startsWith('..'.slice(0, length), start)
    if (isDots) return `the segment ${path.slice(start, end)}`
    // a character takes three bytes at most
    const bytes = 3 * length <= MAX_PATH_KEY_BYTES ? 0 : utf8(path.slice(start, end)).length
    if (bytes > MAX_PATH_KEY_BYTES) return `a segment of ${bytes} bytes, at most ${MAX_PATH_KEY_BYTES} fit`
    start = end + 1
  }
  return undefined
}

function invalid(path: string, problem: string): AppError<FolderPathErrorCode> {
  return new AppError(
    'FOLDER_PATH_INVALID',
    `The path "${path.slice(0, 80)}" cannot stand in a folder: it has ${problem}. Rename the file; nothing was stored.`,
  )
}

function twice(path: string, problem: string): AppError<FolderPathErrorCode> {
  return new AppError(
    'FOLDER_PATH_TWICE',
    `"${path.slice(0, 80)}" ${problem} in this folder. Rename one of them; nothing was stored.`,
  )
}
