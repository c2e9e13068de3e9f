import { readFile, stat } from 'node:fs/promises'
import { relayError } from '../errors.ts'
import { MAX_RELEASES, MAX_RELEASES_BYTES } from '../limits.ts'
import { fetchBounded } from './fetch-bounded.ts'
import { PAGE_LIST } from './page-list.ts'

/** The page in one file, as `npm run build:single` names it. */
export const SINGLE_FILE = 'tabland.html'

/** What a release gave out: its page, or the page in one file. */
export interface Release {
  /** such as `0.2.0` */
  readonly version: string
  readonly kind: 'page' | 'file'
  /** [RE6a] SHA-256, hex: of the page's list of files, or of the one file */
  readonly hash: string
}

const LINE = /^([0-9a-f]{64}) {2}([0-9A-Za-z][0-9A-Za-z.-]{0,63})\/([a-z0-9.]+)$/
const KINDS: Readonly<Record<string, Release['kind']>> = { [PAGE_LIST]: 'page', [SINGLE_FILE]: 'file' }

/** One line of the list, as `sha256sum` prints it for the file in a folder of the release's name. */
export function formatRelease({ version, kind, hash }: Release): string {
  return `${hash}  ${version}/${kind === 'page' ? PAGE_LIST : SINGLE_FILE}\n`
}

/**
 * Reads a list of releases: one on each line, `#` begins a comment. `where` is named in the error.
 *
 * @throws RELEASE_LIST
 */
export function parseReleaseList(text: string, where: string): readonly Release[] {
  const releases: Release[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.trimEnd()
    if (content === '' || content.startsWith('#')) continue
    const [, hash = '', version = '', file = ''] = LINE.exec(content) ?? []
    const kind = KINDS[file]
    if (kind === undefined) {
      throw listError(
        `Line ${index + 1} of ${where} is no release, such as "${'0'.repeat(8)}…  0.1.0/${PAGE_LIST}" or "…  0.1.0/${SINGLE_FILE}".`,
      )
    }
    if (releases.length >= MAX_RELEASES) throw listError(`${where} has more than ${MAX_RELEASES} releases.`)
    releases.push({ version, kind, hash })
  }
  return releases
}

/**
 * Reads the list at a path or an address. One from elsewhere is believed as much as who sends it, so only by https, or
 * from this machine.
 *
 * @throws RELEASE_LIST
 */
export async function loadReleaseList(where: string, signal: AbortSignal): Promise<readonly Release[]> {
  const text = /^https?:/i.test(where) ? await fetchList(new URL(where), signal) : await readList(where)
  return parseReleaseList(text, where)
}

async function fetchList(url: URL, signal: AbortSignal): Promise<string> {
  if (url.protocol !== 'https:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)) {
    throw listError(
      `${url.href} comes by http, where anybody on the way may change it: name it by https:// or as a file.`,
    )
  }
  const fetched = await fetchBounded(url, { signal, take: () => true })
  signal.throwIfAborted()
  if ('trouble' in fetched) throw listError(`${url.href} ${fetched.trouble}: check the address.`)
  if (fetched.text === undefined || fetched.bytes > MAX_RELEASES_BYTES) throw tooLarge(url.href)
  return fetched.text
}

async function readList(path: string): Promise<string> {
  let isSmall = false
  try {
    isSmall = (await stat(path)).size <= MAX_RELEASES_BYTES
    if (isSmall) return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw listError(`Cannot read the list of releases ${path} (${code}): name a file that is there.`, cause)
  }
  throw tooLarge(path)
}

function tooLarge(where: string) {
  return listError(`${where} has more than ${MAX_RELEASES_BYTES} bytes, so it is no list of releases.`)
}

function listError(sentence: string, cause?: unknown) {
  return relayError('RELEASE_LIST', sentence, cause === undefined ? {} : { cause })
}
