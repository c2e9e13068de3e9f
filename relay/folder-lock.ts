import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { AppError } from '#core/errors.ts'
import type { StoreErrorCode } from '#seed/blockstore/errors.ts'

interface Owner {
  readonly pid: number
  /** when the process began, in the kernel's ticks; '' where it cannot be read. Tells a reused pid apart. */
  readonly started: string
  readonly host: string
}

/** What it leaves in the folder, and how the names of its drafts begin. */
export const LOCK_FILE = 'lock'
/** A lock of another host (a container on the same volume) counts as held while it is touched. */
const TOUCH_MS = 20_000
const FOREIGN_STALE_MS = 3 * TOUCH_MS

/** Locks held by this process, for systems where a process's beginning cannot be read. */
const held = new Set<string>()

/**
 * Makes this process the only user of `folder` (which exists) until the returned release is called. The lock
 * of a process that died is taken over.
 *
 * @throws STORE_FOLDER_LOCKED
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_FILE)
  const own: Owner = { pid: process.pid, started: await processStart(process.pid), host: hostname() }
  for (let tries = 0; tries < 3; tries++) {
    if (await tryLink(path, own)) return holdLock(path)
    const found = await readFile(path, 'utf8').catch(() => undefined)
    if (found === undefined) continue
    if (await isHeld(path, found)) break
    await takeAway(path, found)
  }
  throw new AppError<StoreErrorCode>(
    'STORE_FOLDER_LOCKED',
    `${folder} is in use by another process (see ${path}). Stop it, or choose another data folder.`,
  )
}

/** Linking a finished file makes the lock appear whole or not at all, and fails when there is one. */
async function tryLink(path: string, own: Owner): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, JSON.stringify(own))
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

function holdLock(path: string): () => Promise<void> {
  held.add(path)
  const touch = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, TOUCH_MS)
  touch.unref()
  return async () => {
    clearInterval(touch)
    held.delete(path)
    await rm(path, { force: true })
  }
}

async function isHeld(path: string, text: string): Promise<boolean> {
  const owner = parseOwner(text)
  if (owner === undefined) return false
  if (owner.host !== hostname()) {
    const touched = await stat(path).catch(() => undefined)
    return touched !== undefined && Date.now() - touched.mtimeMs < FOREIGN_STALE_MS
  }
  if (owner.pid === process.pid && owner.started === (await processStart(owner.pid))) return held.has(path)
  return isAlive(owner.pid) && owner.started === (await processStart(owner.pid))
}

/** Removes a dead owner's lock. Another process may have done so and locked meanwhile: then its lock is put back. */
async function takeAway(path: string, found: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch {
    return
  }
  if ((await readFile(aside, 'utf8')) !== found) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, started, host } = JSON.parse(text) as Record<string, unknown>
    if (typeof pid !== 'number' || typeof started !== 'string' || typeof host !== 'string') return
    return { pid, started, host }
  } catch {
    return
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Field 22 of /proc/PID/stat (proc(5)); the process's name before it may contain anything up to the last ')'. */
async function processStart(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
