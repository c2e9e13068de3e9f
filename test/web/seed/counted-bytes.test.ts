import { describe, expect, it } from 'vitest'
import { countedBytes } from '#seed/counted-bytes.ts'

const QUOTA = 1_000
const counted = (liveBytes: number, diskBytes: number) =>
  countedBytes({ liveBytes, diskBytes, quotaBytes: QUOTA })

describe('[SE4] what counts against the quota', () => {
  it('is the blocks, while the files take no more than a tenth beside them', () => {
    expect([counted(0, 0), counted(900, 900), counted(900, 1_000), counted(900, 850)]).toEqual([
      0, 900, 900, 900,
    ])
  })

  it('is the garbage beside them too, as far as compaction leaves it', () => {
    expect(counted(1_000, 1_150)).toBe(1_050)
    expect(counted(1_000, 1_200)).toBe(counted(1_000, 5_000))
  })

  it('keeps the files within a tenth of the quota, and never gives up more than a twelfth of it', () => {
    for (let live = 0; live <= QUOTA; live++) {
      const most = live * 1.2 // what compaction leaves
      if (counted(live, most) <= QUOTA) expect(most).toBeLessThanOrEqual(QUOTA * 1.1 + 1e-6)
      if (counted(live, Number.POSITIVE_INFINITY) > QUOTA) expect(live).toBeGreaterThan(QUOTA * (11 / 12) - 1)
    }
  })
})
