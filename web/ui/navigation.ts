import { type ReadonlySignal, signal } from '@preact/signals'
import {
  formatRoute,
  isMistakenRoute,
  type PanelContent,
  type PanelId,
  parseRoute,
  type Route,
  readLink,
  readSearch,
  withPanel,
} from './route.ts'

type Position = NonNullable<Route['cell']>

/** The few things of `window` that navigation uses. */
export interface NavigationWindow {
  readonly location: Pick<Location, 'hash' | 'href'>
  readonly history: Pick<History, 'pushState' | 'replaceState'>
  addEventListener(type: 'popstate' | 'hashchange', listener: () => void): void
  removeEventListener(type: 'popstate' | 'hashchange', listener: () => void): void
}

export interface Navigation {
  readonly route: ReadonlySignal<Route>
  /** A jump: a new entry in the history, so that "back" returns. */
  go(cell: Position): void
  /** A walk: the address follows without a new entry. */
  follow(cell: Position): void
  /** A content (CIDv0) is closed: the address forgets it, if that is what it opens. */
  closeContent(cid: string): void
  /** A step in the graph (CIDv0): a new entry in the history, so that "back" returns. */
  showGraph(cid: string): void
  /** Another panel is open, or none, or something else in it: the address follows without a new entry. */
  showPanel(panel: PanelId | undefined, opened?: Pick<PanelContent, 'link' | 'search'>): void
  /** The page's address with this cell, for copying. */
  linkTo(cell: Position): string
  /** The page's address that opens a content (CIDv0), for copying. */
  linkToContent(cid: string): string
  /** The page's address that opens a cyfs link, for copying. */
  linkToObject(link: string): string
  /** The page's address that draws the graph around a particle (CIDv0), for copying. */
  linkToGraph(cid: string): string
  stop(): void
}

export function isSameCell(a: Position | undefined, b: Position | undefined): boolean {
  return a?.x === b?.x && a?.y === b?.y
}

/**
 * Keeps the address and the place on the land together; `onMove` hears of back, forward and edited addresses,
 * `onMistake` of an address that names no place: the address then says again where one is.
 */
export function createNavigation(
  window: NavigationWindow,
  onMove: (cell: Position) => void,
  onMistake: () => void = () => undefined,
): Navigation {
  const route = signal(parseRoute(window.location.hash))

  const mend = (): void => {
    window.history.replaceState(null, '', formatRoute(route.value))
    onMistake()
  }

  const change = (next: Route, how: 'pushState' | 'replaceState'): void => {
    route.value = next
    window.history[how](null, '', formatRoute(next) || '#')
  }

  const write = (cell: Position, how: 'pushState' | 'replaceState'): void => {
    if (isSameCell(route.value.cell, cell)) return
    // a walk leaves open what is open; who goes elsewhere leaves it, but for the panel, which has no place in the world
    const { content, ...kept } = route.value
    change({ ...(how === 'replaceState' ? route.value : kept), cell: { x: cell.x, y: cell.y } }, how)
  }

  const read = (): void => {
    const named = parseRoute(window.location.hash)
    const isMistaken = isMistakenRoute(window.location.hash)
    const next = isMistaken ? { ...named, cell: route.value.cell } : named
    const moved = next.cell !== undefined && !isSameCell(next.cell, route.value.cell)
    route.value = next
    if (moved && next.cell !== undefined) onMove(next.cell)
    if (isMistaken) mend()
  }

  const link = (to: Route): string => {
    const url = new URL(window.location.href)
    url.hash = formatRoute(to)
    return url.href
  }

  if (isMistakenRoute(window.location.hash)) mend()
  // a hash typed by hand gives both events; the second finds nothing changed
  window.addEventListener('popstate', read)
  window.addEventListener('hashchange', read)
  return {
    route,
    go: (cell) => write(cell, 'pushState'),
    follow: (cell) => write(cell, 'replaceState'),
    closeContent(cid) {
      const { content, ...rest } = route.value
      if (content === cid) change(rest, 'replaceState')
    },
    showGraph(graph) {
      if (route.value.graph !== graph) change(withPanel(route.value, 'graph', { graph }), 'pushState')
    },
    showPanel(panel, opened = {}) {
      const { panel: before, graph, link, search } = route.value
      const named = { graph, link: readLink(opened.link), search: readSearch(opened.search) }
      const next = withPanel(route.value, panel, named)
      if (panel === before && next.link === link && next.search === search) return
      change(next, 'replaceState')
    },
    linkTo: (cell) => link({ cell, parameters: route.value.parameters }),
    linkToContent: (content) => link({ cell: undefined, parameters: route.value.parameters, content }),
    linkToObject: (object) => link({ cell: undefined, parameters: route.value.parameters, link: object }),
    linkToGraph: (graph) => link({ cell: undefined, parameters: route.value.parameters, graph }),
    stop() {
      window.removeEventListener('popstate', read)
      window.removeEventListener('hashchange', read)
    },
  }
}
