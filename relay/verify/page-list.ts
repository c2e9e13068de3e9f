import { createHash } from 'node:crypto'
import { MAX_PAGE_FILES, MAX_PAGE_LIST_BYTES } from '../limits.ts'

/** Stands beside the files of a built page. */
export const PAGE_LIST = 'page.sha256'

/** One file of the page and the SHA-256 (hex) of its bytes. */
export interface ListedFile {
  /** from the page's folder, such as `index.html` or `assets/main-1a2b.js` */
  readonly path: string
  readonly sha256: string
}

/** Every file of a page, sorted by path. */
export interface PageList {
  readonly files: readonly ListedFile[]
  /** [RE6a] The page's hash: the SHA-256 (hex) of the list's text. */
  readonly hash: string
}

const LINE = /^([0-9a-f]{64}) {2}([A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)$/
const HASH = /^[0-9a-f]{64}$/

/** The list's text: what `sha256sum` prints for the files in order, so that its `-c` reads it too. */
export function formatPageList(files: readonly ListedFile[]): string {
  return [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`)
    .join('')
}

/** Undefined for what is no list as `formatPageList` writes it. */
export function parsePageList(text: string): PageList | undefined {
  if (text.length > MAX_PAGE_LIST_BYTES || !text.endsWith('\n')) return undefined
  const files = text.slice(0, -1).split('\n').map(parseLine)
  if (files.length > MAX_PAGE_FILES || !files.every((file) => file !== undefined)) return undefined
  // sorted, so without doubles: one set of files has one text and one hash
  return formatPageList(files) === text && isStrictlySorted(files)
    ? { files, hash: sha256Of(text) }
    : undefined
}

export function isPageHash(text: string): boolean {
  return HASH.test(text)
}

/** SHA-256, hex */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function parseLine(line: string): ListedFile | undefined {
  const [, sha256, path] = LINE.exec(line) ?? []
  return sha256 === undefined || path === undefined ? undefined : { path, sha256 }
}

function isStrictlySorted(files: readonly ListedFile[]): boolean {
  return files.every(({ path }, i) => i === 0 || (files[i - 1] as ListedFile).path < path)
}
