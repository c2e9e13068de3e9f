import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orderRows, restoreOrder } from '#graph/rank-layout.ts'

it('orders rows by length descending, then by number', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 50 }), (lengths) => {
      const rows = Uint32Array.from([0, ...lengths])
      for (let i = 1; i < rows.length; i++) rows[i] = rows[i]! + rows[i - 1]!
      const expected = lengths.map((_, row) => row).sort((a, b) => lengths[b]! - lengths[a]! || a - b)
      expect([...orderRows(rows)]).toEqual(expected)
    }),
  )
})

it('gives ranks back in the order of particles', () => {
  const order = Uint32Array.of(2, 0, 1)
  const values = BigUint64Array.from(order, (particle) => BigInt(particle))
  expect([...restoreOrder(values, 5n, order)]).toEqual([5n, 6n, 7n])
})
