import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { createTabland, type TablandComponents } from '#api/create-tabland.ts'
import { lazyObjects } from '#api/lazy-objects.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import type { Cell } from '#core/land.ts'

/** The commands of a peer whose chain has parcel 7 at 40, 3, and what they write. */
function setUp() {
  const written: WriteIntent[] = []
  const commands = {
    parcel: async (x: number, y: number) => (x === 40 && y === 3 ? { id: 7 } : undefined),
    write: async (intent: WriteIntent) => void written.push(intent),
  }
  const part = { state: signal({}), land: signal({ builds: new Map() }), graph: signal({}) }
  const components = {
    ...{ node: part, content: {}, graph: {}, records: part, identity: part, seeder: part },
    ...{ storage: signal({}), files: signal({}), machine: {}, machineState: signal({}) },
    objects: lazyObjects(new Promise(() => {})),
    purse: { state: signal({}), commands },
    setMode: async () => false,
  }
  return { written, tabland: createTabland(components as unknown as TablandComponents) }
}

describe('land.move in the console', () => {
  it('[CH4] moves a plot from cell to cell', async () => {
    const { written, tabland } = setUp()
    await tabland.land.move({ x: 40, y: 3 }, { x: 131, y: 0 })
    expect(written).toEqual([{ kind: 'move-parcel', parcel: 7, x: 131, y: 0 }])
  })

  it.each([
    ['no cell to begin at', undefined, { x: 131, y: 0 }],
    ['no cell to go to', { x: 40, y: 3 }, undefined],
    ['half a cell', { x: 40, y: 3 }, { x: 131, y: 0.5 }],
    ['a text', { x: 40, y: 3 }, '131,0'],
  ])('says what to give for %s, and writes nothing', async (_name, from, to) => {
    const { written, tabland } = setUp()
    await expect(tabland.land.move(from as Cell, to as Cell)).rejects.toMatchObject({ code: 'CELL_EXPECTED' })
    expect(written).toEqual([])
  })
})

it('objects.parse says what to give where there is no link', () => {
  const { tabland } = setUp()
  for (const wrong of [undefined, 7] as unknown as string[])
    expect(() => tabland.objects.parse(wrong)).toThrow(expect.objectContaining({ code: 'CYFS_LINK_INVALID' }))
})
