/** One of the things that stand: a build by a record, or a Model token ([CH6]). */
import type { ParcelToken } from '#api/access-types.ts'
import type { Failure, ModelPlacement, ParcelBuild } from '#api/types.ts'
import type { Cell } from '#core/land.ts'
import type { Bounds } from '#objects/glb.ts'
import { sealedKey } from './fetch-model.ts'
import type { ModelCopy } from './model-asset.ts'
import { CLAY, PAPER, type Rgb } from './palette.ts'

/** What is to stand, and where. */
export interface Standing {
  readonly parcel: number
  readonly cell: Cell
  /** what its model is loaded by */
  readonly key: string
  readonly placement: ModelPlacement
  /** bytes of a preview */
  readonly local?: Uint8Array | undefined
  /** id of a token; absent for what a record says */
  readonly token?: number
}

export interface Build extends Standing {
  /** as `standingOf` numbers it */
  readonly id: number
  placement: ModelPlacement
  local: Uint8Array | undefined
  distance: number
  copy: ModelCopy | undefined
  opacity: number
  wanted: boolean
  /** in the world's frame; of the model once it is known */
  bounds: Bounds
  failure: Failure | undefined
}

/** Stands for a model of which nothing is known yet. */
export const UNKNOWN_BOX: Bounds = { min: [-2.2, 0, -2.2], max: [2.2, 2.6, 2.2] }

/** What is to stand: builds by the numbers of their plots, tokens by their ids below zero. */
export function standingOf(
  builds: ReadonlyMap<number, ParcelBuild>,
  tokens: readonly ParcelToken[],
): Map<number, Standing> {
  const standing = new Map<number, Standing>()
  for (const [parcel, { root, cell, placement }] of builds) {
    standing.set(parcel, { parcel, cell, key: root, placement })
  }
  for (const { id, parcel, cell, root, object, placement } of tokens) {
    const key = object === undefined ? root : sealedKey(object)
    standing.set(-id, { parcel, cell, key, placement, token: id })
  }
  return standing
}

export function createBuild(id: number, { parcel, cell, key, placement, local, token }: Standing): Build {
  return {
    ...{ id, parcel, cell, key, placement, local },
    ...(token === undefined ? {} : { token }),
    distance: Infinity,
    copy: undefined,
    opacity: 0,
    wanted: false,
    bounds: UNKNOWN_BOX,
    failure: undefined,
  }
}

export function boxColour({ failure }: Build): Rgb {
  return failure === undefined ? CLAY : PAPER
}

export function translate({ min, max }: Bounds, x: number, z: number): Bounds {
  return { min: [min[0] + x, min[1], min[2] + z], max: [max[0] + x, max[1], max[2] + z] }
}

export function easeOut(t: number): number {
  return 1 - (1 - t) ** 2
}

export function sameFailures(a: ReadonlyMap<number, Failure>, b: ReadonlyMap<number, Failure>): boolean {
  return (
    a.size === b.size &&
    [...a].every(([id, { code, message }]) => {
      const other = b.get(id)
      return other?.code === code && other.message === message
    })
  )
}
