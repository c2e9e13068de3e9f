import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { NetworkMode } from '#api/network-types.ts'
import type { Failure, Tabland, TablandState } from '#api/types.ts'
import type { Cell } from '#core/land.ts'
import { type BuildStore, createBuildStore } from './build-store.ts'
import { drawPosterWhenLoaded, drawWhenLoaded } from './draw-late.ts'
import { followState } from './early-state.ts'
import type { PlanetVisit } from './enter-planet.ts'
import { failureOf } from './failure.ts'
import { createFilesStore, type FilesStore } from './files-store.ts'
import { followPosition } from './follow-position.ts'
import { followRoute } from './follow-route.ts'
import { followSelection } from './follow-selection.ts'
import { shortenQuery } from './format.ts'
import type { InspectModel } from './inspect-model.ts'
import { guardDraft } from './leave-guard.ts'
import { createNavigation, isSameCell, type Navigation } from './navigation.ts'
import { cellAtPosition, type Near, tryCellOf } from './parcels.ts'
import { createPictureStore, type PictureStore, POSTER } from './picture-store.ts'
import { createPinHint, type PinHint } from './pin-hint.ts'
import type { PanelId } from './route.ts'
import { createSearchStore, type SearchStore } from './search-store.ts'
import { isMine } from './seed-list.ts'
import { createSeedStore, type SeedStore } from './seed-store.ts'
import { createCellSelection } from './select-cell.ts'
import { createSettings, type Settings } from './settings.ts'
import { createSnippetStore, type SnippetStore } from './snippet-store.ts'
import { texts } from './texts.ts'
import { createTheme, type ThemeStore } from './theme.ts'
import { createToasts, type Toasts } from './toasts.ts'
import { createWorldStore, type LoadWorld, type WorldStore } from './world-store.ts'

export type Card =
  | { readonly kind: 'parcel'; readonly parcel: number }
  | { readonly kind: 'result'; readonly cid: string; readonly query: string }

export interface SessionInit {
  /** The peer's commands; what is asked before is done once it is there. */
  readonly tabland: Promise<Tabland>
  /** States to show before `tabland` is there. @default those of a tab that is starting */
  readonly state?: TablandState
  /** how this tab is going to join @default 'direct' */
  readonly mode?: NetworkMode
  /** Left out when the world is off. */
  readonly loadWorld?: LoadWorld
  readonly inspectModel: InspectModel
  readonly window: Window
}

/** What the page itself holds: which panel is open, what is selected, and the stores behind the panels. */
export interface Session {
  readonly tabland: Promise<Tabland>
  readonly state: TablandState
  /** why the peer could not be started at all */
  readonly startFailure: ReadonlySignal<Failure | undefined>
  readonly world: WorldStore
  readonly navigation: Navigation
  readonly search: SearchStore
  readonly snippets: SnippetStore
  readonly pictures: PictureStore
  /** a frame of each film */
  readonly posters: PictureStore
  readonly build: BuildStore
  readonly seed: SeedStore
  readonly files: FilesStore
  /** tells once how to pin the tab */
  readonly pinHint: PinHint
  readonly toasts: Toasts
  readonly settings: Settings
  readonly theme: ThemeStore
  /** has this person seen what this is? remembered in this browser */
  readonly welcomed: ReadonlySignal<boolean>
  readonly panel: ReadonlySignal<PanelId | undefined>
  readonly card: ReadonlySignal<Card | undefined>
  readonly selected: ReadonlySignal<number | undefined>
  /** the planet that the visitor is on, or on the way to */
  readonly planet: ReadonlySignal<PlanetVisit | undefined>
  /** where the visitor is, in cells */
  readonly position: ReadonlySignal<Near>
  /** The welcome was put away. */
  endWelcome(): void
  /** The welcome was seen whole: it stays for now and is not shown by the next visit. */
  rememberWelcome(): void
  open(panel: PanelId): void
  toggle(panel: PanelId): void
  closePanel(): void
  showResult(cid: string, query: string): void
  select(parcel: number | undefined): void
  closeCard(): void
  goTo(cell: Cell): void
  /** Goes through the portal on a cell, once it is paid for. */
  enter(cell: Cell): void
  leavePlanet(): void
  runSearch(query: string): void
  /** Draws the graph around a particle (CIDv0). */
  showGraph(cid: string): void
  /** Tries again at once whatever waits for a back-off to end. */
  retry(): void
  stop(): void
}

