// Ranks against references ([KG11]): golden bits of every kernel, the error beside its bound, and the order of the top 100.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { toHex } from '#core/bytes.ts'
import { linksOfCsr, parseCsr } from '#graph/rank-csr.ts'
import { hashRanks, rootOfRanks } from '#graph/rank-digest.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankInput } from '#graph/rank-input.ts'
import type { Rank, RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import { buildWasm } from '#wasm/build.ts'
import { readGoldenCases, readTinyGraphs, withHashedStakes } from '../web/graph/rank-graphs.ts'
import { readData } from './rank/read-data.ts'
import { solveInDoubles } from './rank/solve.ts'

const VECTORS = new URL('../vectors/rank/', import.meta.url)
const MASS = 2 ** 62
const TOP = 100
/** Far beyond the stop rule: what is left is the loss by rounding. */
const MANY_ITERATIONS = 400

/** Prints what holds and what does not. @throws Error at the end when something does not */
export async function run(): Promise<void> {
  const kernels = [await loadWasm(), createTsKernel()]
  const wrong: string[] = []
  const check = (isGood: boolean, what: string) => {
    if (!isGood) wrong.push(what)
    return isGood ? 'yes' : 'NO'
  }
  for (const kernel of kernels)
    console.log(`golden bits, ${kernel.name}: ${await checkGolden(kernel, check)}`)
  for (const { name, input, reference } of await readReferences()) {
    console.log(`\n${name}: ${input.particles} particles, ${input.links.length / 3} links`)
    const graph = buildRankGraph(input)
    const bits: string[] = []
    for (const kernel of kernels) {
      for (const options of kernel.name === 'ts' ? [{}] : [{}, { iterations: MANY_ITERATIONS }]) {
        const rank = await kernel.rank(graph, options)
        if (!('iterations' in options)) bits.push(toHex(hashRanks(rank.ranks)))
        const bound = (0.85 * Number(rank.delta) + 2.5 * graph.links + input.particles) / 0.15
        const error = distance(rank.ranks, reference)
        const within = check(error <= bound, `error of ${name} by ${kernel.name}`)
        const top = check(hasSameTop(rank, reference), `top ${TOP} of ${name} by ${kernel.name}`)
        console.log(
          `  ${kernel.name.padEnd(4)} ${String(rank.iterations).padStart(3)} iterations, δ ${rank.delta}: ` +
            `error ${error.toExponential(3)} units, bound ${bound.toExponential(3)}, within: ${within}; ` +
            `top ${TOP} in the same order: ${top}`,
        )
      }
    }
    console.log(`  all kernels give the same bits: ${check(new Set(bits).size === 1, `bits of ${name}`)}`)
  }
  if (wrong.length > 0) throw new Error(`Does not hold: ${wrong.join('; ')}.`)
}

async function loadWasm(): Promise<RankKernel> {
  return createWasmKernel(new Uint8Array(await readFile((await buildWasm()).rank)))
}

type Check = (isGood: boolean, what: string) => string

/** tiny.json and golden_k62.json, all of their snapshots. */
async function checkGolden(kernel: RankKernel, check: Check): Promise<string> {
  let count = 0
  const wrong: string[] = []
  const expect = (isGood: boolean, what: string) => {
    count++
    if (!isGood) wrong.push(what)
  }
  for (const { name, input, snapshots } of readTinyGraphs()) {
    const graph = buildRankGraph(input)
    for (const { iterations, ranks, delta } of snapshots) {
      const rank = await kernel.rank(graph, { iterations })
      expect(
        rank.delta === delta && rank.ranks.every((value, i) => value === ranks[i]),
        `${name} ${iterations}`,
      )
    }
  }
  const wordnet = parseCsr(await readFile(new URL('wordnet.csr', VECTORS)))
  for (const golden of readGoldenCases()) {
    const graph = buildRankGraph(golden.mode === 'unit' ? linksOfCsr(wordnet) : withHashedStakes(wordnet))
    for (const [iterations, snap] of Object.entries(golden.snap)) {
      const { ranks, delta } = await kernel.rank(graph, { iterations: Number(iterations) })
      expect(delta.toString() === snap.l1_delta, `δ ${golden.mode} ${iterations}`)
      expect(toHex(hashRanks(ranks)) === snap.sha256_u64le, `hash ${golden.mode} ${iterations}`)
      expect(toHex(rootOfRanks(ranks)) === snap.rfc6962_root, `root ${golden.mode} ${iterations}`)
    }
    const { ranks, iterations } = await kernel.rank(graph)
    expect(iterations === golden.stop_rule.iterations, `iterations ${golden.mode}`)
    expect(toHex(hashRanks(ranks)) === golden.stop_rule.sha256_u64le, `stop rule ${golden.mode}`)
  }
  check(wrong.length === 0, `${kernel.name}: ${wrong.join(', ')}`)
  return `${count - wrong.length} of ${count} equal (tiny.json; wordnet with unit and hashed stakes)`
}

interface Reference {
  readonly name: string
  readonly input: RankInput
  /** share of each particle */
  readonly reference: Float64Array
}

async function readReferences(): Promise<readonly Reference[]> {
  const wordnet = parseCsr(await readFile(new URL('wordnet.csr', VECTORS)))
  const unit = linksOfCsr(wordnet)
  const hashed = withHashedStakes(wordnet)
  const references: Reference[] = [
    { name: 'wordnet, unit stakes, against doubles', input: unit, reference: solveInDoubles(unit) },
    { name: 'wordnet, hashed stakes, against doubles', input: hashed, reference: solveInDoubles(hashed) },
  ]
  const longDouble = await readData('wordnet/pagerank_unit.f64')
  if (longDouble !== undefined) {
    const reference = new Float64Array(longDouble.buffer, longDouble.byteOffset, longDouble.length / 8)
    references.push({ name: 'wordnet, unit stakes, against 80-bit long double', input: unit, reference })
  }
  const moby = await readData('moby/graph.csr')
  if (moby !== undefined) {
    const input = linksOfCsr(parseCsr(moby))
    references.push({ name: 'moby, unit stakes, against doubles', input, reference: solveInDoubles(input) })
  }
  return references
}

/** Σ|r_j − M·p_j| in units */
function distance(ranks: BigUint64Array, reference: Float64Array): number {
  return ranks.reduce(
    (sum, rank, i) => sum + Math.abs(Number(rank - BigInt(Math.round(reference[i]! * MASS)))),
    0,
  )
}

function hasSameTop({ ranks }: Rank, reference: Float64Array): boolean {
  const numbers = Array.from(reference.keys())
  const ours = numbers.toSorted((a, b) => Number(ranks[b]! - ranks[a]!) || a - b).slice(0, TOP)
  const theirs = numbers.toSorted((a, b) => reference[b]! - reference[a]! || a - b).slice(0, TOP)
  return ours.every((particle, place) => particle === theirs[place])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run()
