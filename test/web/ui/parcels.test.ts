import { describe, expect, it } from 'vitest'
import type { ParcelBuild } from '#api/types.ts'
import { type Cell, cellOf, PARCEL_COUNT, parcelAt } from '#core/land.ts'
import { BIRTH_PLACES } from '#core/plots.ts'
import {
  buildOfRoot,
  cellAtPosition,
  chooseParcel,
  freeParcelNear,
  metresTo,
  readCell,
  standingNear,
  tryCellOf,
} from '#ui/parcels.ts'

function at(x: number, y: number): number {
  const parcel = parcelAt({ x, y })
  if (parcel === undefined) throw new Error(`no parcel at ${x}, ${y}`)
  return parcel
}

function buildAt(x: number, y: number, { root = 'Qm', time = 1 } = {}): ParcelBuild {
  const placement = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }
  return { parcel: at(x, y), cell: { x, y }, root, placement, neuron: '0x0', time, mine: false }
}

function mapOf(...builds: readonly ParcelBuild[]): ReadonlyMap<number, ParcelBuild> {
  return new Map(builds.map((build) => [build.parcel, build]))
}

describe('freeParcelNear', () => {
  it('finds the plot beside the square for someone in its east', () => {
    expect(freeParcelNear({ x: 30.9, y: 0.5 }, mapOf())).toBe(at(31, 0))
  })

  it('passes over what is built on', () => {
    const taken = mapOf(buildAt(40, 0))
    const free = freeParcelNear({ x: 40.5, y: 0.4 }, taken)
    expect(free).toBe(at(40, -1))
  })

  it('finds none when every plot is taken', () => {
    const all = new Map(Array.from({ length: PARCEL_COUNT }, (_, serial) => [serial, buildAt(40, 0)]))
    expect(freeParcelNear({ x: 0, y: 0 }, all)).toBeUndefined()
  })
})

describe('chooseParcel', () => {
  it('takes the selected plot, free or not', () => {
    expect(chooseParcel(at(50, 5), { x: 0, y: 0 }, mapOf(buildAt(50, 5)))).toBe(at(50, 5))
  })

  it('takes the plot that one stands on, when it is free', () => {
    expect(chooseParcel(undefined, { x: 60.2, y: -3.9 }, mapOf())).toBe(at(60, -4))
    expect(chooseParcel(undefined, { x: 60.2, y: -3.9 }, mapOf(buildAt(60, -4)))).not.toBe(at(60, -4))
  })

  it('takes the nearest free plot from the square', () => {
    expect(chooseParcel(undefined, { x: 0.5, y: 30.9 }, mapOf())).toBe(at(0, 31))
  })
})

describe('lists of builds', () => {
  const near = buildAt(32, 0)
  const far = buildAt(100, 0)

  it('go from near to far, up to a limit', () => {
    const builds = mapOf(far, near)
    expect(standingNear({ builds }, { x: 31, y: 0 }, 10)).toEqual([near, far])
    expect(standingNear({ builds }, { x: 31, y: 0 }, 1)).toEqual([near])
  })

  it('[CH6] stand among the model tokens that the world draws', () => {
    const { neuron: holder, time: _, ...standing } = buildAt(50, 0)
    const token = { ...standing, id: 7, holder }
    const land = { builds: mapOf(far, near), tokens: [token] }
    expect(standingNear(land, { x: 31, y: 0 }, 10)).toEqual([near, token, far])
  })

  it('find the newest build of a model', () => {
    const older = buildAt(70, 1, { root: 'QmModel', time: 5 })
    const newer = buildAt(71, 1, { root: 'QmModel', time: 6 })
    expect(buildOfRoot(mapOf(newer, older, near), 'QmModel')).toBe(newer)
    expect(buildOfRoot(mapOf(near), 'QmModel')).toBeUndefined()
  })
})

describe('cells and metres', () => {
  it('round positions down, below zero too', () => {
    expect(cellAtPosition({ x: 3.9, y: -0.1 })).toEqual({ x: 3, y: -1 })
  })

  it('measure from the middle of a cell', () => {
    expect(metresTo({ x: 32, y: 0 }, { x: 32.5, y: 0.5 })).toBe(0)
    expect(metresTo({ x: 35, y: 4 }, { x: 32.5, y: 0.5 })).toBe(50)
  })

  it('name no cell for a serial that is none', () => {
    expect(tryCellOf(0)).toEqual(cellOf(0))
    for (const serial of [undefined, -1, PARCEL_COUNT + 4_096 ** 2, 0.5])
      expect(tryCellOf(serial)).toBeUndefined()
  })
})

describe('readCell', () => {
  it('reads two whole numbers', () => {
    expect(readCell({ x: '12', y: ' -7 ' })).toEqual({ x: 12, y: -7 })
    expect(readCell({ x: '-0', y: '0' })).toEqual({ x: 0, y: 0 })
  })

  it.each([
    ['', '1', 'missing'],
    ['1', ' ', 'missing'],
    ['1.5', '1', 'fractional'],
    ['one', '1', 'fractional'],
    ['2048', '0', 'beyond'],
    ['0', '-2049', 'beyond'],
  ])('says what is wrong with %o, %o', (x, y, mistake) => {
    expect(readCell({ x, y })).toBe(mistake)
    expect(readCell({ x, y }, {})).toBe(mistake)
  })

  it('[CH4] takes any cell that a plot can be moved to', () => {
    expect(readCell({ x: '131', y: '0' })).toEqual({ x: 131, y: 0 })
    expect(readCell({ x: '-2048', y: '2047' })).toEqual({ x: -2_048, y: 2_047 })
  })

  it('[CH4] says that a cell beyond the city is far unless the known land has a plot there', () => {
    const places = { ...BIRTH_PLACES, parcelOn: ({ x, y }: Cell) => (x === 131 && y === 0 ? 7 : undefined) }
    expect(readCell({ x: '131', y: '0' }, {})).toBe('far')
    expect(readCell({ x: '131', y: '0' }, { places })).toEqual({ x: 131, y: 0 })
    expect(readCell({ x: '131', y: '1' }, { places })).toBe('far')
    // the sea and the square within the city's bounds are no mistake
    expect(readCell({ x: '130', y: '130' }, {})).toEqual({ x: 130, y: 130 })
  })
})
