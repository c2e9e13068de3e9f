import { isAbsolute, resolve } from 'node:path'
import { DEFAULT_PAGE_DIR, DEFAULT_RELAY_URL, DEFAULT_RELEASES } from '../../node-defaults.ts'
import type { Release } from '../../verify/release-list.ts'
import type { PageVerdict } from '../../verify/verify-page.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'

export const name = 'verify-page'
export const summary = 'tell whether the page that a relay serves is the one that it should be'
export const usage = `tabland verify-page [PAGE] [options]

  PAGE              a relay's page (http://… or https://…), the page in one file (https://…/tabland.html), or such
                    a file on disk (dist/tabland.html); default ${DEFAULT_RELAY_URL}
  --hash HASH       what it must be
  --releases LIST   it must be a release of this list, a file or an https:// address

Without these it must be the build that is here (npm run build) or a release of the sources here
(releases.sha256). Fetches every file that the page loads, prints the page's hash, says which one it is, or names
what differs. Ends with 0 when it is a right page, with 1 when it is not or could not be fetched, with 2 when it was
not understood.`

const MAX_PRINTED_PROBLEMS = 20

/** The hashes that are right, each with what it is called. */
interface Right {
  readonly names: ReadonlyMap<string, string>
  /** completes "This is not …" */
  readonly wanted: string
}

export async function run(args: readonly string[], { signal, stdout }: CommandContext): Promise<void> {
  const line = parseLine(args)
  const right = await rightOnes(line, signal)
  const { problems, files, bytes, hash } = await verify(line.page, new Set(right.names.keys()), signal)
  stdout.write(`${line.page}: ${files} ${files === 1 ? 'file' : 'files'}, ${bytes} bytes\n`)
  if (hash !== undefined) stdout.write(`hash ${hash}\n`)
  for (const problem of problems.slice(0, MAX_PRINTED_PROBLEMS)) stdout.write(`✗ ${problem}\n`)
  const more = problems.length - MAX_PRINTED_PROBLEMS
  if (more > 0) stdout.write(`✗ and ${more} more\n`)
  if (problems.length === 0) stdout.write(`This is ${right.names.get(hash ?? '')}.\n`)
  else {
    stdout.write(`This is not ${right.wanted}.\n`)
    process.exitCode = 1
  }
}

async function rightOnes({ page, hash, releases }: Line, signal: AbortSignal): Promise<Right> {
  if (hash !== undefined)
    return { names: new Map([[hash, 'the one with that hash']]), wanted: 'the one with that hash' }
  const { loadReleaseList } = await import('../../verify/release-list.ts')
  const kind = isOneFile(page) ? 'file' : 'page'
  const known = await loadReleaseList(releases ?? DEFAULT_RELEASES, signal)
  const named = known.filter((release) => release.kind === kind).map(nameOf)
  if (releases !== undefined) return { names: new Map(named), wanted: `a release of ${releases}` }
  const own = await ownHash(kind)
  const names = new Map([...named, ...(own === undefined ? [] : [[own, 'the build here'] as const])])
  return {
    names,
    wanted: named.length === 0 ? 'the build here' : 'the build here, nor a release that it knows',
  }
}

function nameOf({ version, hash }: Release): readonly [string, string] {
  return [hash, `release ${version}`]
}

async function ownHash(kind: Release['kind']): Promise<string | undefined> {
  const { readOwnFile, readOwnList } = await import('../../verify/own-build.ts')
  return kind === 'file' ? readOwnFile(DEFAULT_PAGE_DIR) : (await readOwnList(DEFAULT_PAGE_DIR))?.hash
}

async function verify(
  page: string,
  accepted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<PageVerdict> {
  const { verifyFile, verifyPage } = await import('../../verify/verify-page.ts')
  const { readOwnList, verifyOnDisk } = await import('../../verify/own-build.ts')
  if (!isUrl(page)) return verifyOnDisk(page, accepted)
  const url = new URL(page)
  if (isOneFile(page)) return verifyFile(url, { accepted, signal })
  return verifyPage({ url: new URL('./', url), accepted, own: await readOwnList(DEFAULT_PAGE_DIR), signal })
}

interface Line {
  readonly page: string
  readonly hash: string | undefined
  readonly releases: string | undefined
}

function parseLine(args: readonly string[]): Line {
  const { values, positionals } = parseCommandArgs(name, args, {
    hash: { type: 'string' },
    releases: { type: 'string' },
  })
  if (positionals.length > 1) throw usageError(name, `Unexpected argument "${positionals[1]?.slice(0, 80)}"`)
  const hash = values.hash?.toLowerCase()
  if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash)) {
    throw usageError(name, `"${hash.slice(0, 80)}" is no hash, which has 64 digits of 0-9 and a-f`)
  }
  if (hash !== undefined && values.releases !== undefined) {
    throw usageError(name, '--hash names one page and --releases many: leave one of them out')
  }
  return { page: pageOf(positionals[0] ?? DEFAULT_RELAY_URL), hash, releases: values.releases }
}

/** `relay.example` is no URL and no file that anybody has: say so instead of looking for it. */
function pageOf(text: string): string {
  if (isUrl(text)) return new URL(text).href
  if (/\.html$/i.test(text) && !text.includes('://')) return isAbsolute(text) ? text : resolve(text)
  throw usageError(
    name,
    `"${text.slice(0, 80)}" is no page, such as https://relay.example/ or dist/tabland.html`,
  )
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}

/** A file on disk, or a page's address that names one. */
function isOneFile(page: string): boolean {
  if (!isUrl(page)) return true
  const { pathname } = new URL(page)
  return /\.html$/i.test(pathname) && !/\/index\.html$/i.test(pathname)
}
