import { utf8 } from '#core/bytes.ts'
import { AppError, isAppError } from '#core/errors.ts'
import { MAX_LINK_CHARS, MAX_PATH_KEY_BYTES } from '#core/limits.ts'
import { formatObjectId, parseObjectId } from './object-id.ts'

export type CyfsLinkErrorCode = 'CYFS_LINK_INVALID'

export const LINK_MODES = ['object', 'json', 'data'] as const

/** What a link's answer shall be; without one it goes by the object's type ([OB16]). */
export type LinkMode = (typeof LINK_MODES)[number]

interface LinkQuery {
  /** path below what is named: decoded segments joined by slashes, '' where there is none */
  readonly inner: string
  readonly mode?: LinkMode
  /** `text/plain`, or a short form such as `txt`, in lower case */
  readonly mime?: string
}

/**
 * [OB16] The parts of a cyfs link. `zone`, `id` and `dec` are ids in base58, or names of at most 31 characters,
 * which no id is short enough to be taken for (`isLinkName`).
 */
export type CyfsLink =
  | ({ readonly type: 'o'; readonly zone: string; readonly id: string } & LinkQuery)
  | ({ readonly type: 'r'; readonly zone: string; readonly dec: string } & LinkQuery)
  | ({ readonly type: 'a'; readonly version: string; readonly dec: string } & LinkQuery)
  | ({ readonly type: 'name'; readonly name: string } & LinkQuery)

const SCHEME = 'cyfs://'
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$/
/** A name or a hash, without a dot: base58, base36 and hex of 32 bytes have at most 64 characters. */
const VERSION = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
/** Hosts that begin the other kinds of links, now or once. */
const RESERVED_NAMES = new Set(['o', 'r', 'a'])
const MIME = /^[a-z0-9][a-z0-9.+_-]{0,63}(\/[a-z0-9][a-z0-9.+_-]{0,63})?$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/** Is this part of a link a registered name, rather than an id? */
export function isLinkName(part: string): boolean {
  return NAME.test(part)
}

/**
 * [OB16] Parses `cyfs://o/$zone/$id[/inner]`, `cyfs://$zone.r/$dec/$inner`, `cyfs://$version.$dec.a/$inner` and
 * `cyfs://name/inner`, each with `?mode=object|json|data&mime=…`. Ids may be base36 too; a slash at the end is dropped.
 *
 * @throws CYFS_LINK_INVALID that says which field, at which character, got what, expected what
 */
export function parseCyfsLink(text: string): CyfsLink {
  if (text.length > MAX_LINK_CHARS || !text.isWellFormed()) {
    const got = text.isWellFormed() ? `${text.length} characters` : 'half of a surrogate pair'
    throw linkError('link', 0, got, `at most ${MAX_LINK_CHARS} characters of Unicode`)
  }
  if (text.slice(0, SCHEME.length).toLowerCase() !== SCHEME) throw linkError('scheme', 0, text, SCHEME)
  const fragment = text.indexOf('#')
  if (fragment !== -1) throw linkError('fragment', fragment, text.slice(fragment), 'a link without #')
  const queryAt = text.indexOf('?')
  const path = split(text.slice(SCHEME.length, queryAt === -1 ? undefined : queryAt), '/', SCHEME.length)
  if (path.length > 1 && path.at(-1)?.text === '') path.pop()
  const query = queryAt === -1 ? {} : parseQuery(split(text.slice(queryAt + 1), '&', queryAt + 1))
  const link = parsePath(path, query)
  const { length } = writeLink(link)
  if (length > MAX_LINK_CHARS) {
    throw linkError('link', 0, `${length} characters when encoded`, `at most ${MAX_LINK_CHARS}`)
  }
  return link
}

/**
 * [OB16] The one text of a link: `parseCyfsLink` of it gives the same parts.
 *
 * @throws CYFS_LINK_INVALID for parts that no link has
 */
export function formatCyfsLink(link: CyfsLink): string {
  const text = writeLink(link)
  // Parts that hold slashes, dots or signs of their own would be read as other parts.
  const read: Partial<Record<string, string>> = { ...parseCyfsLink(text) }
  for (const [field, value] of Object.entries(link)) {
    if (read[field] !== value) throw linkError(field, 0, String(value), `${read[field]}, as it would be read`)
  }
  return text
}

function writeLink(link: CyfsLink): string {
  const inner = link.inner
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/')
  const query = [
    ...(link.mode === undefined ? [] : [`mode=${link.mode}`]),
    ...(link.mime === undefined ? [] : [`mime=${link.mime}`]),
  ]
  return (
    `${SCHEME}${writeHead(link)}${inner === '' ? '' : `/${inner}`}` +
    (query.length === 0 ? '' : `?${query.join('&')}`)
  )
}

function writeHead(link: CyfsLink): string {
  switch (link.type) {
    case 'o':
      return `o/${link.zone}/${link.id}`
    case 'r':
      return `${link.zone}.r/${link.dec}`
    case 'a':
      return `${link.version}.${link.dec}.a`
    case 'name':
      return link.name
  }
}

/** A part of the text and where it begins, for errors. */
interface Part {
  readonly text: string
  readonly at: number
}

function split(text: string, separator: string, offset: number): Part[] {
  let at = offset
  return text.split(separator).map((part) => {
    const begin = at
    at += part.length + separator.length
    return { text: part, at: begin }
  })
}

