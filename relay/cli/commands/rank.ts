import { toHex } from '#core/bytes.ts'
import { buildCsrRankGraph, parseCsr } from '#graph/rank-csr.ts'
import { hashRanks, rootOfRanks } from '#graph/rank-digest.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import { parseRankInput } from '#graph/rank-json.ts'
import type { RankGraph } from '#graph/rank-kernel.ts'
import { MAX_ITERATIONS } from '#graph/rank-rules.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import { createNodeKernel } from '../../kernels.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'
import { readInput } from '../read-input.ts'

/** What Node.js reads in one piece. */
const MAX_CSR_BYTES = 2 ** 31 - 1
/** Half of the longest string there is, about 15 M links. */
const MAX_JSON_BYTES = 2 ** 28

export const name = 'rank'
export const summary = 'rank a graph that is given as a file'
export const usage = `tabland rank (--links FILE.json | --graph FILE.csr) [options]

  --links FILE.json     {"particles":N,"links":[[from,to,neuron],…],"stakes":["…",…]}
  --graph FILE.csr      one neuron whose every link has s = 1
  --kernel ts|wasm      default: wasm, or ts where that fails
  --iterations K        a fixed number, 0 to ${MAX_ITERATIONS}; default: until the ranks stand still
  --ranks               print the ranks too

Prints one JSON object: particles, links (all that the file holds, also those without weight), iterations,
delta (of the last iteration), kernel, ms (of the iterations, without reading and preparing the graph),
ranksSha256 (over LE64 ranks in particle order), ranksRoot (RFC 6962 root over LE64 leaves) and ranks.`

interface LoadedGraph {
  readonly graph: RankGraph
  readonly links: number
}

export async function run(
  args: readonly string[],
  { signal, stdout, stderr }: CommandContext,
): Promise<void> {
  const options = parseOptions(args)
  const { graph, links } = await loadGraph(options.file)
  const kernel = createNodeKernel(options.kernel, (line) => stderr.write(`${line}\n`))
  const startedAt = performance.now()
  const { ranks, iterations, delta } = await kernel.rank(graph, {
    signal,
    pause: createPause(),
    ...(options.iterations === undefined ? {} : { iterations: options.iterations }),
  })
  const ms = performance.now() - startedAt
  const result = {
    particles: graph.particles,
    links,
    iterations,
    delta: delta.toString(),
    kernel: kernel.name,
    ms: Math.round(1000 * ms) / 1000,
    ranksSha256: toHex(hashRanks(ranks)),
    ranksRoot: toHex(rootOfRanks(ranks)),
    ...(options.ranks ? { ranks: Array.from(ranks, String) } : {}),
  }
  stdout.write(`${JSON.stringify(result)}\n`)
}

interface GraphFile {
  readonly format: 'json' | 'csr'
  readonly path: string
}

interface RankCommandOptions {
  readonly file: GraphFile
  readonly kernel: 'ts' | 'wasm' | undefined
  readonly iterations: number | undefined
  readonly ranks: boolean
}

function parseOptions(args: readonly string[]): RankCommandOptions {
  const { values, positionals } = parseCommandArgs(name, args, {
    links: { type: 'string' },
    graph: { type: 'string' },
    kernel: { type: 'string' },
    iterations: { type: 'string' },
    ranks: { type: 'boolean', default: false },
  })
  const { links, graph, kernel, iterations, ranks } = values
  if (positionals[0] !== undefined)
    throw usageError(name, `Unexpected argument "${positionals[0].slice(0, 80)}"`)
  if ((links === undefined) === (graph === undefined))
    throw usageError(name, 'Expected either --links or --graph')
  if (kernel !== undefined && kernel !== 'ts' && kernel !== 'wasm') {
    throw usageError(name, `--kernel: expected ts or wasm, got "${kernel.slice(0, 80)}"`)
  }
  const file: GraphFile =
    links === undefined ? { format: 'csr', path: graph ?? '' } : { format: 'json', path: links }
  return { file, kernel, iterations: parseIterations(iterations), ranks }
}

function parseIterations(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value <= MAX_ITERATIONS) return value
  throw usageError(name, `--iterations: expected 0 to ${MAX_ITERATIONS}, got "${text.slice(0, 80)}"`)
}

async function loadGraph({ format, path }: GraphFile): Promise<LoadedGraph> {
  if (format === 'csr') {
    const csr = parseCsr(await readInput(path, MAX_CSR_BYTES))
    return { graph: buildCsrRankGraph(csr), links: csr.targets.length }
  }
  const input = parseRankInput((await readInput(path, MAX_JSON_BYTES)).toString('utf8'))
  return { graph: buildRankGraph(input), links: input.links.length / 3 }
}
