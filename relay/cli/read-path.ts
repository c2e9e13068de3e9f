import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { AppError } from '#core/errors.ts'
import { normaliseFolder } from '#core/folder-path.ts'
import { CHUNK_BYTES, MAX_FOLDER_FILES } from '#core/limits.ts'
import type { FolderFile, SizedSource } from '#peer/add-source.ts'

export type ReadPathErrorCode = 'FILE_UNREADABLE' | 'FOLDER_EMPTY'

/** What stands at a path of this machine. */
export type FoundPath =
  | { readonly kind: 'file'; readonly content: SizedSource }
  | { readonly kind: 'folder'; readonly files: readonly FolderFile[] }

/**
 * A file, or every regular file below a folder; links are not followed.
 *
 * @throws FILE_UNREADABLE, FOLDER_EMPTY, FOLDER_PATH_INVALID
 */
export async function readPath(path: string): Promise<FoundPath> {
  const found = await stat(path).catch((cause: unknown) => {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw unreadable(path, missing ? 'there is no such file' : 'no permission')
  })
  if (found.isFile()) return { kind: 'file', content: fileSource(path, found.size) }
  if (found.isDirectory()) return { kind: 'folder', files: await readFolder(path) }
  throw unreadable(path, 'it is neither a file nor a folder')
}

async function readFolder(folder: string): Promise<readonly FolderFile[]> {
  const files: FolderFile[] = []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const { size } = await stat(path)
    files.push({ path: relative(folder, path).split(sep).join('/'), content: fileSource(path, size) })
    // more are refused by whoever takes them: they need not be looked at
    if (files.length > MAX_FOLDER_FILES) break
  }
  if (files.length === 0) {
    throw new AppError<ReadPathErrorCode>(
      'FOLDER_EMPTY',
      `There is no file in ${folder}. Nothing was stored.`,
    )
  }
  return normaliseFolder(files)
}

function fileSource(path: string, size: number): SizedSource {
  return {
    size,
    async *pieces() {
      const file: FileHandle = await open(path)
      try {
        yield* file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })
      } finally {
        await file.close()
      }
    },
  }
}

function unreadable(path: string, why: string): AppError<ReadPathErrorCode> {
  return new AppError('FILE_UNREADABLE', `Cannot read ${path}: ${why}.`)
}
