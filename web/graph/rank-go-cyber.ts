import { rankError } from './rank-errors.ts'
import { assertRankInput, type RankInput } from './rank-input.ts'
import { MAX_ITERATIONS } from './rank-rules.ts'

export interface GoCyberOptions {
  /** 0 ≤ d < 1 */
  readonly damping: number
  /** iteration ends when no rank moved by more, 0 ≤ tolerance */
  readonly tolerance: number
  readonly signal?: AbortSignal
  /** awaited between iterations */
  readonly pause?: () => Promise<void>
}

export interface GoCyberRank {
  /** u64[N]: each rank times 10¹⁵, cut off, as its tree's leaves have it; empty without particles or stakes */
  readonly ranks: BigUint64Array
  /** f64[N] */
  readonly values: Float64Array
  readonly iterations: number
  /** the most that a rank moved in the last iteration */
  readonly change: number
}

/** go-cyber keeps ranks as multiples of 10⁻¹⁵. */
const UNITS = 1e15

/**
 * The ranks of cybercongress/go-cyber@5ffbc42, `x/rank/keeper/calculate_cpu.go`, bit for bit on its amd64 ([KG14]).
 * What differs from [KG7]–[KG10]: doubles, added up in ascending order of the sources; no mass returns from
 * particles without links out, while those without links in raise everybody's share a little; it begins at
 * (1 − d)/N and ends when the largest change is within the tolerance. A link given twice counts once, as there.
 *
 * @throws RANK_COMPAT for a damping or tolerance out of range, RANK_ITERATIONS when it does not come to rest;
 *   those of `buildRankGraph`; the reason of `signal`
 */
export async function rankGoCyber(input: RankInput, options: GoCyberOptions): Promise<GoCyberRank> {
  const { damping, tolerance, signal, pause } = options
  assertOptions(options)
  assertRankInput(input)
  const { particles, stakes } = input
  if (particles === 0 || stakes.length === 0) {
    return { ranks: new BigUint64Array(0), values: new Float64Array(0), iterations: 0, change: 0 }
  }
  const graph = weighLinks(input)
  const initial = (1 - damping) / particles
  const base = damping * (initial * (countUnlinked(graph.rows) / particles)) + initial
  let before = new Float64Array(particles).fill(initial)
  let now = before.slice()
  let change = tolerance + 1
  let iterations = 0
  while (change > tolerance) {
    signal?.throwIfAborted()
    if (iterations === MAX_ITERATIONS) throw restlessError(tolerance, change)
    ;[before, now] = [now, before]
    step(graph, { damping, base, before, now })
    change = largestChange(before, now)
    iterations++
    if (pause !== undefined) await pause()
  }
  const ranks = BigUint64Array.from(now, (value) => BigInt(Math.trunc(value * UNITS)))
  return { ranks, values: now, iterations, change }
}

function assertOptions({ damping, tolerance }: GoCyberOptions): void {
  if (!(damping >= 0 && damping < 1)) {
    throw rankError('RANK_COMPAT', `Expected a damping from 0 to below 1, such as 0.85, got ${damping}.`)
  }
  if (!(tolerance >= 0 && tolerance < Number.POSITIVE_INFINITY)) {
    throw rankError('RANK_COMPAT', `Expected a tolerance of 0 or more, such as 0.001, got ${tolerance}.`)
  }
}

/** Pairs (from, to) that a link joins, grouped by `to`, ascending by `from`. */
interface WeightedPairs {
  /** u32[N + 1] */
  readonly rows: Uint32Array
  readonly sources: Uint32Array
  /** stake behind the pair / stake behind all links of its source; 0 where nothing is */
  readonly weights: Float64Array
}

interface Pairs {
  readonly from: Uint32Array
  readonly to: Uint32Array
  /** u64[pairs], sum over its neurons; wraps as Go's does */
  readonly stakes: BigUint64Array
}

