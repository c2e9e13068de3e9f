import { toHex } from '#core/bytes.ts'
import { buildCsrRankGraph, type CsrGraph, linksOfCsr, parseCsr } from '#graph/rank-csr.ts'
import { goCyberRoot, hashRanks, rootOfRanks } from '#graph/rank-digest.ts'
import { rankGoCyber } from '#graph/rank-go-cyber.ts'
import { buildRankGraph, type RankInput } from '#graph/rank-graph.ts'
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
/** go-cyber's own parameters */
const DEFAULT_DAMPING = 0.85
const DEFAULT_TOLERANCE = 0.001
const DECIMAL = /^\d{1,20}(\.\d{1,40})?(e[+-]?\d{1,3})?$/i

export const name = 'rank'
export const summary = 'rank a graph that is given as a file'
export const usage = `tabland rank (--links FILE.json | --graph FILE.csr) [options]

  --links FILE.json     {"particles":N,"links":[[from,to,neuron],…],"stakes":["…",…]}
  --graph FILE.csr      one neuron whose every link has s = 1
  --kernel ts|wasm      default: wasm, or ts where that fails
  --iterations K        a fixed number, 0 to ${MAX_ITERATIONS}; default: until the ranks stand still
  --compat go-cyber     the float64 ranks of go-cyber 5ffbc42 instead, times 10¹⁵ and cut off, with
    --damping D         0 to below 1, default 0.85
    --tolerance T       it ends when no rank moves by more, default 0.001
  --ranks               print the ranks too

Prints one JSON object: particles, links (all that the file holds, also those without weight), iterations,
delta (of the last iteration), kernel, ms (of the iterations, without reading and preparing the graph),
ranksSha256 (over LE64 ranks in particle order), ranksRoot (RFC 6962 root over LE64 leaves) and ranks.
With --compat also goCyberRoot, the root of go-cyber's tree; delta is there the most that one rank moved.`

/** What was ranked, by whichever program. */
interface Ranked {
  readonly particles: number
  readonly links: number
  readonly kernel: string
  readonly iterations: number
  /** units of the last iteration ([KG10]); with --compat a share */
  readonly delta: bigint | number
  readonly ms: number
  readonly ranks: BigUint64Array
}

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const options = parseOptions(args)
  const ranked =
    options.compat === undefined ? await rank(options, context) : await rankCompat(options, context)
  const { ranks, particles, links, iterations, delta, kernel, ms } = ranked
  const result = {
    particles,
    links,
    iterations,
    delta: delta.toString(),
    kernel,
    ms: Math.round(1000 * ms) / 1000,
    ranksSha256: toHex(hashRanks(ranks)),
    ranksRoot: toHex(rootOfRanks(ranks)),
    ...(options.compat === undefined ? {} : { goCyberRoot: toHex(goCyberRoot(ranks)) }),
    ...(options.ranks ? { ranks: Array.from(ranks, String) } : {}),
  }
  context.stdout.write(`${JSON.stringify(result)}\n`)
}

async function rank(
  { file, kernel: wanted, iterations: fixed }: RankCommandOptions,
  { signal, stderr }: CommandContext,
): Promise<Ranked> {
  const { graph, links } = await loadGraph(file)
  const kernel = createNodeKernel(wanted, (line) => stderr.write(`${line}\n`))
  const startedAt = performance.now()
  const { ranks, iterations, delta } = await kernel.rank(graph, {
    signal,
    pause: createPause(),
    ...(fixed === undefined ? {} : { iterations: fixed }),
  })
  const ms = performance.now() - startedAt
  return { particles: graph.particles, links, kernel: kernel.name, iterations, delta, ms, ranks }
}

/** [KG14] */
async function rankCompat({ file, compat }: RankCommandOptions, { signal }: CommandContext): Promise<Ranked> {
  const input = await loadInput(file)
  const startedAt = performance.now()
  const { ranks, iterations, change } = await rankGoCyber(input, {
    damping: compat?.damping ?? DEFAULT_DAMPING,
    tolerance: compat?.tolerance ?? DEFAULT_TOLERANCE,
    signal,
    pause: createPause(),
  })
  const ms = performance.now() - startedAt
  const links = input.links.length / 3
  return { particles: input.particles, links, kernel: 'go-cyber', iterations, delta: change, ms, ranks }
}

interface GraphFile {
  readonly format: 'json' | 'csr'
  readonly path: string
}

interface RankCommandOptions {
  readonly file: GraphFile
  readonly kernel: 'ts' | 'wasm' | undefined
  readonly iterations: number | undefined
  readonly compat:
    | { readonly damping: number | undefined; readonly tolerance: number | undefined }
    | undefined
  readonly ranks: boolean
}

function parseOptions(args: readonly string[]): RankCommandOptions {
  const { values, positionals } = parseCommandArgs(name, args, {
    links: { type: 'string' },
    graph: { type: 'string' },
    kernel: { type: 'string' },
    iterations: { type: 'string' },
    compat: { type: 'string' },
    damping: { type: 'string' },
    tolerance: { type: 'string' },
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
  return { file, kernel, iterations: parseIterations(iterations), compat: parseCompat(values), ranks }
}

interface CompatValues {
  readonly compat?: string | undefined
  readonly damping?: string | undefined
  readonly tolerance?: string | undefined
  readonly kernel?: string | undefined
  readonly iterations?: string | undefined
}

function parseCompat(values: CompatValues): RankCommandOptions['compat'] {
  const { compat, kernel, iterations } = values
  const damping = parseNumber('damping', values.damping)
  const tolerance = parseNumber('tolerance', values.tolerance)
  if (compat === undefined) {
    if (damping === undefined && tolerance === undefined) return undefined
    throw usageError(name, '--damping and --tolerance belong to --compat go-cyber')
  }
  if (compat !== 'go-cyber')
    throw usageError(name, `--compat: expected go-cyber, got "${compat.slice(0, 80)}"`)
  if (kernel !== undefined || iterations !== undefined)
    throw usageError(
      name,
      '--compat go-cyber has its own kernel and end: leave out --kernel and --iterations',
    )
  return { damping, tolerance }
}

/** What is out of range is refused by `rankGoCyber`. */
function parseNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (DECIMAL.test(text)) return Number(text)
  throw usageError(name, `--${option}: expected a decimal number, got "${text.slice(0, 80)}"`)
}

function parseIterations(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value <= MAX_ITERATIONS) return value
  throw usageError(name, `--iterations: expected 0 to ${MAX_ITERATIONS}, got "${text.slice(0, 80)}"`)
}

async function loadGraph(file: GraphFile): Promise<{ readonly graph: RankGraph; readonly links: number }> {
  if (file.format === 'csr') {
    const csr = await loadCsr(file)
    return { graph: buildCsrRankGraph(csr), links: csr.targets.length }
  }
  const input = await loadInput(file)
  return { graph: buildRankGraph(input), links: input.links.length / 3 }
}

async function loadInput(file: GraphFile): Promise<RankInput> {
  if (file.format === 'csr') return linksOfCsr(await loadCsr(file))
  return parseRankInput((await readInput(file.path, MAX_JSON_BYTES)).toString('utf8'))
}

async function loadCsr({ path }: GraphFile): Promise<CsrGraph> {
  return parseCsr(await readInput(path, MAX_CSR_BYTES))
}
