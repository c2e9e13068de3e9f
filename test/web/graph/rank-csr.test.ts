import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCsrRankGraph, linksOfCsr, parseCsr } from '#graph/rank-csr.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankGraph } from '#graph/rank-kernel.ts'
import { readWordnet, withUnitStakes } from './rank-graphs.ts'

const MAGIC = 0x52534347

function encode(words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length))
  words.forEach((word, index) => {
    view.setUint32(4 * index, word, true)
  })
  return new Uint8Array(view.buffer)
}

/** 3 particles: 0 → 1, 0 → 2, 2 → 2 */
const GOOD = [MAGIC, 1, 3, 3, 0, 2, 2, 3, 1, 2, 2]

function replaced(at: number, word: number): number[] {
  return GOOD.map((value, index) => (index === at ? word : value))
}

describe('parseCsr', () => {
  it('reads the wordnet graph', () => {
    const { particles, targets } = readWordnet()
    expect({ particles, links: targets.length }).toEqual({ particles: 117_659, links: 361_638 })
  })

  it('gives the graph of one neuron whose every link has s = 1', () => {
    const csr = readWordnet()
    const [found, expected] = [buildCsrRankGraph(csr), buildRankGraph(withUnitStakes(csr))]
    expect(Object.keys(found)).toEqual(Object.keys(expected))
    const bytes = (part: number | Uint32Array | BigUint64Array) =>
      typeof part === 'number' ? Buffer.from(`${part}`) : Buffer.from(part.buffer)
    for (const [name, part] of Object.entries(expected)) {
      expect(bytes(found[name as keyof RankGraph]).equals(bytes(part)), name).toBe(true)
    }
  })

  it('gives its links one by one', () => {
    const csr = readWordnet()
    const { particles, links, stakes } = linksOfCsr(csr)
    expect({ particles, stakes }).toEqual({ particles: 117_659, stakes: [361_638n] })
    expect(Buffer.compare(Buffer.from(links.buffer), Buffer.from(withUnitStakes(csr).links.buffer))).toBe(0)
  })

  it('reads bytes at any alignment', () => {
    const shifted = new Uint8Array(4 * GOOD.length + 1)
    shifted.set(encode(GOOD), 1)
    expect(parseCsr(shifted.subarray(1))).toEqual(parseCsr(encode(GOOD)))
  })

  it('reads a graph without particles', () => {
    const csr = parseCsr(encode([MAGIC, 1, 0, 0, 0]))
    expect(buildCsrRankGraph(csr)).toMatchObject({ particles: 0, links: 0 })
  })

  it.each([
    ['nothing', [], 'RANK_CSR'],
    ['a header only', [MAGIC, 1, 0, 0], 'RANK_CSR'],
    ['another magic', replaced(0, 7), 'RANK_CSR'],
    ['another version', replaced(1, 2), 'RANK_CSR'],
    ['2³¹ particles', replaced(2, 2 ** 31), 'RANK_PARTICLES'],
    ['more particles than there are', replaced(2, 4), 'RANK_CSR'],
    ['fewer links than there are', replaced(3, 2), 'RANK_CSR'],
    ['the most links that a word can name', replaced(3, 2 ** 32 - 1), 'RANK_CSR'],
    ['a link left over', [...GOOD, 0], 'RANK_CSR'],
    ['a first offset above 0', replaced(4, 1), 'RANK_CSR'],
    ['an offset that goes back', replaced(6, 1), 'RANK_CSR'],
    ['a last offset short of the links', [MAGIC, 1, 3, 3, 0, 1, 2, 2, 1, 2, 2], 'RANK_CSR'],
    ['an offset beyond the links', replaced(6, 9), 'RANK_CSR'],
    ['a target that does not exist', replaced(10, 3), 'RANK_ENDPOINT'],
    ['targets out of order', [MAGIC, 1, 3, 3, 0, 2, 2, 3, 2, 1, 2], 'RANK_CSR'],
    ['a target twice', [MAGIC, 1, 3, 3, 0, 2, 2, 3, 1, 1, 2], 'RANK_CSR'],
  ])('refuses %s', (_, words, code) => {
    expect(() => parseCsr(encode(words))).toThrowError(expect.objectContaining({ name: 'AppError', code }))
  })

  it('refuses any file cut short, and never fails otherwise on damage', () => {
    const good = encode(GOOD)
    for (let length = 0; length < good.length; length++) {
      expect(() => parseCsr(good.subarray(0, length))).toThrowError(
        expect.objectContaining({ code: 'RANK_CSR' }),
      )
    }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const damaged = good.slice()
        damaged[at] = byte
        try {
          buildCsrRankGraph(parseCsr(damaged))
        } catch (error) {
          expect(error).toMatchObject({ name: 'AppError', code: expect.stringMatching(/^RANK_/) })
        }
      }),
    )
  })
})
