import { expect, it } from 'vitest'
import { changedParcels } from '#chain/land/changed-parcels.ts'
import { EMPTY_LAND } from '#chain/land/land-table.ts'
import { makeLand } from '../../../fakes/land.ts'

it('names the parcels that were minted, sold, moved or fell free, and no others', () => {
  const before = makeLand(
    new Map([
      [1, { owner: 5n }],
      [2, { owner: 5n }],
      [3, { owner: 5n }],
      [4, { owner: 5n }],
    ]),
  )
  const after = makeLand(
    new Map([
      [1, { owner: 5n }],
      [2, { owner: 6n }],
      [3, { owner: 5n, x: 9, y: 60 }],
      [4, { owner: 5n, state: 2n }],
      [9, { owner: 7n }],
    ]),
  )
  expect(changedParcels(before, after)).toEqual([2, 3, 4, 9])
  expect(changedParcels(after, after)).toEqual([])
  expect(changedParcels(EMPTY_LAND, before)).toEqual([1, 2, 3, 4])
})
