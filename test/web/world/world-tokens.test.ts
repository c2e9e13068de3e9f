import { describe, expect, test } from 'vitest'
import type { ParcelToken } from '#api/access-types.ts'
import { AppError } from '#core/errors.ts'
import { type Cell, parcelAt } from '#core/land.ts'
import { plotAt } from '#core/plots.ts'
import { readModel } from '../objects/glb-fixtures.ts'
import { click, fromVectors, screen, start, UPRIGHT, useScreen } from './world-harness.ts'

useScreen()

const CELL: Cell = { x: 0, y: 31 }
const PARCEL = parcelAt(CELL) as number

function token(id: number, more: Partial<ParcelToken> = {}): ParcelToken {
  const where = { parcel: PARCEL, cell: CELL, placement: UPRIGHT }
  return { id, root: 'WaterBottle', holder: '0x0', mine: false, ...where, ...more }
}

describe('[CH6] model tokens on parcels', () => {
  test('[CH4] on a plot in the sea stand on ground of its own', async () => {
    const { world, place } = await start(fromVectors)
    screen.settle()
    const { triangles } = world.stats.value
    const cell = { x: 900, y: 900 }
    const far = { parcel: plotAt(cell) as number, cell, root: 'gone' }
    place(token(1, far), token(2, far))
    screen.settle()
    // sand and the plot, and a box for each model
    expect(world.stats.value.triangles - triangles).toBe(4 * 12)
  })

  test('stand beside what a record put there, each as it was placed, and come and go', async () => {
    const { world, build, place, until, cat } = await start(fromVectors)
    place(token(1, { root: 'GenericHand' }), token(2, { placement: { ...UPRIGHT, x: 3 } }))
    build({ cell: CELL })
    await until(() => world.stats.value.modelsLoaded === 3)
    expect(cat.mock.calls.map(([root]) => root).sort()).toEqual(['GenericHand', 'WaterBottle'])
    place(token(2, { placement: { ...UPRIGHT, x: 3 } }))
    await until(() => world.stats.value.modelsLoaded === 2)
    build()
    await until(() => world.stats.value.modelsLoaded === 1)
    // another plot
    place(token(2, { parcel: parcelAt({ x: 2, y: 31 }) as number, cell: { x: 2, y: 31 } }))
    await until(() => world.stats.value.modelsLoaded === 1)
    place()
    await until(() => world.stats.value.modelsLoaded === 0)
  })

  test('a restricted one is read as its object', async () => {
    const read: string[] = []
    async function* readSealed(id: string) {
      read.push(id)
      yield readModel('WaterBottle')
    }
    const { world, place, until, cat } = await start(fromVectors, { read: readSealed })
    place(token(1, { object: 'sealed' }))
    await until(() => world.stats.value.modelsLoaded === 1)
    expect(read).toEqual(['sealed'])
    expect(cat).not.toHaveBeenCalled()
  })

  test('one that cannot be fetched, or leaves its plot, says so of itself and not of the build there', async () => {
    const { world, build, place, until } = await start(async (cid, options) => {
      if (cid === 'gone') throw new AppError('FETCH_NO_PROVIDER', 'Nobody here has this model.')
      return fromVectors(cid, options)
    })
    build({ cell: CELL })
    place(token(1, { root: 'gone' }), token(2, { placement: { ...UPRIGHT, scale: 200 } }))
    await until(() => world.stats.value.modelsLoaded === 1 && world.tokenFailures.value.size === 2)
    expect([...world.tokenFailures.value].map(([id, { code }]) => [id, code]).sort()).toEqual([
      [1, 'FETCH_NO_PROVIDER'],
      [2, 'GLB_LIMIT'],
    ])
    expect(world.failures.value.size).toBe(0)
  })

  test('a click on one selects its plot, and who goes there stops in front of it', async () => {
    const { world, canvas, place, until } = await start(fromVectors, { start: { x: 0, y: 29 } })
    place(token(1, { placement: { ...UPRIGHT, scale: 14, y: 1.82 } }))
    await until(() => world.stats.value.modelsLoaded === 1 && screen.callbacks.size === 0)
    // on the model, where behind it other ground is seen
    const point = world.project(0.5, 31.5, 3) as { x: number; y: number }
    expect(world.cellAt(point.x, point.y)).toEqual(CELL)
    click(canvas, point, 0)
    expect(world.selected.value).toBe(PARCEL)
    world.goTo(CELL.x, CELL.y)
    screen.settle()
    expect(world.position.value).toMatchObject({ x: 0.5, y: 29.8, headingDegrees: 0 })
  })
})
