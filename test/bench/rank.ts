// Rank of a real graph and of a generated one, our kernels beside C, GraphBLAS, scipy, networkx and npm's, all for the
// same number of iterations: one table with ratios for each graph. Times are those of one processor, so that other work on
// the machine counts little. `npm run bench:rank`.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildCsrRankGraph, type CsrGraph, parseCsr } from '#graph/rank-csr.ts'
import type { RankGraph, RankKernel } from '#graph/rank-kernel.ts'
import { printCard } from './rank/card.ts'
import type { Engine, EngineRun, Task } from './rank/engine.ts'
import {
  createCardEngine,
  createOurEngine,
  findEpsilon,
  loadCardKernel,
  loadKernels,
  loadPasses,
} from './rank/ours.ts'
import { processorMs } from './rank/processor-ms.ts'
import { readData } from './rank/read-data.ts'
import { createRivals, findRivals } from './rank/rivals.ts'
import { encodeCsr, generateRmat } from './rank/rmat.ts'

const ROUNDS = 3
/** Near where the stop rule ends on moby (32). */
const ITERATIONS = 24
/** 2²⁰ particles, as many as a tab is meant for, and 8 M links */
const RMAT = { scale: 20, links: 8_000_000 }
/** "Figures" of the specification: the most that the wasm kernel may take of these. */
const TARGETS = [
  { name: 'c-f32', most: 1.25 },
  { name: 'graphblas-f32', most: 1.25 },
  { name: 'graphology-metrics', most: 0.1 },
  { name: 'ngraph.pagerank', most: 0.1 },
]

interface Timing {
  readonly name: string
  readonly note: string
  readonly msPerIteration: number
  readonly linksPerSecond: number
  readonly bytesPerLink: number | undefined
}

/**
 * Prints a table and a line of JSON for each graph.
 *
 * @param names of graphs @default all
 * @throws Error when an engine ran another number of iterations
 */
export async function run(names: readonly string[] = []): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tabland-bench-'))
  try {
    const programs = await findRivals(folder)
    const card = await loadCardKernel()
    for (const { name, load } of await listGraphs()) {
      if (names.length > 0 && !names.includes(name)) continue
      const csr = load()
      const path = join(folder, 'graph.csr')
      await writeFile(path, encodeCsr(csr))
      const kernels = await loadKernels()
      const { graph, ...times } = await timeBuilds(csr, kernels[0]!)
      const links = csr.targets.length
      console.log(
        `\n${name}: ${csr.particles} particles, ${links} links; load ${loadavg()[0]?.toFixed(1)}. ${tellBuilds(times)}`,
      )
      const epsilon = await findEpsilon(kernels[0]!, graph, ITERATIONS)
      const task: Task = { csr, path, iterations: ITERATIONS, epsilon }
      const ours = kernels.map((kernel) => createOurEngine(kernel, graph, ITERATIONS))
      const onCard = card === undefined ? [] : [createCardEngine(card, graph, ITERATIONS)]
      const timings = await measure([...ours, ...onCard, ...createRivals(programs, task)], links)
      print(timings)
      await printCard(graph, ITERATIONS)
      console.log(
        JSON.stringify({ bench: 'rank', graph: name, links, iterations: ITERATIONS, ...times, timings }),
      )
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function listGraphs(): Promise<readonly { readonly name: string; load(): CsrGraph }[]> {
  const moby = await readData('moby/graph.csr')
  const wordnet = new URL('../vectors/rank/wordnet.csr', import.meta.url)
  const real =
    moby === undefined ? { name: 'wordnet', bytes: await readFile(wordnet) } : { name: 'moby', bytes: moby }
  return [
    { name: real.name, load: () => parseCsr(real.bytes) },
    { name: 'R-MAT', load: () => generateRmat(RMAT) },
  ]
}

interface BuildTimes {
  /** processor ms from nothing, the passes of wasm and of plain TypeScript */
  readonly buildMs: number
  readonly plainBuildMs: number
  /** of the wasm kernel to its stop rule */
  readonly rankMs: number
}

/** What a graph takes before its iterations, beside these; the least of ROUNDS each. */
async function timeBuilds(
  csr: CsrGraph,
  kernel: RankKernel,
): Promise<BuildTimes & { readonly graph: RankGraph }> {
  const [wasm, plain] = await loadPasses()
  const graph = buildCsrRankGraph(csr, wasm)
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  const tasks = [
    () => buildCsrRankGraph(csr, wasm),
    () => buildCsrRankGraph(csr, plain),
    () => kernel.rank(graph),
  ]
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, task] of tasks.entries()) {
      const startedAt = processorMs()
      await task()
      least[i] = Math.min(least[i]!, processorMs() - startedAt)
    }
  }
  const [buildMs, plainBuildMs, rankMs] = least as [number, number, number]
  return { graph, buildMs, plainBuildMs, rankMs }
}

