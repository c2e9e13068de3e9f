// Rank by graphology-metrics or ngraph.pagerank, in a process of its own:
//   js-rivals.ts FILE.csr ITERATIONS ENGINE RANKS.f64 EPSILON
// Their calls prepare what they need each time, and that is part of their time. Prints {"ms":…,"bytes":…}.
import { readFile, writeFile } from 'node:fs/promises'
import { DirectedGraph } from 'graphology'
import graphologyPagerank from 'graphology-metrics/centrality/pagerank.js'
import createNgraph from 'ngraph.graph'
import ngraphPagerank from 'ngraph.pagerank'
import { type CsrGraph, parseCsr } from '#graph/rank-csr.ts'
import { processorMs } from './processor-ms.ts'

const ALPHA = 17 / 20
/** Both stop after one iteration: enough to warm the engine up. */
const AT_ONCE = 1e9
/** Links of a graph over which one rank takes so long that it warms itself up. */
const LONG = 3_000_000

type Rank = (epsilon: number) => Readonly<Record<string, number>>

function prepareGraphology(csr: CsrGraph, maxIterations: number): Rank {
  const graph = new DirectedGraph()
  for (let i = 0; i < csr.particles; i++) graph.addNode(i)
  forEachLink(csr, (from, to) => graph.addDirectedEdge(from, to))
  return (epsilon) =>
    graphologyPagerank(graph, {
      alpha: ALPHA,
      maxIterations,
      tolerance: epsilon / csr.particles,
      getEdgeWeight: null,
    })
}

function prepareNgraph(csr: CsrGraph): Rank {
  const graph = createNgraph()
  for (let i = 0; i < csr.particles; i++) graph.addNode(i)
  forEachLink(csr, (from, to) => graph.addLink(from, to))
  return (epsilon) => ngraphPagerank(graph, ALPHA, epsilon)
}

function forEachLink({ particles, offsets, targets }: CsrGraph, visit: (from: number, to: number) => void) {
  for (let from = 0; from < particles; from++) {
    for (let at = offsets[from]!; at < offsets[from + 1]!; at++) visit(from, targets[at]!)
  }
}

const [path = '', iterations = '', engine = '', out = '', epsilon = ''] = process.argv.slice(2)
const csr = parseCsr(await readFile(path))
const before = process.memoryUsage().heapUsed
const rank = engine === 'ngraph.pagerank' ? prepareNgraph(csr) : prepareGraphology(csr, Number(iterations))
const bytes = process.memoryUsage().heapUsed - before
if (csr.targets.length < LONG) rank(AT_ONCE)
const startedAt = processorMs()
const ranks = rank(Number(epsilon))
const ms = processorMs() - startedAt
await writeFile(
  out,
  Float64Array.from({ length: csr.particles }, (_, particle) => ranks[particle]!),
)
console.log(JSON.stringify({ ms, bytes }))
