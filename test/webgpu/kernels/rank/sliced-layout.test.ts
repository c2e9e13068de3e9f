import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCsrRankGraph } from '#graph/rank-csr.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankGraph } from '#graph/rank-kernel.ts'
import {
  layOutSlices,
  PIECE_LINKS,
  SLICE_ROWS,
  type SlicedLayout,
} from '#webgpu/kernels/rank/sliced-layout.ts'
import { arbitraryInput, chain, powerLaw, readWordnet, star } from '../../../web/graph/rank-graphs.ts'

const ROOMY = { words: 2 ** 28 }
/** A slice of the longest pieces, and 2,048 pairs. */
const TIGHT = { words: SLICE_ROWS * PIECE_LINKS }

/** Each link as `particle virtualSource`, sorted. */
function linksOf({ particles, order, rows, columns }: RankGraph): string[] {
  const links: string[] = []
  for (let row = 0; row < particles; row++) {
    for (let at = rows[row]!; at < rows[row + 1]!; at++) links.push(`${order[row]} ${columns[at]}`)
  }
  return links.sort()
}

/** The same, as the shader reads a layout. */
function linksOfLayout({ order, windowRows, chunks, parts }: SlicedLayout): string[] {
  return parts
    .flatMap(({ chunk, window, pieces, offsets, columns, targets, firstRow }) => {
      const { first, count } = chunks[chunk]!
      return Array.from({ length: pieces }, (_, piece) => {
        const slice = Math.floor(piece / SLICE_ROWS)
        const row = window * windowRows + (targets?.[piece] ?? firstRow + piece)
        const links: string[] = []
        for (let at = offsets[slice]! + (piece % SLICE_ROWS); at < offsets[slice + 1]!; at += SLICE_ROWS) {
          if (columns[at]! < count) links.push(`${order[row]} ${first + columns[at]!}`)
          else expect(columns[at]).toBe(count)
        }
        expect(links.length).toBeLessThanOrEqual(PIECE_LINKS)
        return links
      }).flat()
    })
    .sort()
}

function bytesOf({ parts }: SlicedLayout): number {
  const bytes = (array: Uint32Array | undefined) => array?.byteLength ?? 0
  return parts.reduce((sum, part) => sum + bytes(part.offsets) + bytes(part.columns) + bytes(part.targets), 0)
}

const LARGE = [
  { name: 'power law', input: powerLaw({ particles: 6_000, links: 30_000, neurons: 40, seed: 3 }) },
  { name: 'star in', input: star({ leaves: 12_000, isInward: true }) },
  { name: 'star out', input: star({ leaves: 12_000, isInward: false }) },
  { name: 'chain', input: chain(5_000) },
]

describe('[KG13] layOutSlices', () => {
  it('holds every link once', () => {
    fc.assert(
      fc.property(arbitraryInput(), (input) => {
        const graph = buildRankGraph(input)
        expect(linksOfLayout(layOutSlices(graph, ROOMY))).toEqual(linksOf(graph))
      }),
    )
  })

  it.each(LARGE)('holds every link once, in as many passes as bindings take: $name', ({ input }) => {
    const graph = buildRankGraph(input)
    const tight = layOutSlices(graph, TIGHT)
    expect(linksOfLayout(tight)).toEqual(linksOf(graph))
    expect(linksOfLayout(layOutSlices(graph, ROOMY))).toEqual(linksOf(graph))
    for (const { columns, offsets, targets } of tight.parts) {
      expect(columns.length).toBeLessThanOrEqual(TIGHT.words)
      expect(Math.max(offsets.length, targets?.length ?? 0)).toBeLessThanOrEqual(TIGHT.words)
    }
    for (const { count } of tight.chunks) expect(2 * (count + 1)).toBeLessThanOrEqual(TIGHT.words)
    expect(2 * tight.windowRows).toBeLessThanOrEqual(TIGHT.words)
    expect(tight.parts.length).toBeGreaterThan(1)
  })

  it('names the particle of each virtual source by its row', () => {
    const graph = buildRankGraph(LARGE[0]!.input)
    const { order, sources, chunks, windowRows } = layOutSlices(graph, TIGHT)
    for (const { first, count, window } of chunks) {
      const rows = sources.subarray(first, first + count)
      expect(rows.map((row) => order[window * windowRows + row]!)).toEqual(
        graph.sources.subarray(first, first + count).map((row) => graph.order[row]!),
      )
    }
  })

  it.each([...LARGE, { name: 'wordnet', input: undefined }])(
    'takes at most 6 bytes a link: $name',
    ({ input }) => {
      const graph = input === undefined ? buildCsrRankGraph(readWordnet()) : buildRankGraph(input)
      // what is left over in the last slices of each length does not grow with the graph
      const constant = 2 * 4 * SLICE_ROWS * PIECE_LINKS
      expect(bytesOf(layOutSlices(graph, ROOMY)) - constant).toBeLessThanOrEqual(4.2 * graph.links)
      expect(bytesOf(layOutSlices(graph, ROOMY))).toBeLessThanOrEqual(6 * graph.links)
    },
  )

  it('adds to rows of more than 64 links only', () => {
    const graph = buildRankGraph(LARGE[0]!.input)
    const { joinedRows, parts } = layOutSlices(graph, ROOMY)
    const lengths = Array.from(graph.order, (_, row) => graph.rows[row + 1]! - graph.rows[row]!)
    expect(joinedRows).toBe(lengths.filter((length) => length > PIECE_LINKS).length)
    expect(parts.map(({ targets }) => targets === undefined)).toEqual([false, true])
  })
})
