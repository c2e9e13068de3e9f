import type { ObjectsApi, OpenedObject } from '#api/object-types.ts'
import { parseByteRange } from '#core/byte-range.ts'
import { type Bytes, utf8 } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { mediaTypeOf } from '#core/media-type.ts'
import type { CyfsLink } from '#objects/cyfs-link.ts'
import type { CyfsHead, CyfsRequest } from './cyfs-messages.ts'
import { failurePage, listingPage } from './cyfs-page.ts'

/** An answer to a `/cyfs/…` request; its bytes are read as they are asked for. */
export interface CyfsAnswer extends CyfsHead {
  readonly body: AsyncIterable<Bytes>
}

export type CyfsObjects = Pick<ObjectsApi, 'open' | 'read' | 'get' | 'parse' | 'format'>

const INDEX = 'index.html'
const UNKNOWN_TYPE = 'application/octet-stream'
const TYPE = /^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/
/** What a browser would run, or take apart, is bytes and text here. */
const SCRIPT = /(java|ecma|live)script|jscript|wasm|^multipart\//
const NOT_FOUND = ['OBJECT_NOT_FOUND', 'OBJECT_PATH_NOT_FOUND', 'OBJECT_NO_BYTES', 'CONTENT_NOT_FOUND']
const UNKNOWN_FAILURE = 'Reading it failed, and nothing says why. Load this page again.'
const MISTAKEN = ['CYFS_LINK_INVALID', 'OBJECT_LINK_OTHER', 'OBJECT_INVALID']

/**
 * [OB16], [OB19] Answers a URL of the page's own origin: the path behind `/cyfs/` is a link without its scheme. A file
 * gives its bytes, whole or a range, a folder its index.html or a list, everything else its JSON. Never rejects: what
 * cannot be given is a small page that says why.
 */
export async function answerCyfs(
  objects: CyfsObjects,
  request: CyfsRequest,
  signal: AbortSignal,
): Promise<CyfsAnswer> {
  try {
    return await answer(objects, request, signal)
  } catch (error) {
    // even `undefined` can be thrown
    const { code = '', message = UNKNOWN_FAILURE } = Object(error) as Partial<
      Record<'code' | 'message', string>
    >
    if (!isAppError(error)) console.warn('Tabland: a cyfs link could not be answered.', error)
    const status = NOT_FOUND.includes(code) ? 404 : MISTAKEN.includes(code) ? 400 : 502
    return textAnswer(status, 'text/html', failurePage('This cannot be shown', message))
  }
}

async function answer(objects: CyfsObjects, request: CyfsRequest, signal: AbortSignal): Promise<CyfsAnswer> {
  const link = parsePath(objects, request.path)
  const text = objects.format(link)
  if (link.mode === 'object') {
    const bytes = await objects.get(text, { signal })
    return bytesAnswer(200, { 'Content-Type': UNKNOWN_TYPE }, bytes)
  }
  const isSlashed = request.path.split('?', 1)[0]?.endsWith('/') === true
  const opened = await openOrIndex(objects, link, signal)
  if (opened === 'index') {
    return isSlashed ? answer(objects, indexOf(objects, request, link), signal) : toSlash(request)
  }
  if (link.mode === 'json') return jsonAnswer(opened)
  if (opened.type === 'Dir') {
    if (!isSlashed) return toSlash(request)
    const paths = opened.entries?.map(({ path }) => path) ?? []
    if (paths.includes(INDEX)) return answer(objects, indexOf(objects, request, link), signal)
    return textAnswer(200, 'text/html', listingPage(opened.name ?? 'Folder', paths))
  }
  if (opened.restricted?.readable === false) {
    return textAnswer(403, 'text/html', failurePage('This is for others', opened.restricted.failure.message))
  }
  if (opened.bytes === undefined) return jsonAnswer(opened)
  return fileAnswer(objects, { request, link, text, opened, bytes: opened.bytes, signal })
}

/** A page's own queries (`style.css?v=2`) mean nothing here. @throws CYFS_LINK_INVALID */
function parsePath(objects: CyfsObjects, path: string): CyfsLink {
  const [place = '', query = ''] = path.split('?', 2)
  const known = query.split('&').filter((part) => /^(mode|mime)=/.test(part))
  return objects.parse(`cyfs://${place}${known.length === 0 ? '' : `?${known.join('&')}`}`)
}

