import { isAbsolute, resolve } from 'node:path'
import { DEFAULT_PAGE_DIR, DEFAULT_RELAY_URL } from '../../node-defaults.ts'
import type { PageVerdict } from '../../verify/verify-page.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'

export const name = 'verify-page'
export const summary = 'tell whether the page that a relay serves is the one that it should be'
export const usage = `tabland verify-page [PAGE] [options]

  PAGE              a relay's page (http://… or https://…), the page in one file (https://…/tabland.html), or such
                    a file on disk (dist/tabland.html); default ${DEFAULT_RELAY_URL}
  --hash HASH       what it must be; default the hash of the build that is here (npm run build)

Fetches every file that the page loads, prints the page's hash, and names what differs. Ends with 0 when it is the
right page, with 1 when it is not or could not be fetched, with 2 when it was not understood.`

const MAX_PRINTED_PROBLEMS = 20

export async function run(args: readonly string[], { signal, stdout }: CommandContext): Promise<void> {
  const { page, hash } = parseLine(args)
  const verdict = await verify(page, hash, signal)
  const { problems, files, bytes } = verdict
  stdout.write(`${page}: ${files} ${files === 1 ? 'file' : 'files'}, ${bytes} bytes\n`)
  if (verdict.hash !== undefined) stdout.write(`hash ${verdict.hash}\n`)
  for (const problem of problems.slice(0, MAX_PRINTED_PROBLEMS)) stdout.write(`✗ ${problem}\n`)
  const more = problems.length - MAX_PRINTED_PROBLEMS
  if (more > 0) stdout.write(`✗ and ${more} more\n`)
  const wanted = hash === undefined ? 'the build here' : 'the one with that hash'
  stdout.write(problems.length === 0 ? `This is ${wanted}.\n` : `This is not ${wanted}.\n`)
  if (problems.length > 0) process.exitCode = 1
}

async function verify(page: string, hash: string | undefined, signal: AbortSignal): Promise<PageVerdict> {
  const { verifyFile, verifyPage } = await import('../../verify/verify-page.ts')
  const { readOwnFile, readOwnList, verifyOnDisk } = await import('../../verify/own-build.ts')
  if (!isUrl(page)) return verifyOnDisk(page, hash ?? (await readOwnFile(DEFAULT_PAGE_DIR)))
  const url = new URL(page)
  if (isOneFile(url)) return verifyFile(url, { hash: hash ?? (await readOwnFile(DEFAULT_PAGE_DIR)), signal })
  return verifyPage({ url: new URL('./', url), hash, own: await readOwnList(DEFAULT_PAGE_DIR), signal })
}

function parseLine(args: readonly string[]): { readonly page: string; readonly hash: string | undefined } {
  const { values, positionals } = parseCommandArgs(name, args, { hash: { type: 'string' } })
  if (positionals.length > 1) throw usageError(name, `Unexpected argument "${positionals[1]?.slice(0, 80)}"`)
  const hash = values.hash?.toLowerCase()
  if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash)) {
    throw usageError(name, `"${hash.slice(0, 80)}" is no hash, which has 64 digits of 0-9 and a-f`)
  }
  return { page: pageOf(positionals[0] ?? DEFAULT_RELAY_URL), hash }
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

function isOneFile({ pathname }: URL): boolean {
  return /\.html$/i.test(pathname) && !/\/index\.html$/i.test(pathname)
}
