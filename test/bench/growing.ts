// What a period's rank graph costs where links are appended, beside one that is built from nothing and beside the rank
// that it is for. `npm run bench growing`. Times are those of one processor, the least of a few.
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { GrowingRankGraph } from '#graph/growing-graph.ts'
import { type CsrGraph, linksOfCsr, parseCsr } from '#graph/rank-csr.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankInput } from '#graph/rank-input.ts'
import { loadKernels, loadPasses } from './rank/ours.ts'
import { processorMs } from './rank/processor-ms.ts'
import { readData } from './rank/read-data.ts'
import { generateRmat } from './rank/rmat.ts'

const ROUNDS = 4
/** Links of a short period, of a long one, and of a tab that has just met a peer. */
const APPENDED = [100, 10_000, 100_000]
const NEURONS = 100

/**
 * Prints a line for each number of links that are appended, and for the whole.
 *
 * @param names of graphs @default all
 */
export async function run(names: readonly string[] = []): Promise<void> {
  const moby = await readData('moby/graph.csr')
  const graphs: { readonly name: string; load(): CsrGraph }[] = [
    ...(moby === undefined ? [] : [{ name: 'moby', load: () => parseCsr(moby) }]),
    { name: 'R-MAT', load: () => generateRmat({ scale: 20, links: 8_000_000 }) },
  ]
  for (const { name, load } of graphs) {
    if (names.length === 0 || names.includes(name)) await measure(name, withNeurons(linksOfCsr(load())))
  }
}

/** Links in an order that is not their sources', each particle's by one of its few neurons. */
function withNeurons({ particles, links }: RankInput): RankInput {
  const count = links.length / 3
  const mixed = new Uint32Array(links.length)
  let at = 0
  // a step that shares no factor with the number of links visits each once
  const step = nextCoprime(Math.floor(0.618 * count), count)
  for (let i = 0, link = 0; i < count; i++, link = (link + step) % count) {
    mixed[at++] = links[3 * link]!
    mixed[at++] = links[3 * link + 1]!
    mixed[at++] = links[3 * link]! % NEURONS
  }
  return { particles, links: mixed, stakes: new Array<bigint>(NEURONS).fill(10n ** 9n) }
}

function nextCoprime(from: number, to: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  let number = from
  while (divisor(number, to) !== 1) number++
  return number
}

async function measure(name: string, input: RankInput): Promise<void> {
  const [wasm] = await loadKernels()
  const [passes] = await loadPasses()
  const links = input.links.length / 3
  let built = Number.POSITIVE_INFINITY
  let ranked = Number.POSITIVE_INFINITY
  const grown = APPENDED.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round++) {
    built = Math.min(built, await time(() => buildRankGraph(input, passes)))
    for (const [i, count] of APPENDED.entries()) {
      const growing = new GrowingRankGraph()
      growing.grow({ ...input, links: input.links.subarray(0, 3 * (links - count)) }, passes)
      grown[i] = Math.min(grown[i]!, await time(() => growing.grow(input, passes)))
    }
    const graph = buildRankGraph(input, passes)
    ranked = Math.min(ranked, await time(() => wasm!.rank(graph)))
  }
  console.log(
    `\n${name}: ${links} links, ranked in ${ranked.toFixed(0)} ms; load ${loadavg()[0]?.toFixed(1)}`,
  )
  const tell = (what: string, ms: number) =>
    console.log(
      `${what.padEnd(18)} ${ms.toFixed(1).padStart(7)} ms, ${(ms / built).toFixed(3)} of a build, ${(ms / ranked).toFixed(3)} of the rank`,
    )
  tell('built from nothing', built)
  APPENDED.forEach((count, i) => {
    tell(`${count} appended`, grown[i]!)
  })
  console.log(JSON.stringify({ bench: 'growing', graph: name, links, built, ranked, grown }))
}

async function time(task: () => unknown): Promise<number> {
  const startedAt = processorMs()
  await task()
  return processorMs() - startedAt
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(process.argv.slice(2))
