import type { RankInput } from '#graph/rank-input.ts'
import { chain, createRandom, lopsided, powerLaw, selfLinks, star } from './rank-graphs.ts'

const MOST = 2n ** 64n - 1n

/** Below `size` each: small enough for a processor that plays a graphics card. */
type Make = (random: (below: number) => number, size: number) => RankInput

const KINDS: readonly Make[] = [
  (random, size) =>
    powerLaw({
      particles: 1 + random(size),
      links: random(6 * size),
      neurons: 1 + random(20),
      seed: random(2 ** 31),
    }),
  (random, size) => star({ leaves: 1 + random(size), isInward: true }),
  (random, size) => star({ leaves: 1 + random(size), isInward: false }),
  (random, size) => chain(2 + random(size)),
  (random, size) => selfLinks(1 + random(size)),
  (random, size) => lopsided(1 + random(size)),
  // no links at all: every particle is dangling
  (random, size) => ({ particles: 1 + random(size), links: new Uint32Array(0), stakes: [MOST] }),
  () => ({ particles: 0, links: new Uint32Array(0), stakes: [] }),
  (random) => ({ particles: 1, links: new Uint32Array(3 * random(3)), stakes: [BigInt(random(9))] }),
  extremeStakes,
]

/** Graph number `seed` of all kinds by turns. @param size about the most particles it has */
export function randomRankInput(seed: number, size = 300): RankInput {
  return KINDS[seed % KINDS.length]!(createRandom(seed), size)
}

/** Neurons with nothing, one unit, or all that a stake can be, on the same particles. */
function extremeStakes(random: (below: number) => number, size: number): RankInput {
  const particles = 1 + random(size)
  const stakes = [0n, 1n, MOST, MOST, 2n ** 63n, BigInt(random(2 ** 30))]
  const links = Uint32Array.from({ length: 3 * random(4 * size) }, (_, at) =>
    at % 3 === 2 ? random(stakes.length) : random(particles),
  )
  return { particles, links, stakes }
}
