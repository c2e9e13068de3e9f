import type { Bytes } from '#core/bytes.ts'
import type { SegmentFile, SegmentFolder } from './segment-folder.ts'

/**
 * The synchronous half of OPFS, which exists in dedicated workers only; TypeScript's DOM library has none of
 * it. https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle
 */
interface SyncAccessHandle {
  read(buffer: Uint8Array, options: { at: number }): number
  write(buffer: Uint8Array, options: { at: number }): number
  getSize(): number
  truncate(size: number): void
  flush(): void
  close(): void
}

interface SyncFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncAccessHandle>
}

const SUFFIX = '.segment'
const RESERVE = 'reserve'
/**
 * A file that another tab appends to while we read it fails as "not readable" (its time changed): in 37 of 100
 * reads beside a tab that wrote without pause. Thirty tries in a row fail once in 10¹³.
 */
const READ_TRIES = 30

/** Segments in a folder of the origin's private file system. Only for dedicated workers. */
export class OpfsFolder implements SegmentFolder {
  readonly #directory: FileSystemDirectoryHandle
  readonly #own = new Map<string, SyncAccessHandle>()
  /** the last look at each other segment: taking a new one for every read would double its time */
  readonly #snapshots = new Map<string, File>()

  /** @param path names of nested folders, made when absent */
  static async open(path: readonly string[]): Promise<OpfsFolder> {
    let directory = await navigator.storage.getDirectory()
    for (const name of path) directory = await directory.getDirectoryHandle(name, { create: true })
    return new OpfsFolder(directory)
  }

  private constructor(directory: FileSystemDirectoryHandle) {
    this.#directory = directory
  }

  async list(): Promise<readonly string[]> {
    const ids: string[] = []
    for await (const name of this.#directory.keys()) {
      if (name.endsWith(SUFFIX)) ids.push(name.slice(0, -SUFFIX.length))
    }
    return ids
  }

  async size(id: string): Promise<number | undefined> {
    const own = this.#own.get(id)
    if (own !== undefined) return own.getSize()
    return (await this.#snapshot(id))?.size
  }

  async read(id: string, at: number, length: number): Promise<Bytes | undefined> {
    const own = this.#own.get(id)
    if (own !== undefined) return readOwn(own, at, length)
    let file = this.#snapshots.get(id)
    for (let tries = 1; ; tries++) {
      if (file === undefined || file.size < at + length) file = await this.#snapshot(id)
      if (file === undefined) return
      try {
        return new Uint8Array(await file.slice(at, at + length).arrayBuffer())
      } catch (error) {
        if (tries === READ_TRIES) throw error
        file = undefined
      }
    }
  }

  async open(id: string): Promise<SegmentFile | undefined> {
    const handle = await this.#openSync(id + SUFFIX)
    if (handle === undefined) return
    this.#own.set(id, handle)
    return {
      size: () => handle.getSize(),
      write: async (at, parts) => writeAll(handle, at, parts),
      truncate: async (size) => handle.truncate(size),
      flush: async () => handle.flush(),
      close: async () => {
        this.#own.delete(id)
        handle.close()
      },
    }
  }

  async remove(id: string): Promise<void> {
    await this.#directory.removeEntry(id + SUFFIX).catch(ignoreMissing)
  }

  async reserve(bytes: number): Promise<void> {
    if (bytes === 0) {
      await this.#directory.removeEntry(RESERVE).catch(ignoreMissing)
      return
    }
    const handle = await this.#openSync(RESERVE)
    try {
      if (handle !== undefined && handle.getSize() < bytes) handle.truncate(bytes)
    } finally {
      handle?.close()
    }
  }

  /** The file as it is now; a File that was taken earlier cannot be read once its file has changed. */
  async #snapshot(id: string): Promise<File | undefined> {
    try {
      const file = await (await this.#directory.getFileHandle(id + SUFFIX)).getFile()
      this.#snapshots.set(id, file)
      return file
    } catch (error) {
      this.#snapshots.delete(id)
      return ignoreMissing(error)
    }
  }

  /** undefined while another tab, or one that crashed a moment ago, holds the file */
  async #openSync(name: string): Promise<SyncAccessHandle | undefined> {
    // the cast: this code runs in a worker, where the method exists (see above)
    const file = (await this.#directory.getFileHandle(name, { create: true })) as SyncFileHandle
    try {
      return await file.createSyncAccessHandle()
    } catch (error) {
      if (nameOf(error) === 'NoModificationAllowedError') return
      throw error
    }
  }
}

function readOwn(handle: SyncAccessHandle, at: number, length: number): Bytes {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, handle.getSize() - at)))
  const read = handle.read(bytes, { at })
  return read === bytes.length ? bytes : bytes.slice(0, read)
}

function writeAll(handle: SyncAccessHandle, at: number, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    const written = handle.write(part, { at })
    // a full disk may take a part only, without an error
    if (written !== part.length) {
      throw new DOMException(`wrote ${written} of ${part.length} bytes`, 'QuotaExceededError')
    }
    at += part.length
  }
}

function ignoreMissing(error: unknown): undefined {
  if (nameOf(error) === 'NotFoundError') return
  throw error
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : ''
}