/** A path in a folder may be a part of its files' paths: then its index.html is meant. */
async function openOrIndex(
  objects: CyfsObjects,
  link: CyfsLink,
  signal: AbortSignal,
): Promise<OpenedObject | 'index'> {
  try {
    return await objects.open(objects.format(link), { signal })
  } catch (error) {
    if (!isAppError(error, 'OBJECT_PATH_NOT_FOUND') || link.mode === 'json') throw error
    const index = await objects.open(objects.format(withIndex(link)), { signal }).catch(() => undefined)
    if (index === undefined) throw error
    return 'index'
  }
}

function withIndex(link: CyfsLink): CyfsLink {
  return { ...link, inner: link.inner === '' ? INDEX : `${link.inner}/${INDEX}` }
}

function indexOf(objects: CyfsObjects, request: CyfsRequest, link: CyfsLink): CyfsRequest {
  return { ...request, path: objects.format(withIndex(link)).slice('cyfs://'.length) }
}

/** A page's relative links lead from its folder. */
function toSlash({ path }: CyfsRequest): CyfsAnswer {
  const [place = '', query] = path.split('?', 2)
  const last = place.slice(place.lastIndexOf('/') + 1)
  return bytesAnswer(
    302,
    { Location: `./${last}/${query === undefined ? '' : `?${query}`}` },
    new Uint8Array(),
  )
}

interface FileToAnswer {
  readonly request: CyfsRequest
  readonly link: CyfsLink
  readonly text: string
  readonly opened: OpenedObject
  readonly bytes: number
  readonly signal: AbortSignal
}

function fileAnswer(objects: CyfsObjects, file: FileToAnswer): CyfsAnswer {
  const { request, link, text, opened, bytes: total, signal } = file
  const headers: Record<string, string> = {
    'Content-Type': typeOf(link, opened),
    'Content-Disposition': `inline; filename*=UTF-8''${fileName(opened.name ?? opened.id)}`,
  }
  // a part of what nobody signed cannot be checked
  const hasRanges = opened.trust.level === 'owner' || opened.type === 'Chunk'
  const range = hasRanges ? parseByteRange(request.range, total) : undefined
  if (hasRanges) headers['Accept-Ranges'] = 'bytes'
  if (range === 'none') {
    return bytesAnswer(416, { ...headers, 'Content-Range': `bytes */${total}` }, new Uint8Array())
  }
  const { start, end } = range ?? { start: 0, end: total }
  if (range !== undefined) headers['Content-Range'] = `bytes ${start}-${end - 1}/${total}`
  headers['Content-Length'] = String(end - start)
  return {
    status: range === undefined ? 200 : 206,
    headers,
    body: objects.read(text, range === undefined ? { signal } : { start, end, signal }),
  }
}

/** What the link says, else the file's owner, else its name. Nothing that a browser would run keeps its type. */
function typeOf({ mime }: CyfsLink, opened: OpenedObject): string {
  const wanted = mime?.includes('/') === false ? mediaTypeOf(`.${mime}`) : mime
  const type = (wanted ?? opened.mime ?? mediaTypeOf(opened.name ?? '') ?? UNKNOWN_TYPE).toLowerCase()
  if (!TYPE.test(type)) return UNKNOWN_TYPE
  if (SCRIPT.test(type)) return type.startsWith('text/') ? 'text/plain; charset=utf-8' : UNKNOWN_TYPE
  // pages say their charset themselves
  return type.startsWith('text/') && type !== 'text/html' ? `${type}; charset=utf-8` : type
}

function fileName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
}

function jsonAnswer({ json }: OpenedObject): CyfsAnswer {
  return textAnswer(200, 'application/json', JSON.stringify(json, null, 2))
}

function textAnswer(status: number, type: string, text: string): CyfsAnswer {
  return bytesAnswer(status, { 'Content-Type': `${type}; charset=utf-8` }, utf8(text))
}

function bytesAnswer(status: number, headers: Readonly<Record<string, string>>, bytes: Bytes): CyfsAnswer {
  const length = bytes.length === 0 ? {} : { 'Content-Length': String(bytes.length) }
  return {
    status,
    headers: { ...headers, ...length },
    body: (async function* () {
      if (bytes.length > 0) yield bytes
    })(),
  }
}
