import { type ContextKernel, type RankContext, teleportToAll, teleportToContext } from './rank-context.ts'
import { emptyRank, iterateRank, type RankRun } from './rank-iterate.ts'
import type { Rank, RankGraph, RankKernel, RankOptions } from './rank-kernel.ts'
import { restoreOrder } from './rank-layout.ts'

const TWO_32 = 2 ** 32
const TWO_32_BIG = 1n << 32n
/** Sums of low words are carried before they leave the exact doubles. */
const CARRY_ABOVE = 2 ** 52
/** Low words summed before their carry is taken: 2²⁰ · 2³² stays below 2⁵³, where doubles are exact. */
const LINKS_PER_CARRY = 2 ** 20

/**
 * The plain TypeScript kernel ([KG12]): u64 as pairs of u32, low word first, as BigUint64Array holds them on
 * every engine we run on. Sums are doubles that stay below 2⁵³; BigInt appears once per iteration.
 */
export function createTsKernel(): RankKernel & ContextKernel {
  async function run(graph: RankGraph, options: RankOptions, context?: RankContext): Promise<Rank> {
    options.signal?.throwIfAborted()
    return graph.particles === 0 ? emptyRank() : iterateRank(createTsRun(graph, context), options)
  }
  return {
    name: 'ts',
    rank: (graph, options = {}) => run(graph, options),
    rankContext: (graph, context, options = {}) => run(graph, options, context),
  }
}

/** Ranks are kept as r = y + base: `base` is one number, so that no pass is spent on adding it. */
interface Vector {
  /** u64[N] as pairs */
  readonly y: Uint32Array
  /** the same memory as u64[N] */
  readonly words: BigUint64Array
  base: bigint
}

function createVector(particles: number): Vector {
  const words = new BigUint64Array(particles)
  return { y: new Uint32Array(words.buffer), words, base: 0n }
}

function createTsRun(graph: RankGraph, context: RankContext | undefined): RankRun {
  const { particles, order, rows, columns, sources, weights } = graph
  const factors = new Uint32Array(weights.buffer, weights.byteOffset, 2 * weights.length)
  const x = new Uint32Array(2 * sources.length)
  const teleport = context === undefined ? teleportToAll(particles) : teleportToContext(context, order)
  let now = createVector(particles)
  let before = createVector(particles)
  now.base = teleport(0n, now.words)
  return {
    advance() {
      const next = before
      before = now
      now = next
      spread({ ranks: before, sources, factors, x })
      now.base = teleport(pull({ rows, columns, x, y: now.y }), now.words)
    },
    delta: () => distance(now, before),
    ranks: () => restoreOrder(now.words, now.base, order),
  }
}

/** High word of a · b. The double a · b is off by at most 2¹⁰, so less its exact low word it rounds to the high one. */
function multiplyHigh(a: number, b: number): number {
  const low = Math.imul(a, b) >>> 0
  return Math.round((a * b - low) / TWO_32)
}

interface Spread {
  readonly ranks: Vector
  readonly sources: Uint32Array
  readonly factors: Uint32Array
  readonly x: Uint32Array
}

/** x_v = ⌊r[src(v)] · f_v / 2⁶⁴⌋ ([KG9]), schoolbook multiplication in words of 32 bits. */
function spread({ ranks: { y, base }, sources, factors, x }: Spread): void {
  const baseLow = Number(base % TWO_32_BIG)
  const baseHigh = Number(base >> 32n)
  for (let v = 0; v < sources.length; v++) {
    const at = 2 * sources[v]!
    const lowSum = y[at]! + baseLow
    const rLow = lowSum >>> 0
    const rHigh = y[at + 1]! + baseHigh + (lowSum >= TWO_32 ? 1 : 0)
    const fLow = factors[2 * v]!
    const fHigh = factors[2 * v + 1]!
    const crossLow =
      (Math.imul(rLow, fHigh) >>> 0) + (Math.imul(rHigh, fLow) >>> 0) + multiplyHigh(rLow, fLow)
    const crossHigh = multiplyHigh(rLow, fHigh) + multiplyHigh(rHigh, fLow)
    const low = (Math.imul(rHigh, fHigh) >>> 0) + crossHigh + Math.floor(crossLow / TWO_32)
    x[2 * v] = low
    x[2 * v + 1] = multiplyHigh(rHigh, fHigh) + Math.floor(low / TWO_32)
  }
}

interface Pull {
  readonly rows: Uint32Array
  readonly columns: Uint32Array
  readonly x: Uint32Array
  readonly y: Uint32Array
}

/** y_j = Σ x_v over the links v → j ([KG9]); returns Σ y_j. */
function pull({ rows, columns, x, y }: Pull): bigint {
  let totalLow = 0
  let totalHigh = 0
  let link = 0
  for (let row = 0; row + 1 < rows.length; row++) {
    const end = rows[row + 1]!
    let low = 0
    let high = 0
    while (link < end) {
      const stop = Math.min(end, link + LINKS_PER_CARRY)
      for (; link < stop; link++) {
        const at = 2 * columns[link]!
        low += x[at]!
        high += x[at + 1]!
      }
      const carry = Math.floor(low / TWO_32)
      low -= carry * TWO_32
      high += carry
    }
    y[2 * row] = low
    y[2 * row + 1] = high
    totalHigh += high
    totalLow += low
    if (totalLow >= TWO_32) {
      totalLow -= TWO_32
      totalHigh++
    }
  }
  return BigInt(totalHigh) * TWO_32_BIG + BigInt(totalLow)
}

/** δ = Σ|r'_j − r_j| ([KG10]). */
function distance(a: Vector, b: Vector): bigint {
  const shift = a.base - b.base
  const sign = shift < 0n ? -1 : 1
  const size = shift < 0n ? -shift : shift
  const shiftLow = sign * Number(size % TWO_32_BIG)
  const shiftHigh = sign * Number(size >> 32n)
  let low = 0
  let high = 0
  for (let at = 0; at < a.y.length; at += 2) {
    // The pair (high, low) stands for high · 2³² + low with either part of either sign.
    const differenceLow = a.y[at]! - b.y[at]! + shiftLow
    const differenceHigh = a.y[at + 1]! - b.y[at + 1]! + shiftHigh
    const isNegative = differenceHigh * TWO_32 + differenceLow < 0
    low += isNegative ? -differenceLow : differenceLow
    high += isNegative ? -differenceHigh : differenceHigh
    if (Math.abs(low) > CARRY_ABOVE) {
      const carry = Math.floor(low / TWO_32)
      low -= carry * TWO_32
      high += carry
    }
  }
  return BigInt(high) * TWO_32_BIG + BigInt(low)
}
