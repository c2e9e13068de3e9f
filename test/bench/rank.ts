// Rank of a real graph, ts and wasm kernels, beside graphology-metrics and ngraph.pagerank in the same process.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { DirectedGraph } from 'graphology'
import graphologyPagerank from 'graphology-metrics/centrality/pagerank.js'
import createNgraph from 'ngraph.graph'
import ngraphPagerank from 'ngraph.pagerank'
import { buildCsrRankGraph, type CsrGraph, parseCsr } from '#graph/rank-csr.ts'
import type { RankGraph, RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import { buildWasm } from '#wasm/build.ts'

const ROUNDS = 3
/** Near where the stop rule ends on this graph (32). */
const ITERATIONS = 24
const ALPHA = 17 / 20
const MASS = 2 ** 62
/** Doubles of 24 iterations differ by far less, one iteration more or fewer by far more. */
const SAME_ITERATIONS = 1e-12

/** Ranks the graph in ITERATIONS; `read` gives each particle's share, for the check that all did the same. */
type Engine = () => Promise<{ read(): Float64Array }>

interface Timing {
  readonly name: string
  readonly ms: number
  readonly edgesPerSecond: number
}

/**
 * Prints a table and one line of JSON. A rival's call includes what it prepares each time; ours is prepared once
 * for all ranks of a graph, and its time is printed apart.
 *
 * @throws Error when an engine ran another number of iterations
 */
export async function run(): Promise<void> {
  const { name, csr } = await readGraph()
  const links = csr.targets.length
  const { ms: buildMs, result: graph } = await time(async () => buildCsrRankGraph(csr))
  console.log(`${name}: ${csr.particles} particles, ${links} links, prepared in ${buildMs.toFixed(0)} ms`)
  const timings = await measure(await createEngines(csr, graph), links)
  print(timings)
  console.log(JSON.stringify({ bench: 'rank', graph: name, links, iterations: ITERATIONS, buildMs, timings }))
}

async function readGraph(): Promise<{ name: string; csr: CsrGraph }> {
  const moby = new URL('../../../shared/data/moby/graph.csr', import.meta.url)
  const wordnet = new URL('../vectors/rank/wordnet.csr', import.meta.url)
  if (existsSync(moby)) return { name: 'moby', csr: parseCsr(await readFile(moby)) }
  console.log(`${fileURLToPath(moby)} is missing: the smaller wordnet graph is ranked instead.`)
  return { name: 'wordnet', csr: parseCsr(await readFile(wordnet)) }
}

async function createEngines(csr: CsrGraph, graph: RankGraph): Promise<ReadonlyMap<string, Engine>> {
  const wasm = await createWasmKernel(new Uint8Array(await readFile((await buildWasm()).rank)))
  const epsilon = await findEpsilon(wasm, graph)
  return new Map([
    ['wasm', createOurEngine(wasm, graph)],
    ['ts', createOurEngine(createTsKernel(), graph)],
    ['graphology-metrics', createGraphologyEngine(csr, epsilon)],
    ['ngraph.pagerank', createNgraphEngine(csr, epsilon)],
  ])
}

/** The rivals stop at Σ|p' − p| below ε: between δ of the last iteration wanted and of the one before. */
async function findEpsilon(kernel: RankKernel, graph: RankGraph): Promise<number> {
  const deltas: number[] = []
  await kernel.rank(graph, {
    iterations: ITERATIONS,
    onIteration: (_, delta) => deltas.push(Number(delta) / MASS),
  })
  return Math.sqrt(deltas[ITERATIONS - 1]! * deltas[ITERATIONS - 2]!)
}

function createOurEngine(kernel: RankKernel, graph: RankGraph): Engine {
  return async () => {
    const { ranks } = await kernel.rank(graph, { iterations: ITERATIONS })
    return { read: () => Float64Array.from(ranks, (rank) => Number(rank) / MASS) }
  }
}

function createGraphologyEngine(csr: CsrGraph, epsilon: number): Engine {
  const graph = new DirectedGraph()
  for (let i = 0; i < csr.particles; i++) graph.addNode(i)
  forEachLink(csr, (from, to) => graph.addDirectedEdge(from, to))
  const options = {
    alpha: ALPHA,
    maxIterations: ITERATIONS,
    tolerance: epsilon / csr.particles,
    getEdgeWeight: null,
  }
  return async () => {
    const ranks = graphologyPagerank(graph, options)
    return { read: () => inOrder(ranks, csr.particles) }
  }
}

function createNgraphEngine(csr: CsrGraph, epsilon: number): Engine {
  const graph = createNgraph()
  for (let i = 0; i < csr.particles; i++) graph.addNode(i)
  forEachLink(csr, (from, to) => graph.addLink(from, to))
  return async () => {
    const ranks = ngraphPagerank(graph, ALPHA, epsilon)
    return { read: () => inOrder(ranks, csr.particles) }
  }
}

function forEachLink(
  { particles, offsets, targets }: CsrGraph,
  visit: (from: number, to: number) => void,
): void {
  for (let from = 0; from < particles; from++) {
    for (let at = offsets[from]!; at < offsets[from + 1]!; at++) visit(from, targets[at]!)
  }
}

function inOrder(ranks: Readonly<Record<string, number>>, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, particle) => ranks[particle]!)
}

/** Engines take turns, so that a busy moment of the machine meets all of them. The first round only warms up. */
async function measure(engines: ReadonlyMap<string, Engine>, links: number): Promise<readonly Timing[]> {
  const times = new Map([...engines.keys()].map((name) => [name, [] as number[]]))
  for (let round = 0; round <= ROUNDS; round++) {
    let expected: Float64Array | undefined
    for (const [name, engine] of engines) {
      const { ms, result } = await time(engine)
      const ranks = result.read()
      expected ??= ranks
      assertSameRanks(name, ranks, expected)
      if (round > 0) times.get(name)!.push(ms)
    }
  }
  return [...times].map(([name, all]) => {
    const ms = median(all)
    return { name, ms, edgesPerSecond: Math.round((1000 * links * ITERATIONS) / ms) }
  })
}

async function time<T>(task: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const startedAt = performance.now()
  const result = await task()
  return { ms: performance.now() - startedAt, result }
}

function assertSameRanks(name: string, ranks: Float64Array, expected: Float64Array): void {
  let distance = 0
  for (let i = 0; i < expected.length; i++) distance += Math.abs(ranks[i]! - expected[i]!)
  if (distance < SAME_ITERATIONS) return
  throw new Error(`${name} differs by ${distance}: it did not run the same ${ITERATIONS} iterations.`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function print(timings: readonly Timing[]): void {
  const [first] = timings
  console.log(`engine               ${ITERATIONS} iterations   links/s   times wasm (medians of ${ROUNDS})`)
  for (const { name, ms, edgesPerSecond } of timings) {
    const speed = `${(edgesPerSecond / 1e6).toFixed(1)} M`
    const ratio = (ms / (first?.ms ?? ms)).toFixed(1)
    console.log(
      `${name.padEnd(20)} ${`${ms.toFixed(1)} ms`.padStart(13)} ${speed.padStart(9)} ${ratio.padStart(12)}`,
    )
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run()
