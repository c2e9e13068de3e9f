import { type Bytes, collectBytes } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { MAX_SNIPPET_BYTES } from '#core/limits.ts'
import type { Content } from '#peer/content.ts'
import { isPage, readPageText } from './page-text.ts'
import type { CallOptions, Snippet } from './types.ts'

/** An image is shown when it is no larger than a photograph made for a page. */
const MAX_IMAGE_BYTES = 2 * 1024 * 1024
/** Enough for every signature below. */
const HEAD_BYTES = 16
/** Names of a folder that are shown. */
const MAX_FILES = 12
/** The page that a folder shows. */
const INDEX = 'index.html'

interface Signature {
  readonly mime: string
  /** bytes from `at`; -1 matches any */
  readonly magic: readonly number[]
  readonly at?: number
}

const IMAGES: readonly Signature[] = [
  { mime: 'image/png', magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mime: 'image/jpeg', magic: [0xff, 0xd8, 0xff] },
  { mime: 'image/gif', magic: [0x47, 0x49, 0x46, 0x38] },
  { mime: 'image/webp', magic: [0x52, 0x49, 0x46, 0x46, -1, -1, -1, -1, 0x57, 0x45, 0x42, 0x50] },
  { mime: 'image/avif', magic: [0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66], at: 4 },
]
/** Kinds of ISO media that browsers play; pictures and others share the container (https://mp4ra.org). */
const FILM_BRANDS: readonly string[] = [
  'isom',
  'iso2',
  'iso4',
  'iso5',
  'iso6',
  'mp41',
  'mp42',
  'avc1',
  'M4V ',
  'dash',
]
const VIDEOS: readonly Signature[] = [
  ...FILM_BRANDS.map((brand) => ({ mime: 'video/mp4', magic: codesOf(`ftyp${brand}`), at: 4 })),
  // Matroska's beginning (EBML): browsers play the part of it that is WebM, and say so when it is not
  { mime: 'video/webm', magic: [0x1a, 0x45, 0xdf, 0xa3] },
]
const GLB: Signature = { mime: 'model/gltf-binary', magic: [0x67, 0x6c, 0x54, 0x46] }

function codesOf(text: string): readonly number[] {
  return [...text].map((letter) => letter.charCodeAt(0))
}

function matches(bytes: Uint8Array, { magic, at = 0 }: Signature): boolean {
  return magic.every((byte, i) => byte === -1 || bytes[at + i] === byte)
}

/** What the first bytes of a content say it is. The type is read from the bytes, never from a name or a claim. */
export function sniffMime(head: Uint8Array): string | undefined {
  if (matches(head, GLB)) return GLB.mime
  return [...IMAGES, ...VIDEOS].find((signature) => matches(head, signature))?.mime
}

/** Fetches just enough of a content to show what it is. */
export async function readSnippet(
  content: Content,
  cid: string,
  { signal }: CallOptions = {},
): Promise<Snippet> {
  try {
    return await readFileSnippet(content, cid, signal)
  } catch (error) {
    if (!isAppError(error, 'CONTENT_NOT_A_FILE')) throw error
    return readFolderSnippet(content, cid, signal)
  }
}

/** A folder: the page in it when it has one, else its names. */
async function readFolderSnippet(content: Content, cid: string, signal?: AbortSignal): Promise<Snippet> {
  const names = await content.list(cid, signal === undefined ? {} : { signal })
  const files = names.slice(0, MAX_FILES).map(({ name, bytes }) => ({ name, bytes }))
  const size = names.reduce((sum, { bytes }) => sum + bytes, 0)
  const folder = { bytes: new Uint8Array(), files, fileCount: names.length, size }
  const index = names.find(({ name }) => name === INDEX)
  if (index === undefined) return { kind: 'folder', mime: 'inode/directory', ...folder }
  const options = { within: cid, length: MAX_SNIPPET_BYTES, ...(signal === undefined ? {} : { signal }) }
  const bytes = await collectBytes(content.read(index.cid, options))
  const html = decodeText(bytes, true) ?? ''
  return { kind: 'page', mime: 'text/html', ...folder, bytes, ...readPageText(html) }
}

async function readFileSnippet(content: Content, cid: string, signal?: AbortSignal): Promise<Snippet> {
  let size = 0
  const options = { ...(signal === undefined ? {} : { signal }), onSize: (bytes: number) => (size = bytes) }
  const head = await collectBytes(content.read(cid, { ...options, length: MAX_SNIPPET_BYTES }))
  const mime = sniffMime(head.subarray(0, HEAD_BYTES))
  if (mime === GLB.mime) return { kind: 'model', mime, bytes: head, size }
  if (mime?.startsWith('video/') === true) return { kind: 'video', mime, bytes: head, size }
  if (mime !== undefined) {
    const bytes = size <= MAX_IMAGE_BYTES ? await collectBytes(content.read(cid, options)) : head
    return { kind: 'image', mime, bytes, size }
  }
  const text = decodeText(head, size > head.length)
  if (text !== undefined && isPage(text))
    return { kind: 'page', mime: 'text/html', bytes: head, size, ...readPageText(text) }
  if (text !== undefined) return { kind: 'text', mime: 'text/plain', bytes: head, size, text }
  return { kind: 'bytes', mime: 'application/octet-stream', bytes: head, size }
}

/** Text is valid UTF-8 without control characters; a character cut by the end of the head is left out. */
function decodeText(head: Bytes, cut: boolean): string | undefined {
  for (let drop = 0; drop <= (cut ? 3 : 0); drop++) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, head.length - drop))
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text
    } catch {
      // not UTF-8 so far: perhaps only its last character was cut
    }
  }
  return undefined
}
