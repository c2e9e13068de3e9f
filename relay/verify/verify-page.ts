import { relayError } from '../errors.ts'
import { MAX_PAGE_BYTES, PAGE_FETCHES, VERIFY_TIMEOUT_MS } from '../limits.ts'
import { type Fetched, type FetchedFile, fetchBounded } from './fetch-bounded.ts'
import { strangersIn } from './page-links.ts'
import {
  formatPageList,
  type ListedFile,
  PAGE_LIST,
  type PageList,
  parsePageList,
  sha256Of,
} from './page-list.ts'

/** What a page may be. */
export interface VerifyPageInit {
  /** the page's folder, with a slash at its end */
  readonly url: URL
  /** the hashes that it may have */
  readonly accepted: ReadonlySet<string>
  /** the list of the build that is here; undefined without one */
  readonly own: PageList | undefined
  readonly signal: AbortSignal
  /** for everything together @default VERIFY_TIMEOUT_MS */
  readonly timeoutMs?: number
}

export interface PageVerdict {
  /** of what was served; undefined when a file did not come */
  readonly hash: string | undefined
  readonly files: number
  readonly bytes: number
  /** what is not as it must be, one clause each, beginning with a file's name; empty: the page is the right one */
  readonly problems: readonly string[]
}

/**
 * Fetches every file of the page and compares it ([RE6a]). The list of files may come from the server itself, for
 * its text is believed by the hash alone; all that the right `index.html` loads stands in the list.
 *
 * @throws PAGE_UNREACHABLE, PAGE_UNKNOWN
 */
export async function verifyPage(init: VerifyPageInit): Promise<PageVerdict> {
  const { url, accepted, own } = init
  if (accepted.size === 0) throw noBuild()
  const fetchFile = fetcherOf(init)
  const served = await fetchList(url, fetchFile)
  const wanted = [served, own].find((list) => list !== undefined && accepted.has(list.hash))
  if (wanted !== undefined) return compare(url, wanted, { served, fetchFile })
  if (served !== undefined) {
    const problem = `${PAGE_LIST} names the files of a page with the hash ${served.hash}`
    return { hash: undefined, files: 0, bytes: 0, problems: [problem] }
  }
  const [one] = accepted
  throw relayError(
    'PAGE_UNKNOWN',
    `${new URL(PAGE_LIST, url).href} is no list of the page's files, and the build here is not ${accepted.size === 1 ? `the one with the hash ${one}` : 'one of those that it may be'}: build that version here with \`npm run build\` and ask again.`,
  )
}

/** The page in one file: from a server. @throws PAGE_UNREACHABLE */
export async function verifyFile(
  url: URL,
  { accepted, ...init }: Pick<VerifyPageInit, 'accepted' | 'signal' | 'timeoutMs'>,
): Promise<PageVerdict> {
  if (accepted.size === 0) throw noBuild()
  const fetched = await fetcherOf(init)(url)
  if ('trouble' in fetched && fetched.isUnreachable) throw unreachable(url, fetched.trouble)
  const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1)
  const file = 'trouble' in fetched ? undefined : fetched
  const sha256 = file !== undefined && accepted.has(file.sha256) ? file.sha256 : ''
  const problem = problemOf({ path: name, sha256 }, fetched)
  return {
    hash: file?.sha256,
    files: 1,
    bytes: file?.bytes ?? 0,
    problems: problem === undefined ? [] : [problem],
  }
}

/** There is nothing to compare with. */
export function noBuild() {
  return relayError(
    'PAGE_UNKNOWN',
    'There is nothing to compare with: give the hash that the release states (--hash HASH) or a list of releases (--releases LIST), or build the page here (`npm run build`, `npm run build:single`).',
  )
}

type FetchFile = (url: URL) => Promise<Fetched>

/** All files share one time and one sum of bytes. */
function fetcherOf({
  signal,
  timeoutMs = VERIFY_TIMEOUT_MS,
}: Pick<VerifyPageInit, 'signal' | 'timeoutMs'>): FetchFile {
  const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  let left = MAX_PAGE_BYTES
  return async (url) => {
    const fetched = await fetchBounded(url, {
      signal: either,
      take(bytes) {
        left -= bytes
        return left >= 0
      },
    })
    signal.throwIfAborted()
    return fetched
  }
}

async function fetchList(url: URL, fetchFile: FetchFile): Promise<PageList | undefined> {
  const address = new URL(PAGE_LIST, url)
  const fetched = await fetchFile(address)
  if (!('trouble' in fetched)) return parsePageList(fetched.text ?? '')
  if (fetched.isUnreachable) throw unreachable(address, fetched.trouble)
  return undefined
}

function unreachable({ href }: URL, trouble: string) {
  return relayError(
    'PAGE_UNREACHABLE',
    `${href} ${trouble}: check the address, or ask \`tabland doctor\` what is wrong there.`,
  )
}

async function compare(
  url: URL,
  wanted: PageList,
  { served, fetchFile }: { readonly served: PageList | undefined; readonly fetchFile: FetchFile },
): Promise<PageVerdict> {
  const results = await mapSome(wanted.files, async (file) => ({
    file,
    fetched: await fetchFile(addressOf(url, file)),
  }))
  const problems = results.flatMap(({ file, fetched }) => {
    const problem = problemOf(file, fetched)
    return problem === undefined ? [] : [problem, ...strangers(file, fetched, wanted)]
  })
  if (problems.length > 0 && served !== undefined && served.hash !== wanted.hash) {
    problems.push(`${PAGE_LIST} says that this is another build, with the hash ${served.hash}`)
  }
  const got = results.flatMap(({ file: { path }, fetched }) =>
    'trouble' in fetched ? [] : [{ path, ...fetched }],
  )
  return {
    hash: got.length === results.length ? sha256Of(formatPageList(got)) : undefined,
    files: got.length,
    bytes: got.reduce((sum, { bytes }) => sum + bytes, 0),
    problems,
  }
}

/** The page itself is asked for as visitors do. */
function addressOf(url: URL, { path }: ListedFile): URL {
  return path === 'index.html' ? url : new URL(path, url)
}

function problemOf({ path, sha256 }: ListedFile, fetched: Fetched): string | undefined {
  if ('trouble' in fetched) return `${path} ${fetched.trouble}`
  return fetched.sha256 === sha256 ? undefined : `${path} differs`
}

function strangers({ path }: ListedFile, fetched: Fetched, { files }: PageList): readonly string[] {
  if (path !== 'index.html' || 'trouble' in fetched) return []
  return strangersIn((fetched as FetchedFile).text ?? '', new Set(files.map((file) => file.path)))
}

/** A few at a time, in order. */
async function mapSome<In, Out>(
  items: readonly In[],
  map: (item: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const results: Out[] = []
  let next = 0
  const work = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await map(items[i] as In)
  }
  await Promise.all(Array.from({ length: PAGE_FETCHES }, work))
  return results
}
