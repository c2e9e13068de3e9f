/** What the page knows of the world's view. `web/world` implements it, `web/ui` uses it, `web/main.ts` joins them. */
import type { ReadonlySignal } from '@preact/signals'
import type { Cell } from '#core/land.ts'
import type { PlanetModel } from './access-types.ts'
import type { ObjectsApi } from './object-types.ts'
import type { Failure, ModelPlacement, Tabland } from './types.ts'

export interface WorldPosition {
  /** in cells, fractional; the visitor's own place on the land */
  readonly x: number
  readonly y: number
  /** degrees clockwise from north (+y) */
  readonly headingDegrees: number
}

export interface WorldStats {
  readonly device: 'webgpu' | 'webgl2' | 'null'
  readonly frames: number
  readonly drawCalls: number
  readonly triangles: number
  readonly textureBytes: number
  readonly modelsLoaded: number
  readonly modelsLoading: number
}

/** A model on its way to being published: drawn on its parcel, for this visitor only. */
export interface WorldPreview {
  readonly parcel: number
  readonly model: Uint8Array<ArrayBuffer>
  readonly placement: ModelPlacement
}

/** A planet to walk on, and what stands there: nothing, perhaps. */
export interface WorldPlanet {
  readonly id: number
  readonly models: readonly PlanetModel[]
}

/** A ring that the visitor walked through: of the portal on a cell, or the one that leads back from a planet. */
export type PortalStep = { readonly to: 'planet'; readonly cell: Cell } | { readonly to: 'land' }

export interface WorldView {
  readonly position: ReadonlySignal<WorldPosition>
  /** serial of the selected parcel */
  readonly selected: ReadonlySignal<number | undefined>
  readonly stats: ReadonlySignal<WorldStats>
  /** models that could not be shown, by parcel */
  readonly failures: ReadonlySignal<ReadonlyMap<number, Failure>>
  /** Model tokens on parcels that could not be shown, by their ids */
  readonly tokenFailures: ReadonlySignal<ReadonlyMap<number, Failure>>
  readonly movement: ReadonlySignal<'walk' | 'fly'>
  select(parcel: number | undefined): void
  /**
   * Moves the visitor to a place in cells (whole numbers: the middle of that cell); a short flight, or at once
   * under prefers-reduced-motion.
   */
  goTo(x: number, y: number): void
  setMovement(movement: 'walk' | 'fly'): void
  preview(preview: WorldPreview | undefined): void
  /** Cells on which portals stand, for the visitor to walk through. */
  setPortals(cells: readonly Cell[]): void
  /** a new object for each ring that the visitor walks through */
  readonly stepped: ReadonlySignal<PortalStep | undefined>
  /** Takes the visitor to a planet; without one back to where they left the land. */
  visit(planet: WorldPlanet | undefined): void
  /** cell under a point of the page, in CSS pixels */
  cellAt(clientX: number, clientY: number): { readonly x: number; readonly y: number } | undefined
  /** where a place of the land (in cells, fractional; metres above it) is seen on the page, in CSS pixels */
  project(x: number, y: number, height?: number): { readonly x: number; readonly y: number } | undefined
  stop(): void
}

export interface WorldInit {
  readonly canvas: HTMLCanvasElement
  readonly tabland: Pick<Tabland, 'state' | 'cat'> & { readonly objects: Pick<ObjectsApi, 'read'> }
  /** where to begin, in cells; whole numbers mean the middle of that cell */
  readonly start?: { readonly x: number; readonly y: number }
  /** @default 'auto': WebGPU when present, else WebGL2 */
  readonly device?: 'auto' | 'webgpu' | 'webgl2' | 'null'
}

/** @throws WORLD_NO_GRAPHICS when neither WebGPU nor WebGL2 can be had */
export type CreateWorld = (init: WorldInit) => Promise<WorldView>
