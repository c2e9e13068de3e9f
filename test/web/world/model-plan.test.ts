import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  LOAD_DISTANCE_M,
  MAX_MODELS_SHOWN,
  MAX_WORLD_TEXTURE_BYTES,
  MAX_WORLD_TRIANGLES,
  type PlanEntry,
  planModels,
  UNLOAD_DISTANCE_M,
} from '#world/model-plan.ts'

function entry(id: number, distance: number, more: Partial<PlanEntry> = {}): PlanEntry {
  return { id, key: `k${id}`, distance, cost: undefined, shown: false, ...more }
}

test('[WO2] nearest first, those out of reach not at all', () => {
  expect(planModels([entry(1, 90), entry(2, 10), entry(3, LOAD_DISTANCE_M + 1)])).toEqual([2, 1])
})

test('what is shown stays a little longer, so that a step back and forth loads nothing twice', () => {
  const between = (LOAD_DISTANCE_M + UNLOAD_DISTANCE_M) / 2
  expect(planModels([entry(1, between)])).toEqual([])
  expect(planModels([entry(1, between, { shown: true })])).toEqual([1])
  expect(planModels([entry(1, UNLOAD_DISTANCE_M + 1, { shown: true })])).toEqual([])
})

test('[WO1] never more models, triangles or texture bytes than the budgets', () => {
  const cost = fc.record({
    triangles: fc.nat(10_000),
    textureBytes: fc.nat(90_000_000),
  })
  const entries = fc.array(
    fc.record({ distance: fc.nat(400), key: fc.nat(60), cost: fc.option(cost, { nil: undefined }) }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(entries, (list) => {
      const costs = new Map<string, PlanEntry['cost']>()
      const all = list.map(({ distance, key, cost }, id) => {
        if (!costs.has(`${key}`)) costs.set(`${key}`, cost)
        return entry(id, distance, { key: `${key}`, cost: costs.get(`${key}`) })
      })
      const chosen = planModels(all).map((id) => all[id] as PlanEntry)
      const keys = new Map(chosen.map(({ key, cost }) => [key, cost?.textureBytes ?? 0]))
      expect(chosen.length).toBeLessThanOrEqual(MAX_MODELS_SHOWN)
      expect(chosen.reduce((sum, { cost }) => sum + (cost?.triangles ?? 0), 0)).toBeLessThanOrEqual(
        MAX_WORLD_TRIANGLES,
      )
      expect([...keys.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(
        MAX_WORLD_TEXTURE_BYTES,
      )
    }),
  )
})

test('textures of one model count once, however often it stands', () => {
  const cost = { triangles: 10, textureBytes: MAX_WORLD_TEXTURE_BYTES }
  const same = [1, 2, 3].map((id) => entry(id, id, { key: 'a', cost }))
  expect(planModels(same)).toEqual([1, 2, 3])
  expect(planModels([...same, entry(4, 0, { key: 'b', cost })])).toEqual([4])
})
