import { createReadStream } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import {
  MAX_COMPRESSED_CACHE_BYTES,
  MAX_COMPRESSED_FILE_BYTES,
  MIN_COMPRESSED_FILE_BYTES,
} from '../limits.ts'

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)
/** 5 of 11 comes within 5 % of the best at a twentieth of its time; each file is compressed once. */
const BROTLI_QUALITY = 5

/** Type and whether compressing it saves bytes. */
const MIME: Readonly<Record<string, readonly [type: string, compressible: boolean]>> = {
  '.html': ['text/html; charset=utf-8', true],
  '.js': ['text/javascript; charset=utf-8', true],
  '.mjs': ['text/javascript; charset=utf-8', true],
  '.css': ['text/css; charset=utf-8', true],
  '.json': ['application/json; charset=utf-8', true],
  '.map': ['application/json; charset=utf-8', true],
  '.webmanifest': ['application/manifest+json; charset=utf-8', true],
  '.svg': ['image/svg+xml; charset=utf-8', true],
  '.txt': ['text/plain; charset=utf-8', true],
  '.sha256': ['text/plain; charset=utf-8', true],
  '.wasm': ['application/wasm', true],
  '.glb': ['model/gltf-binary', true],
  '.bin': ['application/octet-stream', true],
  '.png': ['image/png', false],
  '.jpg': ['image/jpeg', false],
  '.webp': ['image/webp', false],
  '.avif': ['image/avif', false],
  '.ico': ['image/x-icon', false],
  '.woff2': ['font/woff2', false],
}

/**
 * The page in one file is for opening from disk. Shown by this server it would run under a policy that refuses its
 * inlined code, in the origin that holds the visitor's keys.
 */
const DOWNLOAD = 'tabland.html'

export type Encoding = 'br' | 'gzip'

export interface StaticFile {
  readonly headers: Readonly<Record<string, string>>
  readonly etag: string
  /** bytes of the body */
  readonly length: number
  /** The body; a stream is opened only by this call. */
  open(): Buffer | Readable
}

export interface StaticFiles {
  /** `path` is the request's, still percent-encoded. Undefined when there is no such file within the root. */
  find(path: string, acceptEncoding: string): Promise<StaticFile | undefined>
}

/**
 * Files of one folder, and of nothing outside it. Names under `assets/` carry a hash of their content, so
 * those never change; all others are asked for anew each time and answered by 304.
 */
export function createStaticFiles(root: string): StaticFiles {
  const compressed = createCompressedCache()
  return {
    async find(path, acceptEncoding) {
      const names = namesOf(path)
      if (names === undefined) return undefined
      const file = await fileWithin(root, names)
      if (file === undefined) return undefined
      const [type, compressible] = MIME[extname(file.path).toLowerCase()] ?? [
        'application/octet-stream',
        false,
      ]
      const version = `${file.size.toString(36)}-${Math.round(file.mtimeMs).toString(36)}`
      const headers = {
        'Content-Type': type,
        'Cache-Control': names[0] === 'assets' ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...(compressible ? { Vary: 'Accept-Encoding' } : {}),
        ...(names.length === 1 && names[0] === DOWNLOAD
          ? { 'Content-Disposition': `attachment; filename="${DOWNLOAD}"` }
          : {}),
      }
      const encoding =
        compressible && isWorthCompressing(file.size) ? chooseEncoding(acceptEncoding) : undefined
      if (encoding !== undefined) {
        const body = await compressed(file.path, version, encoding)
        const etag = `"${version}-${encoding}"`
        return {
          headers: { ...headers, 'Content-Encoding': encoding },
          etag,
          length: body.length,
          open: () => body,
        }
      }
      return { headers, etag: `"${version}"`, length: file.size, open: () => createReadStream(file.path) }
    },
  }
}

/** The best encoding that both sides know; `q=0` forbids one (RFC 9110 §12.5.3). */
export function chooseEncoding(acceptEncoding: string): Encoding | undefined {
  const accepted = new Set<string>()
  for (const item of acceptEncoding.split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
    if (!parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) accepted.add(name)
  }
  if (accepted.has('br')) return 'br'
  return accepted.has('gzip') ? 'gzip' : undefined
}

/** Path → names of folders and file; undefined for what could leave the root or name a hidden file. */
function namesOf(path: string): readonly string[] | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return undefined
  }
  if (!decoded.startsWith('/') || /[\\\0]/.test(decoded)) return undefined
  if (decoded === '/') return ['index.html']
  const names = decoded.slice(1).split('/')
  return names.some((name) => name === '' || name.startsWith('.')) ? undefined : names
}

interface FoundFile {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** A link that points out of the root is no file of ours. */
async function fileWithin(root: string, names: readonly string[]): Promise<FoundFile | undefined> {
  try {
    const base = await realpath(root)
    const path = await realpath(join(base, ...names))
    if (!path.startsWith(base + sep)) return undefined
    const found = await stat(path)
    return found.isFile() ? { path, size: found.size, mtimeMs: found.mtimeMs } : undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'EACCES')
      return undefined
    throw error
  }
}

function isWorthCompressing(size: number): boolean {
  return size >= MIN_COMPRESSED_FILE_BYTES && size <= MAX_COMPRESSED_FILE_BYTES
}

type Compressed = (path: string, version: string, encoding: Encoding) => Promise<Buffer>

/** Each version of a file is compressed once, also when many ask at the same moment; the oldest makes room. */
function createCompressedCache(): Compressed {
  const cache = new Map<string, Promise<Buffer>>()
  let bytes = 0
  const remember = (key: string, job: Promise<Buffer>): void => {
    cache.set(key, job)
    job.then(
      ({ length }) => {
        bytes += length
        for (const [oldest, old] of cache) {
          if (bytes <= MAX_COMPRESSED_CACHE_BYTES || oldest === key) break
          cache.delete(oldest)
          old.then((buffer) => {
            bytes -= buffer.length
          }, ignore)
        }
      },
      () => cache.delete(key),
    )
  }
  return (path, version, encoding) => {
    const key = `${encoding} ${version} ${path}`
    const known = cache.get(key)
    if (known !== undefined) return known
    const job = compress(path, encoding)
    remember(key, job)
    return job
  }
}

async function compress(path: string, encoding: Encoding): Promise<Buffer> {
  const content = await readFile(path)
  if (encoding === 'gzip') return compressGzip(content)
  return compressBrotli(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  })
}

/** A failed job was never counted. */
function ignore(): void {}
