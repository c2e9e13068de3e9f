import { createHash } from 'node:crypto'
import { fetchTrouble } from '../fetch-trouble.ts'
import { MAX_PAGE_FILE_BYTES, MAX_PAGE_HTML_BYTES } from '../limits.ts'

/** What came from an address, or a few words why nothing did. */
export type Fetched = FetchedFile | { readonly trouble: string; readonly isUnreachable: boolean }

export interface FetchedFile {
  readonly sha256: string
  readonly bytes: number
  /** the content, when it is small enough for a page's HTML or a list */
  readonly text: string | undefined
}

export interface FetchBoundedOptions {
  readonly signal: AbortSignal
  /** Called with the bytes of each part; false ends it: the whole page has become too large. */
  readonly take: (bytes: number) => boolean
}

/** Headers by which an answer leads a browser to something else than its body. */
const LEADING_HEADERS: readonly (readonly [string, RegExp])[] = [
  ['refresh', /./],
  ['link', /stylesheet/i],
]

/** Asks for one file, as it is for a browser, and takes its hash while it comes. */
export async function fetchBounded(url: URL, { signal, take }: FetchBoundedOptions): Promise<Fetched> {
  try {
    // a redirect would lead a visitor to another origin, with other keys
    const response = await fetch(url, { signal, redirect: 'manual', cache: 'no-store' })
    const trouble = troubleOf(response)
    if (trouble === undefined) return await digest(response, take)
    await response.body?.cancel()
    return { trouble, isUnreachable: false }
  } catch (error) {
    return { trouble: nameOf(error), isUnreachable: true }
  }
}

function troubleOf({ status, headers }: Response): string | undefined {
  if (status === 404) return 'is missing'
  if (status >= 300 && status < 400) {
    return `leads elsewhere (${status} to ${(headers.get('location') ?? '?').slice(0, 200)})`
  }
  if (status !== 200) return `is answered by ${status}`
  const leading = LEADING_HEADERS.find(([name, pattern]) => pattern.test(headers.get(name) ?? ''))
  return leading && `comes with a header "${leading[0]}", by which a browser loads something else`
}

async function digest(response: Response, take: (bytes: number) => boolean): Promise<Fetched> {
  const hash = createHash('sha256')
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    // leaving the loop cancels the download
    if (bytes > MAX_PAGE_FILE_BYTES) return tooLarge(`has more than ${MAX_PAGE_FILE_BYTES} bytes`)
    if (!take(part.length)) return tooLarge('is not read: the files before it are too large together')
    hash.update(part)
    if (bytes <= MAX_PAGE_HTML_BYTES) parts.push(part)
  }
  const text = bytes <= MAX_PAGE_HTML_BYTES ? Buffer.concat(parts).toString('utf8') : undefined
  return { sha256: hash.digest('hex'), bytes, text }
}

function tooLarge(trouble: string): Fetched {
  return { trouble, isUnreachable: false }
}

function nameOf(error: unknown): string {
  return `does not come (${fetchTrouble(error)})`
}