const WELCOMED = 'welcomed'
/** From this width on a card stands beside the panel; sheets.css changes there too. */
const BOTH_FIT_PX = 720

export function createSession(init: SessionInit): Session {
  const { tabland, window } = init
  const live = signal<TablandState | undefined>(init.state)
  const startFailure = signal<Failure | undefined>()
  const panel = signal<PanelId | undefined>()
  const card = signal<Card | undefined>()
  const selected = signal<number | undefined>()
  const planet = signal<PlanetVisit | undefined>()
  const state = followState(live, init.mode)
  const settings = createSettings(() => window.localStorage)
  const welcomed = signal(settings.get(WELCOMED) === 'yes')
  const world = createWorldStore(init.loadWorld)
  const toasts = createToasts()
  const navigation = createNavigation(
    window,
    (cell) => {
      world.view.value?.goTo(cell.x, cell.y)
      cells.at(cell)
    },
    () => toasts.show('failure', texts.badAddress),
  )
  const cells = createCellSelection(
    state.land,
    (plot) => session.select(plot),
    (cell) => card.peek() === undefined && isSameCell(navigation.route.peek().cell, cell),
  )
  const search = createSearchStore(tabland)
  const snippets = createSnippetStore(tabland)
  const pictures = createPictureStore({ tabland, draw: drawWhenLoaded })
  const posters = createPictureStore({ tabland, draw: drawPosterWhenLoaded, ...POSTER })
  const theme = createTheme(settings, window)
  const position = computed<Near>(() => {
    const view = world.view.value
    if (view !== undefined) return view.position.value
    const cell = navigation.route.value.cell
    return cell === undefined ? { x: 0, y: 0 } : { x: cell.x + 0.5, y: cell.y + 0.5 }
  })
  const build = createBuildStore({
    tabland,
    inspect: init.inspectModel,
    land: () => state.land.value,
    selected: () => selected.value,
    position: () => position.value,
    world: world.view,
  })

  const seed = createSeedStore({
    tabland,
    state: () => state.seed.value,
    builds: () => state.land.value.builds,
    onSeeded(name) {
      toasts.show('done', texts.seed.add.added(shortenQuery(name)))
      pinHint.earn()
    },
  })
  const files = createFilesStore({
    tabland,
    onPublished(name) {
      // in the panel itself it is on the screen
      if (panel.value !== 'files') {
        const isAlone = state.network.value.peers.every(({ kind }) => kind === 'relay')
        toasts.show('done', (isAlone ? texts.publishedAlone : texts.published)(shortenQuery(name)))
      }
      pinHint.earn()
    },
  })
  const pinHint = createPinHint({
    settings,
    returning: welcomed.peek(),
    hasMine: () => state.seed.value.items.some(isMine),
    hasRoom: () =>
      welcomed.value &&
      state.network.value.join.phase === 'ready' &&
      panel.value === undefined &&
      card.value === undefined,
  })

  tabland.then(
    (started) => {
      live.value = started.state
    },
    (error: unknown) => {
      startFailure.value = failureOf(error)
    },
  )

  const closeParcelCard = (): void => {
    if (card.value?.kind === 'parcel') card.value = undefined
  }
  /** The build panel says itself what stands on the plot that its model is placed on. */
  const isBuiltOn = (parcel: number): boolean =>
    panel.value === 'build' && build.step.value.kind !== 'published' && build.parcel.value === parcel
  const select = (parcel: number | undefined): void => {
    selected.value = parcel
    if (parcel !== undefined && isBuiltOn(parcel)) closeParcelCard()
    else if (parcel !== undefined) card.value = { kind: 'parcel', parcel }
    else closeParcelCard()
  }
  /** Where there is room for one of them, the card lies over the panel. */
  const isCovered = (): boolean => card.value !== undefined && window.innerWidth < BOTH_FIT_PX
  const open = (next: PanelId | undefined): void => {
    panel.value = next
    // the model is seen where the card would be; the plot stays selected, for it is what one builds on
    if (next === 'build') card.value = undefined
    else if (next !== undefined && isCovered()) session.closeCard()
  }
  const stopSelecting = followSelection(world, selected, select)
  const stopGuarding = guardDraft(build.step, window)
  const stopFollowing = followPosition(world.view, navigation)
  const stopEarning = effect(() => {
    if (build.step.value.kind === 'published') pinHint.earn()
  })
  const rankId = computed(() => state.graph.value.rank?.ranksSha256)
  const hasPortals = computed(() => world.view.value !== undefined && state.purse.value.chain !== undefined)
  let stopPortals: (() => void) | undefined
  const stopWaiting = effect(() => {
    if (!hasPortals.value) return
    void import('./watch-portals.ts').then(({ watchPortals }) => {
      stopPortals ??= watchPortals(session)
    })
  })
  const stopRefreshing = effect(() => {
    // links that arrive after a search are found by it too
    if (rankId.value !== undefined) untracked(() => void search.refresh())
  })

  const session: Session = {
    tabland,
    state,
    startFailure,
    world,
    navigation,
    search,
    snippets,
    pictures,
    posters,
    build,
    seed,
    files,
    pinHint,
    toasts,
    settings,
    theme,
    welcomed,
    panel,
    card,
    selected,
    planet,
    position,
    endWelcome() {
      welcomed.value = true
      session.rememberWelcome()
    },
    rememberWelcome() {
      settings.set(WELCOMED, 'yes')
    },
    open,
    toggle(next) {
      open(panel.value === next && !isCovered() ? undefined : next)
    },
    closePanel: () => open(undefined),
    showResult(cid, query) {
      card.value = { kind: 'result', cid, query }
    },
    select(parcel) {
      const view = world.view.value
      if (view === undefined) select(parcel)
      else if (view.selected.value === parcel) select(parcel)
      else view.select(parcel)
    },
    closeCard() {
      const wasParcel = card.value?.kind === 'parcel'
      card.value = undefined
      if (wasParcel) session.select(undefined)
    },
    goTo(cell) {
      session.leavePlanet()
      // "back" leads to where one was, also when the address did not say it yet
      if (navigation.route.value.cell === undefined) navigation.follow(cellAtPosition(position.value))
      navigation.go(cell)
      world.view.value?.goTo(cell.x, cell.y)
      cells.at(cell)
    },
    enter(cell) {
      void import('./enter-planet.ts').then(({ enterPlanet }) => enterPlanet(session, cell, planet))
    },
    leavePlanet() {
      if (planet.value?.kind === 'on') world.view.value?.visit(undefined)
      planet.value = undefined
    },
    runSearch(query) {
      // what a card tells of a result is taken from the results on the screen
      if (card.value?.kind === 'result' && card.value.query !== query.trim()) session.closeCard()
      void search.run(query)
      open('search')
    },
    showGraph(cid) {
      navigation.showGraph(cid)
      open('graph')
    },
    retry() {
      // a peer that could not be started is told of elsewhere, with a button of its own
      tabland.then(
        ({ net }) => net.retry(),
        () => undefined,
      )
    },
    stop() {
      stopSelecting()
      stopWarning()
      stopFollowing()
      cells.stop()
      stopGuarding()
      stopRefreshing()
      stopWaiting()
      stopPortals?.()
      stopEarning()
      stopRoute()
      navigation.stop()
      search.stop()
      snippets.stop()
      pictures.stop()
      posters.stop()
      build.stop()
      seed.stop()
      files.stop()
      pinHint.stop()
      toasts.stop()
      theme.stop()
      world.stop()
    },
  }
  const changed = computed(() => state.chain.value.changed?.code)
  const stopWarning = effect(() => {
    if (changed.value === 'CHAIN_CHANGED') untracked(() => toasts.show('failure', texts.chainChanged))
  })
  const { cell } = navigation.route.value
  if (cell !== undefined) cells.at(cell)
  const stopRoute = followRoute(session)
  return session
}

const SessionContext = createContext<Session | undefined>(undefined)

export const SessionProvider = SessionContext.Provider

/** The session of the page that this component is part of. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('useSession: render this component inside a SessionProvider')
  return session
}

/** Cell of the parcel that a session has selected. */
export function selectedCell(session: Session): Cell | undefined {
  return tryCellOf(session.selected.value)
}
