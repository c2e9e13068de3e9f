import { Component, type ComponentChildren, type JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { FailureNote } from './components/failure-note.tsx'
import { preloadProofs } from './components/late-proofs.ts'
import { lazy } from './components/lazy.tsx'
import { failureOf } from './failure.ts'
import { preloadInspection } from './inspect-model.ts'
import { SearchPanel } from './panels/search-panel.tsx'
import type { PanelId } from './route.ts'
import { type Card, type Session, SessionProvider, useSession } from './session.ts'
import { DropOverlay } from './shell/drop-overlay.tsx'
import { FloatingPinHint } from './shell/pin-hint.tsx'
import { Rail, railButtonId } from './shell/rail.tsx'
import { SearchField } from './shell/search-field.tsx'
import { Stage } from './shell/stage.tsx'
import { StatusChip } from './shell/status-chip.tsx'
import { ToastList } from './shell/toast-list.tsx'
import { Welcome } from './shell/welcome.tsx'
import { texts } from './texts.ts'

// what is not on the first screen is fetched when it is opened
const LandPanel = lazy(async () => (await import('./panels/land-panel.tsx')).LandPanel)
const BuildPanel = lazy(async () => (await import('./panels/build-panel.tsx')).BuildPanel)
const FilesPanel = lazy(async () => (await import('./panels/files-panel.tsx')).FilesPanel)
const SeedPanel = lazy(async () => (await import('./panels/seed-panel.tsx')).SeedPanel)
const NetworkPanel = lazy(async () => (await import('./panels/network-panel.tsx')).NetworkPanel)
const GraphPanel = lazy(async () => (await import('./panels/graph-panel.tsx')).GraphPanel)
const RankPanel = lazy(async () => (await import('./panels/rank-panel.tsx')).RankPanel)
const WalletPanel = lazy(async () => (await import('./panels/wallet-panel.tsx')).WalletPanel)
const GovernancePanel = lazy(async () => (await import('./panels/governance-panel.tsx')).GovernancePanel)
const MorePanel = lazy(async () => (await import('./panels/more-panel.tsx')).MorePanel)
const CardView = lazy(async () => (await import('./cards/card-view.tsx')).CardView)

const WriteDialog = lazy(async () => (await import('./shell/write-dialog.tsx')).WriteDialog)
const PlanetBar = lazy(async () => (await import('./shell/planet-bar.tsx')).PlanetBar)
const KeyDialog = lazy(async () => (await import('./shell/key-dialog.tsx')).KeyDialog)

const LAZY = [
  LandPanel,
  BuildPanel,
  FilesPanel,
  SeedPanel,
  NetworkPanel,
  GraphPanel,
  RankPanel,
  WalletPanel,
  GovernancePanel,
  MorePanel,
  CardView,
  WriteDialog,
  PlanetBar,
]
/** Code that is not needed yet is fetched once joined, or after this long. */
const PRELOAD_AFTER_MS = 5_000

/**
 * Fetches what was left for later as soon as the peer has joined: the relay that served the page may be gone
 * when a panel is opened.
 */
function usePreload(session: Session): void {
  const joined = session.state.network.value.join.phase === 'ready'
  useEffect(() => {
    const preload = (): void => {
      for (const component of LAZY) void component.preload()
      void preloadInspection()
      void preloadProofs()
    }
    const timer = setTimeout(preload, joined ? 0 : PRELOAD_AFTER_MS)
    return () => clearTimeout(timer)
  }, [joined])
}

function PanelView({ panel }: { readonly panel: PanelId }): JSX.Element {
  switch (panel) {
    case 'search':
      return <SearchPanel />
    case 'land':
      return <LandPanel />
    case 'build':
      return <BuildPanel />
    case 'files':
      return <FilesPanel />
    case 'seed':
      return <SeedPanel />
    case 'network':
      return <NetworkPanel />
    case 'graph':
      return <GraphPanel />
    case 'rank':
      return <RankPanel />
    case 'wallet':
      return <WalletPanel />
    case 'governance':
      return <GovernancePanel />
    case 'more':
      return <MorePanel />
  }
}

interface BoundaryState {
  readonly error?: unknown
}

/** Keeps a part that fails from taking the page with it. */
class Boundary extends Component<{ readonly children: ComponentChildren }, BoundaryState> {
  override state: BoundaryState = {}

  static override getDerivedStateFromError(error: unknown): BoundaryState {
    return { error }
  }

  override render(): ComponentChildren {
    if (this.state.error === undefined) return this.props.children
    const { message } = failureOf(this.state.error)
    return (
      <div class="sheet panel">
        <div class="sheet-body">
          <FailureNote failure={{ code: 'UI_CRASHED', message }} onRetry={() => location.reload()} />
        </div>
      </div>
    )
  }
}

/** Gives the keys back to the world; where there is none, to the page. */
function focusWorld(): void {
  const world = document.querySelector<HTMLElement>('canvas.world-drawn')
  if (world !== null) world.focus({ preventScroll: true })
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
}

/**
 * Escape closes what was opened last: the card, then the panel. The focus goes back to the rail, after a search
 * to the world: the search is opened from there, by its slash.
 */
function useEscape(session: Session): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      const panel = session.panel.peek()
      if (session.card.peek() !== undefined) session.closeCard()
      else {
        if (panel !== undefined) session.closePanel()
        const isSearching = event.target instanceof Element && event.target.closest('.search') !== null
        if (panel === 'search' || isSearching) focusWorld()
      }
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [session])
}

/** When a panel closes while the focus was inside it, the focus returns to its button in the rail. */
function useReturningFocus(panel: PanelId | undefined): void {
  const before = useRef(panel)
  useEffect(() => {
    const closed = before.current
    before.current = panel
    if (closed === undefined || panel !== undefined) return
    const lost = document.activeElement === null || document.activeElement === document.body
    if (lost) document.getElementById(railButtonId(closed))?.focus()
  }, [panel])
}

function shellClass(panel: PanelId | undefined, card: Card | undefined): string {
  return ['shell', panel === undefined ? '' : 'has-panel', card === undefined ? '' : 'has-card']
    .filter((name) => name !== '')
    .join(' ')
}

function Frame(): JSX.Element {
  const session = useSession()
  const panel = session.panel.value
  const card = session.card.value
  useEscape(session)
  useReturningFocus(panel)
  usePreload(session)
  return (
    <div class={shellClass(panel, card)}>
      <Stage />
      <button type="button" class="brand" title={texts.toSquare} onClick={() => session.goTo({ x: 0, y: 0 })}>
        <span class="brand-mark" aria-hidden="true" />
        <span>{texts.name}</span>
      </button>
      <SearchField />
      <Rail />
      {panel === undefined ? null : (
        <Boundary key={panel}>
          <PanelView panel={panel} />
        </Boundary>
      )}
      {card === undefined ? null : (
        <Boundary key={card.kind}>
          <CardView />
        </Boundary>
      )}
      {session.planet.value === undefined ? null : <PlanetBar />}
      <Welcome />
      <FloatingPinHint />
      <StatusChip />
      <ToastList />
      <DropOverlay />
      {session.state.purse.value.question === undefined ? null : <WriteDialog />}
      {session.state.keys.value.kind === 'asking' ? <KeyDialog /> : null}
    </div>
  )
}

/** The whole page for one session. */
export function App({ session }: { readonly session: Session }): JSX.Element {
  return (
    <SessionProvider value={session}>
      <Frame />
    </SessionProvider>
  )
}
