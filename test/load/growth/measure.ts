// One size of `npm run load growth`, in a process of its own so that its memory is its own: measure.ts LINKS. Prints JSON.

import { linksOfCsr } from '#graph/rank-csr.ts'
import { rootOfRanks } from '#graph/rank-digest.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import { loadKernels, loadPasses } from '#test/bench/rank/ours.ts'
import { processorMs } from '#test/bench/rank/processor-ms.ts'
import { generateRmat } from '#test/bench/rank/rmat.ts'

/** Times are those of this thread on its processor. */
export interface Growth {
  readonly links: number
  readonly particles: number
  readonly buildMs: number
  /** to the stop rule */
  readonly rankMs: number
  readonly iterations: number
  readonly rootMs: number
  /** of the prepared graph's arrays */
  readonly graphBytes: number
  /** what building and ranking added to the process at its peak */
  readonly peakBytes: number
}

const LINKS_PER_PARTICLE = 8
/** As many as a town has people; each makes links all over the graph. */
const NEURONS = 1_000

/** The processor's clock steps by some 4 ms: what is shorter is repeated. */
const LEAST_MS = 200

async function time(task: () => unknown): Promise<number> {
  const startedAt = processorMs()
  for (let count = 1; ; count++) {
    await task()
    const ms = processorMs() - startedAt
    if (ms >= LEAST_MS) return ms / count
  }
}

async function measure(links: number): Promise<Growth> {
  const scale = Math.round(Math.log2(links / LINKS_PER_PARTICLE))
  const input = linksOfCsr(generateRmat({ scale, links }))
  for (let link = 0; link < links; link++) input.links[3 * link + 2] = Math.imul(link, 0x9e3779b1) >>> 22
  const stakes = Array.from({ length: 1_024 }, (_, neuron) =>
    neuron < NEURONS ? BigInt(10 ** 9 + neuron) : 0n,
  )
  const [wasm] = await loadKernels()
  const [passes] = await loadPasses()
  // the engine compiles what it runs often: a small graph first
  const warm = buildRankGraph(linksOfCsr(generateRmat({ scale: 10, links: 5_000 })), passes)
  for (let i = 0; i < 5; i++) await wasm!.rank(warm)
  const before = process.memoryUsage.rss()
  const graph = buildRankGraph({ ...input, stakes }, passes)
  const rank = await wasm!.rank(graph)
  const peakBytes = process.resourceUsage().maxRSS * 1024 - before
  const buildMs = await time(() => buildRankGraph({ ...input, stakes }, passes))
  const rankMs = await time(() => wasm!.rank(graph))
  const rootMs = await time(() => rootOfRanks(rank.ranks))
  const { order, sources, weights, rows, columns } = graph
  const graphBytes = [order, sources, weights, rows, columns].reduce(
    (sum, array) => sum + array.byteLength,
    0,
  )
  const { iterations } = rank
  return {
    links,
    particles: input.particles,
    buildMs,
    rankMs,
    iterations,
    rootMs,
    graphBytes,
    peakBytes,
  }
}

console.log(JSON.stringify(await measure(Number(process.argv[2]))))
