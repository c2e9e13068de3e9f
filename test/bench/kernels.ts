// [KG12] [KG13] TypeScript, wasm and WebGPU bit by bit: every graph of ../shared/data to the stop rule with its golden
// digests, stars of 100,000 links, random graphs under workgroups and bindings of any size and links in any order.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { toHex } from '#core/bytes.ts'
import { buildCsrRankGraph, parseCsr } from '#graph/rank-csr.ts'
import { hashRanks } from '#graph/rank-digest.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankGraph, RankKernel, RankOptions } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import { buildWasm } from '#wasm/build.ts'
import { createWebgpuKernel } from '#webgpu/kernels/rank/rank.ts'
import { findNodeGpu, openNodeGpu, readRankShader } from '../fakes/node-gpu.ts'
import { randomRankInput } from '../web/graph/random-rank-inputs.ts'
import {
  createRandom,
  largeInputs,
  readGoldenCases,
  readTinyGraphs,
  readWordnet,
  shuffleLinks,
  star,
  withHashedStakes,
  withUnitStakes,
} from '../web/graph/rank-graphs.ts'
import { readData } from './rank/read-data.ts'

const RANDOM_GRAPHS = 300
const RANDOM_SIZE = 3_000
const STAR_LINKS = 100_000
/** A processor that plays the card takes a second for a few iterations, so the longest runs are left to real ones. */
const SOFTWARE_ITERATIONS = 16
const WORKGROUP_SIZES = [1, 31, 64, 100, 256]
/** A slice of 64 rows of 64 links, the least that the layout needs: windows of 2,048 particles. */
const TIGHT = { maxBindingBytes: 4 * 64 * 64, maxGroups: 7 }

type Kernels = readonly RankKernel[]

/** Prints a line for each graph. @throws Error at the first bit that differs */
export async function run(): Promise<void> {
  const { reason } = await findNodeGpu()
  if (reason !== undefined) return console.log(`WebGPU is not compared: ${reason}.`)
  const gpu = await openNodeGpu()
  try {
    const shader = await readRankShader()
    const create = (init: object = {}) => createWebgpuKernel({ gpu, shader, ...init })
    const plain = [
      createTsKernel(),
      await createWasmKernel(new Uint8Array(await readFile((await buildWasm()).rank))),
    ]
    console.log(`WebGPU on ${gpu.name}`)
    await compareKnown([...plain, await create()], gpu.isSoftware ? SOFTWARE_ITERATIONS : Infinity)
    const sized = await Promise.all(WORKGROUP_SIZES.map((workgroupSize) => create({ workgroupSize })))
    const tight = await Promise.all(
      WORKGROUP_SIZES.map((workgroupSize) => create({ workgroupSize, ...TIGHT })),
    )
    await compareRandom(plain, [...sized, ...tight])
  } finally {
    gpu.destroy()
  }
}

/** @param upTo iterations of the longest run but those to the stop rule on the data */
async function compareKnown(kernels: Kernels, upTo: number): Promise<void> {
  const rest = upTo === Infinity ? {} : { iterations: upTo }
  const until = upTo === Infinity ? 'to the stop' : `${upTo} iterations`
  for (const { name, input, snapshots } of readTinyGraphs()) {
    const graph = buildRankGraph(input)
    for (const { iterations, ranks } of snapshots.filter(({ iterations }) => iterations <= upTo)) {
      const expected = toHex(hashRanks(BigUint64Array.from(ranks)))
      await compare(`tiny ${name}, ${iterations} iterations`, { kernels, graph, iterations, expected })
    }
  }
  for (const { mode, snap, stop_rule: stop } of readGoldenCases()) {
    const wordnet = readWordnet()
    const graph = buildRankGraph(mode === 'unit' ? withUnitStakes(wordnet) : withHashedStakes(wordnet))
    for (const [iterations, { sha256_u64le: expected }] of Object.entries(snap)) {
      if (Number(iterations) > upTo) continue
      const name = `wordnet, ${mode} stakes, ${iterations} iterations`
      await compare(name, { kernels, graph, iterations: Number(iterations), expected })
    }
    await compare(`wordnet, ${mode} stakes, to the stop`, { kernels, graph, expected: stop.sha256_u64le })
  }
  const moby = await readData('moby/graph.csr')
  if (moby !== undefined) {
    await compare('moby, to the stop', { kernels, graph: buildCsrRankGraph(parseCsr(moby)) })
  }
  for (const isInward of [true, false]) {
    const graph = buildRankGraph(star({ leaves: STAR_LINKS, isInward }))
    await compare(`star of ${STAR_LINKS} links ${isInward ? 'in' : 'out'}, ${until}`, {
      kernels,
      graph,
      ...rest,
    })
  }
  for (const { name, input } of largeInputs()) {
    await compare(`${name}, ${until}`, { kernels, graph: buildRankGraph(input), ...rest })
  }
}

async function compareRandom(plain: Kernels, cards: Kernels): Promise<void> {
  const random = createRandom(11)
  const began = performance.now()
  let links = 0
  for (let seed = 0; seed < RANDOM_GRAPHS; seed++) {
    const input = randomRankInput(seed, RANDOM_SIZE)
    const graph = buildRankGraph(shuffleLinks(input, seed))
    const kernels = [...plain, cards[random(cards.length)]!]
    const expected = toHex(
      hashRanks((await createTsKernel().rank(buildRankGraph(input), { iterations: 5 })).ranks),
    )
    await compare(`random graph ${seed}`, { kernels, graph, iterations: 5, expected, isQuiet: true })
    links += graph.links
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  console.log(`${RANDOM_GRAPHS} random graphs of ${links} links in all: same bits (${seconds} s)`)
}

interface Comparison {
  readonly kernels: Kernels
  readonly graph: RankGraph
  /** @default to the stop rule */
  readonly iterations?: number
  /** SHA-256 of the ranks @default the first kernel's */
  readonly expected?: string
  readonly isQuiet?: boolean
}

async function compare(
  name: string,
  { kernels, graph, iterations, expected, isQuiet }: Comparison,
): Promise<void> {
  const options: RankOptions = iterations === undefined ? {} : { iterations }
  const found: string[] = []
  const times: string[] = []
  for (const kernel of kernels) {
    const began = performance.now()
    const rank = await kernel.rank(graph, options)
    times.push(`${kernel.name} ${(performance.now() - began).toFixed(0)} ms`)
    found.push(`${toHex(hashRanks(rank.ranks))} ${rank.iterations} ${rank.delta}`)
  }
  const isSame = new Set(found).size === 1 && (expected === undefined || found[0]?.startsWith(expected))
  if (!isSame) throw new Error(`${name}: ranks differ.\n${found.join('\n')}\nexpected ${expected}`)
  if (isQuiet === true) return
  const [digest = '', taken = ''] = found[0]?.split(' ') ?? []
  console.log(
    `${name}: ${graph.links} links, ${taken} iterations, ${digest.slice(0, 16)} (${times.join(', ')})`,
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run()
