import type { Rational } from './machine/rational.ts'
import { rankError } from './rank-errors.ts'
import { assertDamping, assertParticles, MAX_STAKE } from './rank-rules.ts'

/** What is ranked: links between numbered particles, by neurons with stakes. */
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

/** @throws RANK_PARTICLES, RANK_LINKS, RANK_ENDPOINT, RANK_NEURON, RANK_STAKE, RANK_DAMPING for inputs beyond [KG11] */
export function assertRankInput(input: RankInput): void {
  assertBounds(input)
  assertLinks(input)
}

/**
 * All but the links one by one.
 *
 * @throws RANK_PARTICLES, RANK_LINKS, RANK_STAKE, RANK_DAMPING for inputs beyond [KG11]
 */
export function assertBounds({ particles, links, stakes, damping }: RankInput): void {
  assertParticles(particles)
  if (damping !== undefined) assertDamping(damping)
  if (links.length % 3 !== 0 || links.length / 3 >= 2 ** 32) {
    throw rankError(
      'RANK_LINKS',
      `Expected fewer than 2³² links as triples (from, to, neuron), got ${links.length} numbers.`,
    )
  }
  stakes.forEach((stake, neuron) => {
    if (stake < 0n || stake > MAX_STAKE) {
      throw rankError('RANK_STAKE', `Stake of neuron ${neuron}: expected 0 to 2⁶⁴ − 1, got ${stake}.`)
    }
  })
}

/**
 * @param first the links before this one were checked already
 * @throws RANK_ENDPOINT, RANK_NEURON
 */
export function assertLinks({ particles, links, stakes }: RankInput, first = 0): void {
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
