import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Failure } from '#api/types.ts'
import type { WorldView } from '#api/world.ts'
import { failureOf } from './failure.ts'
import type { Near } from './parcels.ts'

/** Starts the world on a canvas; rejects with a Failure's code and message (`WORLD_NO_GRAPHICS`, …). */
export type LoadWorld = (canvas: HTMLCanvasElement, start: Near | undefined) => Promise<WorldView>

export type WorldStatus =
  | { readonly kind: 'off' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'on'; readonly view: WorldView }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface WorldStore {
  readonly status: ReadonlySignal<WorldStatus>
  readonly view: ReadonlySignal<WorldView | undefined>
  /** Does nothing when the world is off or has been started. */
  start(canvas: HTMLCanvasElement, at: Near | undefined): Promise<void>
  stop(): void
}

/** Holds the world from the first paint on: everything else works without it. */
export function createWorldStore(load: LoadWorld | undefined): WorldStore {
  const status = signal<WorldStatus>({ kind: load === undefined ? 'off' : 'waiting' })
  const view = computed(() => (status.value.kind === 'on' ? status.value.view : undefined))
  let stopped = false

  return {
    status,
    view,
    async start(canvas, at) {
      if (load === undefined || status.value.kind !== 'waiting') return
      status.value = { kind: 'loading' }
      try {
        const started = await load(canvas, at)
        if (stopped) started.stop()
        else status.value = { kind: 'on', view: started }
      } catch (error) {
        if (!stopped) status.value = { kind: 'failed', failure: failureOf(error) }
      }
    },
    stop() {
      stopped = true
      view.value?.stop()
      status.value = { kind: 'off' }
    },
  }
}
