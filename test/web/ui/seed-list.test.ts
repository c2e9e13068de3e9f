import { describe, expect, it } from 'vitest'
import type { SeedItem } from '#api/seed-types.ts'
import type { ParcelBuild } from '#api/types.ts'
import { cellOf } from '#core/land.ts'
import { FAKE_NOW, FAKE_OTHER } from '#test/fakes/fake-facts.ts'
import {
  buildsByRoot,
  evictionPlace,
  heldShare,
  isWhole,
  orderItems,
  type SeedOrder,
  type SeedSort,
} from '#ui/seed-list.ts'

function item(cid: string, change: Partial<SeedItem> = {}): SeedItem {
  return {
    cid,
    reasons: [],
    heldBytes: 0,
    usedAt: FAKE_NOW,
    holders: [],
    sentBytes: 0,
    receivedBytes: 0,
    ...change,
  }
}

const ITEMS = [
  item('a', { name: 'file 10', bytes: 30, sentBytes: 5, copies: 2, worth: 0.5, usedAt: 3 }),
  item('b', { name: 'file 9', bytes: 10, sentBytes: 9, worth: 0.1, usedAt: 1 }),
  item('c', { name: 'Zebra', bytes: 20, sentBytes: 7, copies: 0, reasons: ['pinned'], usedAt: 2 }),
]

function order(change: Partial<SeedOrder>): string {
  const whole: SeedOrder = { filter: 'all', sort: 'used', ascending: false, ...change }
  return orderItems(ITEMS, whole, ({ name, cid }) => name ?? cid)
    .map(({ cid }) => cid)
    .join('')
}

describe('the order of kept items', () => {
  it.each<[SeedSort, string]>([
    ['used', 'acb'],
    ['worth', 'cab'],
    ['size', 'acb'],
    ['copies', 'acb'],
    ['up', 'bca'],
    ['name', 'cab'],
  ])('by %s, the most first', (sort, expected) => {
    expect(order({ sort })).toBe(expected)
    expect(order({ sort, ascending: true })).toBe([...expected].reverse().join(''))
  })

  it('keeps equal ones where they were, whichever way', () => {
    const equal = [item('x'), item('y')]
    for (const ascending of [true, false]) {
      const sorted = orderItems(equal, { filter: 'all', sort: 'up', ascending }, ({ cid }) => cid)
      expect(sorted.map(({ cid }) => cid)).toEqual(['x', 'y'])
    }
  })

  it('[SE3] tells mine from cached', () => {
    expect(order({ filter: 'mine' })).toBe('c')
    expect(order({ filter: 'cached' })).toBe('ab')
  })

  it('[SE4] says at which place a cached one goes', () => {
    expect(ITEMS.map((each) => evictionPlace(ITEMS, each))).toEqual([
      { place: 2, of: 2 },
      { place: 1, of: 2 },
      undefined,
    ])
  })
})

describe('how much of an item is here', () => {
  it('is nothing while its size is unknown, and all of what is empty', () => {
    expect(heldShare(item('a'))).toBe(0)
    expect(heldShare(item('a', { bytes: 0 }))).toBe(1)
    expect(heldShare(item('a', { bytes: 40, heldBytes: 10 }))).toBe(0.25)
    expect(isWhole(item('a', { heldBytes: 10 }))).toBe(false)
    expect(isWhole(item('a', { bytes: 10, heldBytes: 10 }))).toBe(true)
  })
})

describe('where a model stands', () => {
  it('is its newest build', () => {
    const build = (parcel: number, root: string, time: number): ParcelBuild => ({
      parcel,
      cell: cellOf(parcel),
      root,
      placement: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
      neuron: FAKE_OTHER,
      time,
      mine: false,
    })
    const builds = [build(1, 'a', 5), build(2, 'a', 9), build(3, 'a', 7), build(4, 'b', 1)]
    const byRoot = buildsByRoot(new Map(builds.map((each) => [each.parcel, each])))
    expect([byRoot.get('a')?.parcel, byRoot.get('b')?.parcel]).toEqual([2, 4])
  })
})
