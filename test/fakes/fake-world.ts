import { type Signal, signal } from '@preact/signals'
import type { Failure } from '#api/types.ts'
import type {
  PortalStep,
  WorldPlanet,
  WorldPosition,
  WorldPreview,
  WorldStats,
  WorldView,
} from '#api/world.ts'
import { AppError } from '#core/errors.ts'
import type { Cell } from '#core/land.ts'

/** A world that draws nothing: tests move in it and read what it was told. */
export interface FakeWorld {
  readonly load: (
    canvas: HTMLCanvasElement,
    start: { readonly x: number; readonly y: number } | undefined,
  ) => Promise<WorldView>
  readonly view: WorldView
  readonly position: Signal<WorldPosition>
  readonly selected: Signal<number | undefined>
  readonly failures: Signal<ReadonlyMap<number, Failure>>
  readonly tokenFailures: Signal<ReadonlyMap<number, Failure>>
  readonly previews: readonly (WorldPreview | undefined)[]
  readonly visits: readonly { readonly x: number; readonly y: number }[]
  /** portals that stand, as they were told last */
  readonly portals: { cells: readonly Cell[] }
  readonly stepped: Signal<PortalStep | undefined>
  /** planets that the visitor was taken to; undefined is back */
  readonly planets: readonly (WorldPlanet | undefined)[]
  /** the next `load` rejects with this */
  failToLoad(code: string, message: string): void
  stopped: boolean
}

/** A WorldView whose visitor arrives at once wherever it is told to go. */
export function createFakeWorld(): FakeWorld {
  const position = signal<WorldPosition>({ x: 0, y: 0, headingDegrees: 0 })
  const selected = signal<number | undefined>()
  const failures = signal<ReadonlyMap<number, Failure>>(new Map())
  const tokenFailures = signal<ReadonlyMap<number, Failure>>(new Map())
  const movement = signal<'walk' | 'fly'>('walk')
  const stats = signal<WorldStats>({
    device: 'webgl2',
    frames: 60,
    drawCalls: 34,
    triangles: 181_204,
    textureBytes: 12_582_912,
    modelsLoaded: 5,
    modelsLoading: 1,
  })
  const previews: (WorldPreview | undefined)[] = []
  const visits: { x: number; y: number }[] = []
  const portals: { cells: readonly Cell[] } = { cells: [] }
  const stepped = signal<PortalStep | undefined>()
  const planets: (WorldPlanet | undefined)[] = []
  let failure: AppError | undefined

  const view: WorldView = {
    position,
    selected,
    stats,
    failures,
    tokenFailures,
    movement,
    select(parcel) {
      selected.value = parcel
    },
    goTo(x, y) {
      visits.push({ x, y })
      position.value = { x: x + 0.5, y: y + 0.5, headingDegrees: 0 }
    },
    setMovement(next) {
      movement.value = next
    },
    preview(preview) {
      previews.push(preview)
    },
    setPortals(cells) {
      portals.cells = cells
    },
    stepped,
    visit(planet) {
      planets.push(planet)
    },
    cellAt: () => undefined,
    project: () => undefined,
    stop() {
      world.stopped = true
    },
  }

  const world: FakeWorld = {
    async load(_canvas, start) {
      if (failure !== undefined) throw failure
      if (start !== undefined) position.value = { x: start.x + 0.5, y: start.y + 0.5, headingDegrees: 0 }
      return view
    },
    view,
    position,
    selected,
    failures,
    tokenFailures,
    previews,
    visits,
    portals,
    stepped,
    planets,
    failToLoad(code, message) {
      failure = new AppError(code, message)
    },
    stopped: false,
  }
  return world
}
