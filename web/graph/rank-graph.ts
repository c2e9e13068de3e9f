import { PLAIN_PASSES } from './link-passes.ts'
import { foldLinks } from './rank-fold.ts'
import { assertBounds, type RankInput } from './rank-input.ts'
import type { RankGraph } from './rank-kernel.ts'

/**
 * Folds links into virtual sources ([KG7], [KG8]) and groups them by destination, in time linear in links,
 * particles and neurons.
 *
 * @throws RANK_PARTICLES, RANK_LINKS, RANK_ENDPOINT, RANK_NEURON, RANK_STAKE, RANK_DAMPING for inputs beyond [KG11]
 */
export function buildRankGraph(input: RankInput, passes = PLAIN_PASSES): RankGraph {
  assertBounds(input)
  return foldLinks(input, passes).graph
}
