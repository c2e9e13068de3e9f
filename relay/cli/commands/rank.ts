import { toHex } from '#core/bytes.ts'
import { parseContext } from '#graph/context-lines.ts'
import type { LinkPasses } from '#graph/link-passes.ts'
import { type ContextKernel, contextOf, type RankContext } from '#graph/rank-context.ts'
import { buildCsrRankGraph, type CsrGraph, linksOfCsr, parseCsr } from '#graph/rank-csr.ts'
import { goCyberRoot, hashRanks, rootOfRanks } from '#graph/rank-digest.ts'
import { rankGoCyber } from '#graph/rank-go-cyber.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankInput } from '#graph/rank-input.ts'
import { parseRankInput } from '#graph/rank-json.ts'
import type { RankGraph, RankKernel } from '#graph/rank-kernel.ts'
import { MAX_ITERATIONS } from '#graph/rank-rules.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import { createNodeHasher } from '../../hashers.ts'
import { createNodeKernels } from '../../kernels.ts'
import type { CommandContext } from '../command.ts'
import {
  type GoCyberParameters,
  type GraphFile,
  parseRankOptions,
  type RankCommandOptions,
} from '../rank-options.ts'
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
  --kernel ts|wasm|webgpu  default: the fastest that works; webgpu takes npm install webgpu and a driver
  --context FILE        ranks as seen from some particles: their numbers, one a line (or a JSON array); one that
                        repeats counts as often
    --names FILE        names for --context: line i is that of particle i, counted from 0
  --iterations K        a fixed number, 0 to ${MAX_ITERATIONS}; default: until the ranks stand still
  --damping N/D         a fraction in lowest terms between 0 and 1, D up to 65536; default: 17/20
  --compat go-cyber     the float64 ranks of go-cyber 5ffbc42 instead, times 10¹⁵ and cut off, with
    --damping D         0 to below 1, default 0.85
    --tolerance T       it ends when no rank moves by more, default 0.001
  --ranks               print the ranks too

Prints one JSON object: particles, links (all that the file holds, also those without weight), iterations,
delta (of the last iteration), kernel, ms (of the iterations, without reading and preparing the graph),
ranksSha256 (over LE64 ranks in particle order), ranksRoot (RFC 6962 root over LE64 leaves) and ranks.
With --context also context, the number of its particles. With --compat also goCyberRoot, the root of go-cyber's
tree; its delta is the most that one rank moved.`

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
  /** particles of the context */
  readonly context?: number
}

export async function run(args: readonly string[], command: CommandContext): Promise<void> {
  const options = parseRankOptions(args)
  const { compat } = options
  const ranked =
    compat === undefined ? await rank(options, command) : await rankCompat(options, compat, command)
  const { ranks, particles, links, iterations, delta, kernel, context, ms } = ranked
  const hasher = await createNodeHasher((line) => command.stderr.write(`${line}\n`))
  const result = {
    particles,
    links,
    iterations,
    delta: delta.toString(),
    kernel,
    ...(context === undefined ? {} : { context }),
    ms: Math.round(1000 * ms) / 1000,
    ranksSha256: toHex(hashRanks(ranks)),
    ranksRoot: toHex(rootOfRanks(ranks, hasher)),
    ...(compat === undefined ? {} : { goCyberRoot: toHex(goCyberRoot(ranks)) }),
    ...(options.ranks ? { ranks: Array.from(ranks, String) } : {}),
  }
  command.stdout.write(`${JSON.stringify(result)}\n`)
}

async function rank(options: RankCommandOptions, { signal, stderr }: CommandContext): Promise<Ranked> {
  const kernels = createNodeKernels((line) => stderr.write(`${line}\n`))
  const { graph, links } = await loadGraph(options, await kernels.passes())
  const context = await loadContext(options, graph.particles)
  const run = { signal, pause: createPause(), ...pickIterations(options) }
  const kernel =
    context === undefined
      ? await kernels.kernel(options.kernel)
      : asSeenFrom(context, await kernels.contextKernel(options.contextKernel))
  const startedAt = performance.now()
  const { ranks, iterations, delta } = await kernel.rank(graph, run)
  const ms = performance.now() - startedAt
  const size = context === undefined ? {} : { context: context.particles.length }
  return { particles: graph.particles, links, kernel: kernel.name, iterations, delta, ms, ranks, ...size }
}

function pickIterations({ iterations }: RankCommandOptions): { readonly iterations?: number } {
  return iterations === undefined ? {} : { iterations }
}

/** [KG15] */
function asSeenFrom(context: RankContext, kernel: ContextKernel): RankKernel {
  return {
    name: kernel.name,
    rank: (graph, options) => kernel.rankContext(graph, context, options),
  }
}

/** [KG14] */
async function rankCompat(
  { file }: RankCommandOptions,
  parameters: GoCyberParameters,
  { signal }: CommandContext,
): Promise<Ranked> {
  const input = await loadInput(file)
  const startedAt = performance.now()
  const { ranks, iterations, change } = await rankGoCyber(input, {
    ...parameters,
    signal,
    pause: createPause(),
  })
  const ms = performance.now() - startedAt
  const links = input.links.length / 3
  return { particles: input.particles, links, kernel: 'go-cyber', iterations, delta: change, ms, ranks }
}

async function loadContext(
  { context, names }: RankCommandOptions,
  particles: number,
): Promise<RankContext | undefined> {
  if (context === undefined) return undefined
  const read = async (path: string) => (await readInput(path, MAX_JSON_BYTES)).toString('utf8')
  const known = names === undefined ? undefined : (await read(names)).split('\n')
  return contextOf(parseContext(await read(context), known), particles)
}

async function loadGraph(
  { file, damping }: Pick<RankCommandOptions, 'file' | 'damping'>,
  passes: LinkPasses,
): Promise<{ readonly graph: RankGraph; readonly links: number }> {
  if (file.format === 'csr') {
    const csr = await loadCsr(file)
    return { graph: buildCsrRankGraph(csr, passes, damping), links: csr.targets.length }
  }
  const input = await loadInput(file)
  return { graph: buildRankGraph({ ...input, damping }, passes), links: input.links.length / 3 }
}

async function loadInput(file: GraphFile): Promise<RankInput> {
  if (file.format === 'csr') return linksOfCsr(await loadCsr(file))
  return parseRankInput((await readInput(file.path, MAX_JSON_BYTES)).toString('utf8'))
}

async function loadCsr({ path }: GraphFile): Promise<CsrGraph> {
  return parseCsr(await readInput(path, MAX_CSR_BYTES))
}
