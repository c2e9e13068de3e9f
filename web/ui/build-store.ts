import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type {
  Failure,
  LandState,
  ModelPlacement,
  ParcelBuild,
  Tabland,
  TransferProgress,
} from '#api/types.ts'
import type { WorldView } from '#api/world.ts'
import { AppError } from '#core/errors.ts'
import type { Cell } from '#core/land.ts'
import { MAX_MODEL_BYTES } from '#core/limits.ts'
import { plotOn } from '#core/plots.ts'
import { failureOf } from './failure.ts'
import type { CheckedModel, InspectModel } from './inspect-model.ts'
import { chooseParcel, freeParcelNear, type Near, tryCellOf } from './parcels.ts'
import { initialPlacement } from './placement.ts'

export interface Draft {
  readonly name: string
  readonly model: Uint8Array<ArrayBuffer>
  readonly checked: CheckedModel
}

export type BuildStep =
  | { readonly kind: 'empty' }
  | { readonly kind: 'checking'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly failure: Failure }
  | { readonly kind: 'ready'; readonly draft: Draft; readonly failure?: Failure }
  | { readonly kind: 'publishing'; readonly draft: Draft; readonly progress: TransferProgress }
  | { readonly kind: 'published'; readonly build: ParcelBuild }

export interface BuildStoreInit {
  readonly tabland: Promise<Pick<Tabland, 'land'>>
  readonly inspect: InspectModel
  readonly land: () => LandState
  readonly selected: () => number | undefined
  readonly position: () => Near
  readonly world: ReadonlySignal<WorldView | undefined>
}

export interface BuildStore {
  readonly step: ReadonlySignal<BuildStep>
  readonly parcel: ReadonlySignal<number | undefined>
  readonly placement: ReadonlySignal<ModelPlacement>
  /** why the model does not fit its plot where it stands now */
  readonly misfit: ReadonlySignal<Failure | undefined>
  /** A file was chosen, or dropped on a plot: checks it, then shows it there, else on a plot that suits. */
  take(file: File, on?: number): Promise<void>
  /** Moves the draft to another plot. */
  moveTo(parcel: number): void
  /** Without a cell, or on one without a plot, the draft stands nowhere and cannot be published. */
  moveToCell(cell: Cell | undefined): void
  moveToFree(): void
  place(change: Partial<ModelPlacement>): void
  resetPlacement(): void
  publish(): Promise<void>
  discard(): void
  stop(): void
}

/** Refuses by name and size before a byte is read. @throws GLB_NOT_GLB, GLB_LIMIT */
function checkFile(file: File): void {
  if (!/\.glb$/i.test(file.name)) {
    throw new AppError(
      'GLB_NOT_GLB',
      `"${file.name}" is not a .glb file. Export the model as glTF 2.0 binary (.glb).`,
    )
  }
  if (file.size > MAX_MODEL_BYTES) {
    throw new AppError(
      'GLB_LIMIT',
      `The file has ${file.size.toLocaleString('en')} bytes; a plot takes ${MAX_MODEL_BYTES.toLocaleString('en')}. Make its textures smaller.`,
    )
  }
}

/** From where a plot is seen whole, in cells from its middle. */
const VIEW_DISTANCE = 1.7

const STANDING: ModelPlacement = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }

/** One model on its way from a file to the land: checked, placed, seen by its builder, published. */
export function createBuildStore(init: BuildStoreInit): BuildStore {
  const step = signal<BuildStep>({ kind: 'empty' })
  const parcel = signal<number | undefined>()
  const placement = signal<ModelPlacement>(STANDING)
  const misfit = computed(() =>
    step.value.kind === 'ready' ? step.value.draft.checked.misfit(placement.value) : undefined,
  )
  let publishing = new AbortController()
  // each file taken or discarded makes what is still being read stale
  let turn = 0

  const stopPreview = effect(() => {
    const view = init.world.value
    const now = step.value
    const at = parcel.value
    if (view === undefined) return
    const shown = now.kind === 'ready' || now.kind === 'publishing'
    const preview =
      shown && at !== undefined
        ? { parcel: at, model: now.draft.model, placement: placement.value }
        : undefined
    // what the world reads on the way is its own business
    untracked(() => view.preview(preview))
  })

  const builds = (): LandState['builds'] => init.land().builds
  const showOn = (plot: number | undefined): void => {
    parcel.value = plot
    const cell = tryCellOf(plot)
    const view = init.world.peek()
    if (plot === undefined || cell === undefined || view === undefined) return
    const { x, y } = cell
    view.select(plot)
    // in front of what is built the world stops by itself; a free plot is looked at from the south
    if (builds().has(plot)) view.goTo(x, y)
    else view.goTo(x + 0.5, y + 0.5 - VIEW_DISTANCE)
  }

  return {
    step,
    parcel,
    placement,
    misfit,

    async take(file, on) {
      const mine = ++turn
      publishing.abort()
      step.value = { kind: 'checking', name: file.name }
      try {
        checkFile(file)
        const model = new Uint8Array(await file.arrayBuffer())
        const checked = await init.inspect(model)
        if (mine !== turn) return
        placement.value = initialPlacement(checked.report.bounds)
        step.value = { kind: 'ready', draft: { name: file.name, model, checked } }
        showOn(on ?? chooseParcel(init.selected(), init.position(), builds()))
      } catch (error) {
        if (mine === turn) step.value = { kind: 'refused', name: file.name, failure: failureOf(error) }
      }
    },

    moveTo: showOn,
    moveToCell(cell) {
      // a cell without a plot is kept as "none": the panel says so beside the fields
      showOn(cell === undefined ? undefined : plotOn(init.land(), cell))
    },
    moveToFree() {
      showOn(freeParcelNear(init.position(), builds()))
    },

    place(change) {
      placement.value = { ...placement.value, ...change }
    },
    resetPlacement() {
      if (step.value.kind === 'ready')
        placement.value = initialPlacement(step.value.draft.checked.report.bounds)
    },

    async publish() {
      const now = step.value
      const cell = tryCellOf(parcel.value)
      if (now.kind !== 'ready' || cell === undefined || misfit.value !== undefined) return
      const { draft } = now
      const mine = turn
      publishing = new AbortController()
      step.value = { kind: 'publishing', draft, progress: { bytes: 0, total: draft.model.length } }
      try {
        const { land } = await init.tabland
        const { x, y } = cell
        const build = await land.publish(x, y, draft.model, placement.value, {
          signal: publishing.signal,
          onProgress: (progress) => {
            if (mine === turn && step.value.kind === 'publishing') {
              step.value = { kind: 'publishing', draft, progress }
            }
          },
        })
        if (mine === turn) step.value = { kind: 'published', build }
      } catch (error) {
        if (mine === turn) step.value = { kind: 'ready', draft, failure: failureOf(error) }
      }
    },

    discard() {
      turn++
      publishing.abort()
      step.value = { kind: 'empty' }
      parcel.value = undefined
    },

    stop() {
      turn++
      publishing.abort()
      stopPreview()
    },
  }
}
