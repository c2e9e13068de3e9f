import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from '#core/bytes.ts'
import type { SegmentFile, SegmentFolder } from '#seed/blockstore/segment-folder.ts'

const SUFFIX = '.segment'
const RESERVE = 'reserve'

/** Segments in a folder of the file system, for one process at a time. */
export class FsFolder implements SegmentFolder {
  readonly #path: string
  readonly #open = new Set<string>()

  /** @param path an existing folder */
  constructor(path: string) {
    this.#path = path
  }

  async list(): Promise<readonly string[]> {
    const names = await readdir(this.#path)
    return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length))
  }

  async size(id: string): Promise<number | undefined> {
    return (await stat(this.#file(id)).catch(ignoreMissing))?.size
  }

  async read(id: string, at: number, length: number): Promise<Bytes | undefined> {
    const handle = await open(this.#file(id)).catch(ignoreMissing)
    if (handle === undefined) return
    try {
      return await readUpTo(handle, at, length)
    } finally {
      await handle.close()
    }
  }

  async open(id: string): Promise<SegmentFile | undefined> {
    if (this.#open.has(id)) return
    this.#open.add(id)
    const handle = await open(this.#file(id), constants.O_RDWR | constants.O_CREAT)
    // the new name must outlive a power cut as well as the bytes
    await syncFolder(this.#path)
    let { size } = await handle.stat()
    return {
      size: () => size,
      write: async (at, parts) => {
        await writeAll(handle, at, parts)
        size = Math.max(size, at + parts.reduce((sum, { length }) => sum + length, 0))
      },
      truncate: async (to) => {
        await handle.truncate(to)
        size = to
      },
      flush: () => handle.datasync(),
      close: async () => {
        this.#open.delete(id)
        await handle.close()
      },
    }
  }

  async remove(id: string): Promise<void> {
    await rm(this.#file(id), { force: true })
  }

  /** Written, not only sized: a file system gives no room to bytes that were never written. */
  async reserve(bytes: number): Promise<void> {
    const path = join(this.#path, RESERVE)
    if (bytes === 0) return rm(path, { force: true })
    if ((await stat(path).catch(ignoreMissing))?.size !== bytes) await writeFile(path, new Uint8Array(bytes))
  }

  #file(id: string): string {
    return join(this.#path, id + SUFFIX)
  }
}

/** Writes all of `parts` from `at` on, whatever a single call takes. */
export async function writeAll(handle: FileHandle, at: number, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) {
    for (let done = 0; done < part.length; ) {
      const { bytesWritten } = await handle.write(part, done, part.length - done, at + done)
      done += bytesWritten
    }
    at += part.length
  }
}

/** Up to `length` bytes from `at`, fewer at the end of the file. */
export async function readUpTo(handle: FileHandle, at: number, length: number): Promise<Bytes> {
  const { size } = await handle.stat()
  const bytes = new Uint8Array(Math.max(0, Math.min(length, size - at)))
  let done = 0
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, at + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return done === bytes.length ? bytes : bytes.slice(0, done)
}

/** Makes new and renamed files of a folder durable. Windows cannot, and needs it less: its journal keeps names. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
