import { describe, expect, it } from 'vitest'
import {
  assertDistrict,
  categoryAt,
  type District,
  type DistrictPlan,
  parseCorners,
} from '#core/districts.ts'

const ring = (number: number, category: District['category'], inner: number, outer: number): District => ({
  number,
  category,
  name: '',
  shape: { kind: 'ring', inner, outer },
})

// the rule itself is held against the contract in test/contracts-abi/governance.test.ts
describe('[CH8] districts', () => {
  it('are general where none is drawn, and what the one with the highest number says where several are', () => {
    const drawn = [ring(2, 'gambling', 100, 110), ring(0, 'adult', 90, 120)]
    expect(categoryAt([], { x: 0, y: 0 })).toBe('general')
    expect(categoryAt(drawn, { x: 95, y: 0 })).toBe('adult')
    expect(categoryAt(drawn, { x: 105, y: 0 })).toBe('gambling')
    expect(categoryAt(drawn, { x: 0, y: 0 })).toBe('general')
    expect(categoryAt([...drawn, ring(3, 'general', 0, 200)], { x: 105, y: 0 })).toBe('general')
  })

  it('are refused before anybody votes on what the contract would refuse', () => {
    const plan: DistrictPlan = { category: 'adult', name: 'a', shape: { kind: 'ring', inner: 1, outer: 2 } }
    assertDistrict(plan)
    const corners = parseCorners('0,0 10,0 10,10')
    assertDistrict({ ...plan, shape: { kind: 'polygon', corners } })
    const wrong: readonly Partial<DistrictPlan>[] = [
      { category: 'other' },
      { name: 'é'.repeat(33) },
      { shape: { kind: 'ring', inner: 2, outer: 2 } },
      { shape: { kind: 'ring', inner: Number.NaN, outer: 2 } },
      { shape: { kind: 'ring', inner: 0, outer: 65_536 } },
      { shape: { kind: 'polygon', corners: corners.slice(1) } },
      { shape: { kind: 'polygon', corners: Array.from({ length: 65 }, () => ({ x: 0, y: 0 })) } },
      { shape: { kind: 'polygon', corners: [...corners, { x: 2_049, y: 0 }] } },
    ]
    for (const part of wrong) {
      expect(() => assertDistrict({ ...plan, ...part }), JSON.stringify(part)).toThrow(
        expect.objectContaining({ code: 'DISTRICT_INVALID' }),
      )
    }
  })

  it('have corners as people write them', () => {
    expect(parseCorners(' 12,-7  −3,4;5,-0 ')).toEqual([
      { x: 12, y: -7 },
      { x: -3, y: 4 },
      { x: 5, y: 0 },
    ])
    for (const text of ['', '12', '1.5,2', '1,2,3'])
      expect(() => parseCorners(text)).toThrow(expect.objectContaining({ code: 'DISTRICT_INVALID' }))
  })
})
