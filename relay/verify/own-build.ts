import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { relayError } from '../errors.ts'
import { MAX_PAGE_FILE_BYTES, MAX_PAGE_LIST_BYTES } from '../limits.ts'
import { PAGE_LIST, type PageList, parsePageList, sha256Of } from './page-list.ts'
import { SINGLE_FILE } from './release-list.ts'
import { noBuild, type PageVerdict } from './verify-page.ts'

/** The list of the page that was built into `folder`; undefined when there is none. */
export async function readOwnList(folder: string): Promise<PageList | undefined> {
  const content = await readBounded(join(folder, PAGE_LIST), MAX_PAGE_LIST_BYTES).catch(() => undefined)
  return content === undefined ? undefined : parsePageList(content.toString('utf8'))
}

/** The hash of the one file that was built into `folder`; undefined when there is none. */
export async function readOwnFile(folder: string): Promise<string | undefined> {
  const content = await readBounded(join(folder, SINGLE_FILE), MAX_PAGE_FILE_BYTES).catch(() => undefined)
  return content === undefined ? undefined : sha256Of(content)
}

/** Compares a file on disk. @throws PAGE_UNREACHABLE, PAGE_UNKNOWN */
export async function verifyOnDisk(path: string, accepted: ReadonlySet<string>): Promise<PageVerdict> {
  if (accepted.size === 0) throw noBuild()
  const content = await readBounded(path, MAX_PAGE_FILE_BYTES)
  const found = sha256Of(content)
  const problems = accepted.has(found) ? [] : [`${basename(path)} differs`]
  return { hash: found, files: 1, bytes: content.length, problems }
}

async function readBounded(path: string, maxBytes: number): Promise<Buffer> {
  try {
    if ((await stat(path)).size <= maxBytes) return await readFile(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw relayError('PAGE_UNREACHABLE', `Cannot read ${path} (${code}): name a file that is there.`, {
      cause,
    })
  }
  throw relayError(
    'PAGE_UNREACHABLE',
    `${path} has more than ${maxBytes} bytes, so it is no page of Tabland.`,
  )
}
