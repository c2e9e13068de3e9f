import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ObjectsApi, OpenedObject } from '#api/object-types.ts'
import { AppError } from '#core/errors.ts'
import { normaliseFolder } from '#core/folder-path.ts'

export type WriteOpenedErrorCode = 'OUT_EXISTS' | 'OUT_UNWRITABLE'

export interface WriteOpenedInit {
  readonly objects: Pick<ObjectsApi, 'read' | 'format' | 'parse'>
  readonly link: string
  readonly opened: OpenedObject
  readonly signal: AbortSignal
}

/**
 * Writes a file, or all files of a folder, to a path that does not exist yet; what could not be written whole is
 * removed again.
 *
 * @throws OUT_EXISTS, OUT_UNWRITABLE, FOLDER_PATH_INVALID for a folder whose paths lead out of it, and what `read` throws
 */
export async function writeOpened(path: string, { objects, link, opened, signal }: WriteOpenedInit) {
  const { entries } = opened
  if (entries === undefined) return writeFile(path, objects.read(link, { signal }))
  // others' folders may name what no disk takes, and `..`
  const files = normaliseFolder(entries.map((entry) => ({ path: entry.path, inner: entry.path })))
  await onDisk(path, () => mkdir(path))
  try {
    for (const file of files) {
      const to = join(path, file.path)
      await onDisk(path, () => mkdir(dirname(to), { recursive: true }))
      await writeFile(to, objects.read(innerLink(objects, { link, opened, inner: file.inner }), { signal }))
    }
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    throw error
  }
}

async function writeFile(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await onDisk(path, () => open(path, 'wx'))
  try {
    for await (const piece of pieces) await onDisk(path, () => file.writeFile(piece))
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
  await file.close()
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') {
      throw new AppError<WriteOpenedErrorCode>(
        'OUT_EXISTS',
        `${path} exists already. Name another with --out; nothing was written.`,
        { cause },
      )
    }
    throw new AppError<WriteOpenedErrorCode>(
      'OUT_UNWRITABLE',
      `Cannot write ${path}: ${(cause as Error).message}.`,
      { cause },
    )
  }
}

/** The link with a path behind what it names; the link may be an id alone. */
function innerLink(
  { parse, format }: Pick<ObjectsApi, 'parse' | 'format'>,
  { link, opened, inner }: Pick<WriteOpenedInit, 'link' | 'opened'> & { readonly inner: string },
): string {
  const { id, owner = id } = opened
  if (!/^cyfs:/i.test(link.trim())) return format({ type: 'o', zone: owner, id, inner })
  const parsed = parse(link.trim())
  return format({ ...parsed, inner: parsed.inner === '' ? inner : `${parsed.inner}/${inner}` })
}
