import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from './fs-folder.ts'

/** Writes a file that appears whole or not at all, and that only its owner may read, into a folder made if missing. */
export async function writePrivateFile(
  folder: string,
  name: string,
  content: Uint8Array | string,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, name)
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
    await handle.close()
    await rename(draft, file)
  } catch (error) {
    await handle.close().catch(() => {}) // it may be closed
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(folder)
}
