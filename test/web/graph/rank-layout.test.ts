import fc from 'fast-check'
import { expect, it } from 'vitest'
import { buildRankGraph } from '#graph/rank-graph.ts'
import { layOutPull, orderRows, restoreOrder } from '#graph/rank-layout.ts'
import { arbitraryInput } from './rank-graphs.ts'

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

it('renumbers particles and addresses columns, and restores their order', () => {
  fc.assert(
    fc.property(arbitraryInput(), (input) => {
      const graph = buildRankGraph(input)
      const arrays = {
        rows: new Uint32Array(graph.particles + 1),
        columns: new Uint32Array(graph.links),
        sources: new Uint32Array(graph.sources.length),
      }
      const order = layOutPull(graph, arrays, { origin: 64, stride: 8 })
      for (let row = 0; row < graph.particles; row++) {
        const particle = order[row]!
        const columns = graph.columns.subarray(graph.rows[particle]!, graph.rows[particle + 1]!)
        expect(arrays.columns.subarray(arrays.rows[row]!, arrays.rows[row + 1]!)).toEqual(
          columns.map((v) => 64 + 8 * v),
        )
      }
      expect(arrays.sources.map((row) => order[row]!)).toEqual(graph.sources)
      const values = BigUint64Array.from(order, (particle) => BigInt(particle))
      expect([...restoreOrder(values, 5n, order)]).toEqual(
        Array.from({ length: graph.particles }, (_, particle) => BigInt(particle) + 5n),
      )
    }),
  )
})
