import { isOnGrid } from '#core/land.ts'

/**
 * Where the address says to be. The hash is `#/x,y` in whole cells, followed by parameters that belong to other
 * parts (`relay=…`): those are kept as they came, in their order.
 */
export interface Route {
  readonly cell: { readonly x: number; readonly y: number } | undefined
  /** each `name=value`, still encoded */
  readonly parameters: readonly string[]
  /** CIDv0 of a content to show (`open=Qm…`) */
  readonly content?: string
  /** cyfs link to open (`open=cyfs://…`) */
  readonly link?: string
  /** CIDv0 of the particle that the graph is drawn around (`graph=Qm…`) */
  readonly graph?: string
}

/** Longest hash read: 16 relay addresses of 200 characters and the cell, rounded up. */
export const MAX_HASH_LENGTH = 4_096

const CONTENT = /^open=(Qm[1-9A-HJ-NP-Za-km-z]{44})$/
const GRAPH = /^graph=(Qm[1-9A-HJ-NP-Za-km-z]{44})$/
const LINK = /^open=(cyfs:.*)$/
/** Signs that mean something in a hash, or in what is encoded in it. */
const ENCODED = /[%?&#]/g
const POSITION = /^\/(-?\d{1,4}),(-?\d{1,4})$/

function parseCell(part: string): Route['cell'] {
  const match = POSITION.exec(part)
  if (match === null) return undefined
  // + 0 turns "-0" into 0
  const cell = { x: Number(match[1]) + 0, y: Number(match[2]) + 0 }
  // plots may be moved into the sea, but an address beyond the grid is a mistake
  return isOnGrid(cell) ? cell : undefined
}

function parseLink(part: string): string | undefined {
  try {
    const link = LINK.exec(part)?.[1]
    return link === undefined ? undefined : decodeURIComponent(link)
  } catch {
    return undefined // not encoded as addresses are
  }
}

/** Reads `location.hash`, with or without its `#`. What it does not understand names no cell; nothing throws. */
export function parseRoute(hash: string): Route {
  const body = hash.startsWith('#') ? hash.slice(1) : hash
  if (body === '' || body.length > MAX_HASH_LENGTH) return { cell: undefined, parameters: [] }
  const [first = '', ...rest] = body.split(/[&?]/)
  const isPosition = first.startsWith('/')
  const parts = (isPosition ? rest : [first, ...rest]).filter((part) => part !== '')
  const content = parts.map((part) => CONTENT.exec(part)?.[1]).find((cid) => cid !== undefined)
  const link = parts.map(parseLink).find((found) => found !== undefined)
  const graph = parts.map((part) => GRAPH.exec(part)?.[1]).find((cid) => cid !== undefined)
  return {
    cell: isPosition ? parseCell(first) : undefined,
    parameters: parts.filter(
      (part) => !CONTENT.test(part) && !GRAPH.test(part) && parseLink(part) === undefined,
    ),
    ...(content === undefined ? {} : { content }),
    ...(link === undefined ? {} : { link }),
    ...(graph === undefined ? {} : { graph }),
  }
}

/** Does the hash name a place in a way that is none (`#/abc`, `#/9999,9999`)? `#/` alone names no place. */
export function isMistakenRoute(hash: string): boolean {
  const [first = ''] = hash.replace(/^#/, '').split(/[&?]/)
  return first.startsWith('/') && first !== '/' && parseRoute(hash).cell === undefined
}

/** The hash with its `#`; empty when it would say nothing. */
export function formatRoute({ cell, parameters, content, link, graph }: Route): string {
  const place = cell === undefined ? [] : [`/${cell.x},${cell.y}`]
  const opened = [content, link?.replace(ENCODED, encodeURIComponent)].filter((each) => each !== undefined)
  const drawn = graph === undefined ? [] : [`graph=${graph}`]
  const parts = [...place, ...opened.map((each) => `open=${each}`), ...drawn, ...parameters]
  return parts.length === 0 ? '' : `#${parts.join('&')}`
}

/** Does the address ask for no world (`?world=off`)? For machines without graphics. */
export function isWorldOff(search: string): boolean {
  return new URLSearchParams(search).get('world') === 'off'
}

/** An address with the world turned on or off. */
export function withWorld(href: string, on: boolean): string {
  const url = new URL(href)
  if (on) url.searchParams.delete('world')
  else url.searchParams.set('world', 'off')
  return url.href
}