function weighLinks(input: RankInput): WeightedPairs {
  const { from, to, stakes } = joinPairs(input)
  const outgoing = new BigUint64Array(input.particles)
  const rows = new Uint32Array(input.particles + 1)
  for (let pair = 0; pair < from.length; pair++) {
    outgoing[from[pair]!] = outgoing[from[pair]!]! + stakes[pair]!
    rows[to[pair]! + 1]!++
  }
  for (let i = 1; i < rows.length; i++) rows[i] = rows[i]! + rows[i - 1]!
  const cursors = rows.slice()
  const sources = new Uint32Array(from.length)
  const weights = new Float64Array(from.length)
  // pairs come in ascending order of `from`, so that each row is too
  for (let pair = 0; pair < from.length; pair++) {
    const slot = cursors[to[pair]!]!++
    const all = outgoing[from[pair]!]!
    sources[slot] = from[pair]!
    weights[slot] = all === 0n ? 0 : Number(stakes[pair]!) / Number(all)
  }
  return { rows, sources, weights }
}

/** Each pair once, in order of (from, to), with ⌊stake / links⌋ of each of its neurons. */
function joinPairs({ links, stakes }: RankInput): Pairs {
  const count = links.length / 3
  const order = Uint32Array.from({ length: count }, (_, link) => link).sort((a, b) =>
    compareLinks(links, a, b),
  )
  const unique = order.filter((link, at) => at === 0 || compareLinks(links, order[at - 1]!, link) !== 0)
  const degrees = new Uint32Array(stakes.length)
  for (const link of unique) degrees[links[3 * link + 2]!]!++
  const shares = stakes.map((stake, neuron) =>
    degrees[neuron] === 0 ? 0n : stake / BigInt(degrees[neuron]!),
  )
  const from = new Uint32Array(unique.length)
  const to = new Uint32Array(unique.length)
  const sums = new BigUint64Array(unique.length)
  let pairs = 0
  for (const link of unique) {
    const [source, target] = [links[3 * link]!, links[3 * link + 1]!]
    const isNew = pairs === 0 || from[pairs - 1] !== source || to[pairs - 1] !== target
    if (isNew) pairs++
    from[pairs - 1] = source
    to[pairs - 1] = target
    sums[pairs - 1] = sums[pairs - 1]! + shares[links[3 * link + 2]!]!
  }
  return { from: from.subarray(0, pairs), to: to.subarray(0, pairs), stakes: sums.subarray(0, pairs) }
}

function compareLinks(links: Uint32Array, a: number, b: number): number {
  return (
    links[3 * a]! - links[3 * b]! ||
    links[3 * a + 1]! - links[3 * b + 1]! ||
    links[3 * a + 2]! - links[3 * b + 2]!
  )
}

function countUnlinked(rows: Uint32Array): number {
  let count = 0
  for (let row = 0; row + 1 < rows.length; row++) if (rows[row] === rows[row + 1]) count++
  return count
}

interface Step {
  readonly damping: number
  readonly base: number
  readonly before: Float64Array
  readonly now: Float64Array
}

/** Every product is rounded before it is added, as JavaScript does and its amd64 build did: no fused operation. */
function step({ rows, sources, weights }: WeightedPairs, { damping, base, before, now }: Step): void {
  for (let particle = 0; particle < now.length; particle++) {
    const end = rows[particle + 1]!
    if (rows[particle] === end) {
      // without links in a rank stays what it was
      now[particle] = before[particle]!
      continue
    }
    let sum = 0
    for (let at = rows[particle]!; at < end; at++) sum = before[sources[at]!]! * weights[at]! + sum
    now[particle] = sum * damping + base
  }
}

function largestChange(before: Float64Array, now: Float64Array): number {
  let largest = 0
  for (let i = 0; i < now.length; i++) largest = Math.max(largest, Math.abs(now[i]! - before[i]!))
  return largest
}

function restlessError(tolerance: number, change: number): Error {
  return rankError(
    'RANK_ITERATIONS',
    `After ${MAX_ITERATIONS} iterations a rank still moves by ${change}, more than ${tolerance}: choose a larger tolerance.`,
  )
}