function tellBuilds({ buildMs, plainBuildMs, rankMs }: BuildTimes): string {
  const [build, plain, rank] = [buildMs, plainBuildMs, rankMs].map((ms) => ms.toFixed(0))
  return `Built in ${build} ms (${plain} in plain TypeScript), ranked to the stop rule in ${rank}: ${(buildMs / rankMs).toFixed(2)} of it.`
}

/** Engines take turns, so that a busy moment of the machine meets all of them. The least time of each is taken. */
async function measure(engines: readonly Engine[], links: number): Promise<readonly Timing[]> {
  const left = new Set(engines)
  const best = new Map<Engine, EngineRun>()
  let expected: Float64Array | undefined
  for (let round = 0; round <= ROUNDS; round++) {
    for (const engine of left) {
      // the slow ones come last, once: they leave the machine's memory in another state
      if ((round === ROUNDS) !== (engine.isSlow === true)) continue
      const run = await engine.run().catch((error: unknown) => {
        console.log(`${engine.name} failed: ${(error as Error).message.split('\n')[0]?.slice(0, 160)}`)
        left.delete(engine)
      })
      if (run === undefined) continue
      expected ??= run.ranks
      assertSameRanks(engine, run.ranks, expected)
      if (run.msPerIteration < (best.get(engine)?.msPerIteration ?? Number.POSITIVE_INFINITY))
        best.set(engine, run)
    }
  }
  return [...best].map(([{ name, note }, { msPerIteration, bytes }]) => ({
    name,
    note,
    msPerIteration,
    linksPerSecond: Math.round((1000 * links) / msPerIteration),
    bytesPerLink: bytes === undefined ? undefined : bytes / links,
  }))
}

function assertSameRanks({ name, tolerance }: Engine, ranks: Float64Array, expected: Float64Array): void {
  const distance = expected.reduce((sum, value, i) => sum + Math.abs(ranks[i]! - value), 0)
  if (distance < tolerance) return
  throw new Error(`${name} differs by ${distance}: it did not run the same ${ITERATIONS} iterations.`)
}

function print(timings: readonly Timing[]): void {
  const wasm = timings.find(({ name }) => name === 'wasm')?.msPerIteration ?? Number.NaN
  console.log(`| engine | processor ms an iteration | M links/s | bytes a link | × wasm | |`)
  console.log('| --- | ---: | ---: | ---: | ---: | --- |')
  for (const { name, note, msPerIteration, linksPerSecond, bytesPerLink } of timings) {
    const cells = [
      name,
      msPerIteration.toFixed(2),
      (linksPerSecond / 1e6).toFixed(1),
      bytesPerLink?.toFixed(1) ?? '',
      (msPerIteration / wasm).toFixed(2),
      note,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
  console.log(
    `${ITERATIONS} iterations each, the best of ${ROUNDS} rounds (of one for networkx and npm's), load ${loadavg()[0]?.toFixed(1)} at the end.`,
  )
  for (const { name, most } of TARGETS) {
    const rival = timings.find((timing) => timing.name === name)
    if (rival === undefined) continue
    const ratio = wasm / rival.msPerIteration
    console.log(
      `wasm takes ${ratio.toFixed(2)} of the time of ${name}, aim ≤ ${most}: ${ratio <= most ? 'kept' : 'NOT kept'}`,
    )
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(process.argv.slice(2))
