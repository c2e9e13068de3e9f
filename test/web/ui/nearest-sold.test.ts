import { describe, expect, it } from 'vitest'
import type { ParcelBuild } from '#api/types.ts'
import { parcelAt } from '#core/land.ts'
import { bornAt, shareOf } from '#core/land-rule.ts'
import { nearestSold } from '#ui/nearest-sold.ts'

const near = { x: 40.5, y: 1.5 }

describe('the nearest plot that is sold at auction', () => {
  it('is one of that share, and no other of it is nearer', () => {
    const cell = nearestSold(near, new Map())
    if (cell === undefined) throw new Error('none')
    expect(shareOf(bornAt(cell) ?? 0)).toBe('auction')
    const reach = Math.hypot(cell.x + 0.5 - near.x, cell.y + 0.5 - near.y)
    for (let x = 20; x < 60; x++) {
      for (let y = -20; y < 20; y++) {
        if (Math.hypot(x + 0.5 - near.x, y + 0.5 - near.y) < reach)
          expect(shareOf(bornAt({ x, y }) ?? 1)).not.toBe('auction')
      }
    }
  })

  it('is not one that somebody built on', () => {
    const first = nearestSold(near, new Map())
    if (first === undefined) throw new Error('none')
    // only whether something stands there counts
    const builds = new Map([[parcelAt(first) ?? 0, {} as ParcelBuild]])
    expect(nearestSold(near, builds)).not.toEqual(first)
  })
})
