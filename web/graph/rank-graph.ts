import { type LinkPasses, PLAIN_PASSES } from './link-passes.ts'
import type { Rational } from './machine/rational.ts'
import { rankError } from './rank-errors.ts'
import { type FoldedLinks, foldLinks, type SortedLinks } from './rank-fold.ts'
import type { RankGraph } from './rank-kernel.ts'
import { assertDamping, assertParticles, MAX_STAKE } from './rank-rules.ts'

export interface RankInput {
  /** N; particles are numbered 0..N − 1 */
  readonly particles: number
  /** u32[E, 3]: from, to, neuron of each link. A link given twice counts twice: sets are made where links enter. */
  readonly links: Uint32Array
  /** u64 by neuron number, millionths of a CYBR ([KG7]) */
  readonly stakes: readonly bigint[]
  /** @default 17/20, which committed ranks have */
  readonly damping?: Rational | undefined
}

/**
 * Folds links into virtual sources ([KG7], [KG8]) and groups them by destination, in time linear in links,
 * particles and neurons.
 *
 * @throws RANK_PARTICLES, RANK_LINKS, RANK_ENDPOINT, RANK_NEURON, RANK_STAKE, RANK_DAMPING for inputs beyond [KG11]
 */
export function buildRankGraph(input: RankInput, passes = PLAIN_PASSES): RankGraph {
  assertRankInput(input)
  const { links, stakes } = input
  const degrees = new Uint32Array(stakes.length)
  countLinks(degrees, links)
  const shares = stakes.map((stake, neuron) => shareOf(stake, degrees[neuron]!))
  return foldInput(input, shares, passes).graph
}

/** Folds an input that was checked. @param shares s_u by neuron ([KG7]) */
export function foldInput(input: RankInput, shares: readonly bigint[], passes: LinkPasses): FoldedLinks {
  return foldLinks(sortLinks(input, shares, passes), passes)
}

/**
 * @param first the links before this one were checked already
 * @throws RANK_PARTICLES, RANK_LINKS, RANK_ENDPOINT, RANK_NEURON, RANK_STAKE, RANK_DAMPING for inputs beyond [KG11]
 */
export function assertRankInput({ particles, links, stakes, damping }: RankInput, first = 0): void {
  assertParticles(particles)
  if (damping !== undefined) assertDamping(damping)
  if (links.length % 3 !== 0 || links.length / 3 >= 2 ** 32) {
    throw rankError(
      'RANK_LINKS',
      `Expected fewer than 2³² links as triples (from, to, neuron), got ${links.length} numbers.`,
    )
  }
  for (let at = 3 * first; at < links.length; at += 3) {
    const from = links[at]!
    const to = links[at + 1]!
    const neuron = links[at + 2]!
    if (from >= particles || to >= particles)
      throw endpointError(at / 3, from < particles ? to : from, particles)
    if (neuron >= stakes.length) {
      throw rankError(
        'RANK_NEURON',
        `Link ${at / 3} names neuron ${neuron}, but only ${stakes.length} stakes were given.`,
      )
    }
  }
  stakes.forEach((stake, neuron) => {
    if (stake < 0n || stake > MAX_STAKE) {
      throw rankError('RANK_STAKE', `Stake of neuron ${neuron}: expected 0 to 2⁶⁴ − 1, got ${stake}.`)
    }
  })
}

function endpointError(link: number, got: number, particles: number): Error {
  return rankError(
    'RANK_ENDPOINT',
    `Link ${link} names particle ${got}, but there are only ${particles} particles.`,
  )
}

/** Adds the links of each neuron from number `first` on. */
export function countLinks(degrees: Uint32Array, links: Uint32Array, first = 0): void {
  for (let at = 3 * first + 2; at < links.length; at += 3) degrees[links[at]!]!++
}

/** s_u = ⌊stake_u / links_u⌋ ([KG7]); 0 for a neuron without links. */
export function shareOf(stake: bigint, links: number): bigint {
  return links === 0 ? 0n : stake / BigInt(links)
}

/**
 * Drops links without weight and orders the rest by (from, neuron): two stable counting sorts, least
 * significant key first. Fields move instead of an index, so that each pass reads in order.
 */
function sortLinks(
  { particles, links, damping }: RankInput,
  shares: readonly bigint[],
  passes: LinkPasses,
): SortedLinks {
  const carries = Uint8Array.from(shares, (share) => (share > 0n ? 1 : 0))
  const byNeuron = new Uint32Array(shares.length + 1)
  const offsets = new Uint32Array(particles + 1)
  for (let at = 0; at < links.length; at += 3) {
    const neuron = links[at + 2]!
    if (carries[neuron] === 0) continue
    byNeuron[neuron + 1]!++
    offsets[links[at]! + 1]!++
  }
  accumulate(byNeuron)
  accumulate(offsets)
  const count = offsets[particles]!
  const froms = new Uint32Array(count)
  const tos = new Uint32Array(count)
  const cursors = byNeuron.slice()
  for (let at = 0; at < links.length; at += 3) {
    const neuron = links[at + 2]!
    if (carries[neuron] === 0) continue
    const slot = cursors[neuron]!++
    froms[slot] = links[at]!
    tos[slot] = links[at + 1]!
  }
  const starts = offsets.subarray(0, particles)
  const { targets, neurons } = passes.bySource({ froms, tos, neurons: byNeuron, starts })
  return { particles, offsets, targets, neurons, shares, damping }
}

/** Turns counts kept one place to the right into offsets. */
function accumulate(counts: Uint32Array): void {
  for (let i = 1; i < counts.length; i++) counts[i] = counts[i]! + counts[i - 1]!
}
