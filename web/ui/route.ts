import { isOnGrid } from '#core/land.ts'

/** The panels, by the names that addresses have for them. */
export const PANELS = [
  'search',
  'land',
  'build',
  'files',
  'seed',
  'network',
  'graph',
  'rank',
  'wallet',
  'governance',
  'more',
] as const
export type PanelId = (typeof PANELS)[number]

/**
 * Where the address says to be, and what is open there. The hash is `#/x,y` in whole cells, followed by parameters;
 * those that belong to other parts (`relay=…`) are kept as they came, in their order.
 */
export interface Route {
  readonly cell: { readonly x: number; readonly y: number } | undefined
  /** each `name=value`, still encoded */
  readonly parameters: readonly string[]
  /** CIDv0 of a content to show (`open=Qm…`) */
  readonly content?: string
  /** the panel that is open (`panel=land`); what is open in it tells which one that is */
  readonly panel?: PanelId
  /** cyfs link to open in the panel of files (`open=cyfs://…`) */
  readonly link?: string
  /** CIDv0 of the particle that the graph is drawn around in its panel (`graph=Qm…`) */
  readonly graph?: string
  /** what is searched for in the panel of searches (`search=moon`) */
  readonly search?: string
}

/** What the field of searches takes. */
export const MAX_SEARCH_LENGTH = 256
/** Longest link that the address follows: folders have longer ones seldom. */
export const MAX_NAMED_LINK_LENGTH = 512
/** Longest hash read: 16 relay addresses of 200 characters, a link of signs that take nine each, and the cell. */
export const MAX_HASH_LENGTH = 8_192

const CONTENT = /^open=(Qm[1-9A-HJ-NP-Za-km-z]{44})$/
const GRAPH = /^graph=(Qm[1-9A-HJ-NP-Za-km-z]{44})$/
const LINK = /^open=(cyfs:.*)$/
const PANEL = /^panel=(.*)$/
const SEARCH = /^search=(.*)$/
/** Signs that mean something in a hash, or in what is encoded in it, and those that browsers take out. */
const ENCODED = /[%?&#\s]/g
const POSITION = /^\/(-?\d{1,4}),(-?\d{1,4})$/

function parseCell(part: string): Route['cell'] {
  const match = POSITION.exec(part)
  if (match === null) return undefined
  // + 0 turns "-0" into 0
  const cell = { x: Number(match[1]) + 0, y: Number(match[2]) + 0 }
  // plots may be moved into the sea, but an address beyond the grid is a mistake
  return isOnGrid(cell) ? cell : undefined
}

/** What a part gives by a pattern; undefined for another part, or one that is not encoded as addresses are. */
function decoded(pattern: RegExp, part: string): string | undefined {
  try {
    const value = pattern.exec(part)?.[1]
    return value === undefined ? undefined : decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** A text as an address may name it; undefined for none, or one that is too long. */
export function readSearch(text: string | undefined): string | undefined {
  const search = text?.trim()
  return search === '' || (search?.length ?? 0) > MAX_SEARCH_LENGTH ? undefined : search
}

/** A link as an address may name it; undefined for an id, and for one that is too long. */
export function readLink(text: string | undefined): string | undefined {
  return text?.startsWith('cyfs:') && text.length <= MAX_NAMED_LINK_LENGTH ? text : undefined
}

/** Is a part understood here? An unknown panel or a search without measure is dropped. */
function isOwn(part: string): boolean {
  return [CONTENT, GRAPH, PANEL, SEARCH].some((own) => own.test(part)) || decoded(LINK, part) !== undefined
}

/** Reads `location.hash`, with or without its `#`. What it does not understand names no cell; nothing throws. */
export function parseRoute(hash: string): Route {
  const body = hash.startsWith('#') ? hash.slice(1) : hash
  if (body === '' || body.length > MAX_HASH_LENGTH) return { cell: undefined, parameters: [] }
  const [first = '', ...rest] = body.split(/[&?]/)
  const isPosition = first.startsWith('/')
  const parts = (isPosition ? rest : [first, ...rest]).filter((part) => part !== '')
  const find = (pattern: RegExp): string | undefined =>
    parts.map((part) => decoded(pattern, part)).find((value) => value !== undefined)
  const [content, link, graph, name] = [find(CONTENT), find(LINK), find(GRAPH), find(PANEL)]
  const search = readSearch(find(SEARCH))
  const route = {
    cell: isPosition ? parseCell(first) : undefined,
    parameters: parts.filter((part) => !isOwn(part)),
    ...(content === undefined ? {} : { content }),
  }
  const named = PANELS.find((id) => id === name)
  return withPanel(route, named ?? panelOf({ link, graph, search }), { link, graph, search })
}

/** What may be open in a panel. */
export type PanelContent = { readonly [K in 'link' | 'graph' | 'search']?: string | undefined }

/** The panel that something is open in. */
function panelOf({ link, graph, search }: PanelContent): PanelId | undefined {
  if (search !== undefined) return 'search'
  if (graph !== undefined) return 'graph'
  return link === undefined ? undefined : 'files'
}

/** The route with another panel open, and in it what belongs there. */
export function withPanel(
  { cell, parameters, content }: Route,
  panel: PanelId | undefined,
  { link, graph, search }: PanelContent,
): Route {
  return {
    cell,
    parameters,
    ...(content === undefined ? {} : { content }),
    ...(panel === undefined ? {} : { panel }),
    ...(panel === 'files' && link !== undefined ? { link } : {}),
    ...(panel === 'graph' && graph !== undefined ? { graph } : {}),
    ...(panel === 'search' && search !== undefined ? { search } : {}),
  }
}

/** Does the hash name a place in a way that is none (`#/abc`, `#/9999,9999`)? `#/` alone names no place. */
export function isMistakenRoute(hash: string): boolean {
  const [first = ''] = hash.replace(/^#/, '').split(/[&?]/)
  return first.startsWith('/') && first !== '/' && parseRoute(hash).cell === undefined
}

/** The hash with its `#`; empty when it would say nothing. */
export function formatRoute({ cell, parameters, content, panel, link, graph, search }: Route): string {
  const encode = (text: string | undefined): string | undefined => text?.replace(ENCODED, encodeURIComponent)
  const isTold = panelOf({ link, graph, search }) !== undefined
  const values = [
    ['open', content],
    ['open', encode(link)],
    ['graph', graph],
    ['search', encode(search)],
    ['panel', isTold ? undefined : panel],
  ] as const
  const parts = [
    ...(cell === undefined ? [] : [`/${cell.x},${cell.y}`]),
    ...values.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
    ...parameters,
  ]
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
