import { expect, it } from 'vitest'
import { leastBidWei } from '#chain/land/least-bid.ts'

it('[CH4] the least bid is the reserve, then a share above the highest, rounded up and never nothing', () => {
  const terms = { reserveWei: 100n, minRaise: 500 }
  expect(leastBidWei(undefined, terms)).toBe(100n)
  expect(leastBidWei(100n, terms)).toBe(105n)
  expect(leastBidWei(101n, terms)).toBe(107n)
  expect(leastBidWei(1n, { ...terms, minRaise: 0 })).toBe(2n)
})