function parsePath([host, ...rest]: readonly Part[], query: Omit<LinkQuery, 'inner'>): CyfsLink {
  if (host === undefined) throw linkError('host', SCHEME.length, '', 'o, $zone.r, $version.$dec.a or a name')
  const end = (rest.at(-1) ?? host).at + (rest.at(-1) ?? host).text.length
  if (host.text === 'o') {
    const [zone, id, ...inner] = rest
    return {
      type: 'o',
      zone: parseReference('zone', zone, end),
      id: parseReference('id', id, end),
      inner: parseInner(inner),
      ...query,
    }
  }
  const labels = split(host.text, '.', host.at)
  const kind = labels.pop()
  if (labels.length === 1 && kind?.text === 'r') {
    const [dec, ...inner] = rest
    return {
      type: 'r',
      zone: parseReference('zone', labels[0], host.at),
      dec: parseReference('dec', dec, end),
      inner: parseInner(inner),
      ...query,
    }
  }
  if (labels.length === 2 && kind?.text === 'a') {
    return {
      type: 'a',
      version: parseVersion(labels[0]),
      dec: parseReference('dec', labels[1], host.at),
      inner: parseInner(rest),
      ...query,
    }
  }
  if (!NAME.test(host.text) || RESERVED_NAMES.has(host.text)) {
    throw linkError('host', host.at, host.text, 'o, $zone.r, $version.$dec.a or a name')
  }
  return { type: 'name', name: host.text, inner: parseInner(rest), ...query }
}

/** An id as base58, or a name. */
function parseReference(field: string, part: Part | undefined, end: number): string {
  if (part === undefined || part.text === '') {
    throw linkError(field, part?.at ?? end, 'nothing', 'an id or a name')
  }
  if (isLinkName(part.text)) return part.text
  try {
    return formatObjectId(parseObjectId(part.text))
  } catch (cause) {
    if (!isAppError(cause)) throw cause
    const { offset, got, expected } = cause.details
    throw linkError(
      field,
      part.at + Number(offset ?? 0),
      String(got).replaceAll('"', ''),
      `${expected} (or a name of at most 31 letters, digits, "-" and "_")`,
      cause,
    )
  }
}

function parseVersion(part: Part | undefined): string {
  if (part !== undefined && VERSION.test(part.text)) return part.text
  throw linkError(
    'version',
    part?.at ?? SCHEME.length,
    part?.text ?? '',
    'at most 64 letters, digits, "-" and "_"',
  )
}

function parseInner(parts: readonly Part[]): string {
  return parts.map(parseSegment).join('/')
}

function parseSegment({ text, at }: Part): string {
  const segment = decode('inner', text, at)
  const expected = segmentProblem(segment)
  if (expected !== undefined) throw linkError('inner', at, text, expected)
  return segment
}

/** What a segment of a path ought to be, when it is not. Dots would climb out of the folder that is named. */
function segmentProblem(segment: string): string | undefined {
  if (segment === '') return 'a segment between slashes'
  if (segment === '.' || segment === '..') return 'a path without . and ..'
  if (segment.includes('/')) return 'a segment without an encoded slash'
  if (CONTROL.test(segment)) return 'a segment without control characters'
  if (utf8(segment).length > MAX_PATH_KEY_BYTES) return `a segment of at most ${MAX_PATH_KEY_BYTES} bytes`
  return undefined
}

function parseQuery(parts: readonly Part[]): Omit<LinkQuery, 'inner'> {
  let mode: LinkMode | undefined
  let mime: string | undefined
  for (const { text, at } of parts) {
    const equals = text.indexOf('=')
    const name = equals === -1 ? text : text.slice(0, equals)
    const value = decode(name, text.slice(name.length + 1), at + name.length + 1)
    if (name === 'mode' && mode === undefined) mode = parseMode(value, at + 5)
    else if (name === 'mime' && mime === undefined) mime = parseMime(value, at + 5)
    else throw linkError('query', at, text, 'mode= and mime=, each once at most')
  }
  return { ...(mode === undefined ? {} : { mode }), ...(mime === undefined ? {} : { mime }) }
}

function parseMode(value: string, at: number): LinkMode {
  const mode = LINK_MODES.find((known) => known === value)
  if (mode === undefined) throw linkError('mode', at, value, LINK_MODES.join(', '))
  return mode
}

function parseMime(value: string, at: number): string {
  const mime = value.toLowerCase()
  if (!MIME.test(mime)) throw linkError('mime', at, value, 'a media type such as text/plain')
  return mime
}

function decode(field: string, text: string, at: number): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw linkError(field, at + text.indexOf('%'), text, 'UTF-8 as %XX', cause)
  }
}

function linkError(
  field: string,
  offset: number,
  got: string,
  expected: string,
  cause?: unknown,
): AppError<CyfsLinkErrorCode> {
  const shown = got.length > 80 ? `${got.slice(0, 80)}…` : got
  return new AppError<CyfsLinkErrorCode>(
    'CYFS_LINK_INVALID',
    `Link, ${field} at character ${offset}: expected ${expected}, got "${shown}".`,
    { details: { field, offset, got: shown, expected }, ...(cause === undefined ? {} : { cause }) },
  )
}
