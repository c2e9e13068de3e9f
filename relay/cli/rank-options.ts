import type { KernelName } from '#graph/graph-ranker.ts'
import { parseRational, type Rational } from '#graph/machine/rational.ts'
import { MAX_ITERATIONS } from '#graph/rank-rules.ts'
import { parseCommandArgs, usageError } from './command.ts'

export interface GraphFile {
  readonly format: 'json' | 'csr'
  readonly path: string
}

/** What `tabland rank` was asked for. */
export interface RankCommandOptions {
  readonly file: GraphFile
  readonly kernel: KernelName | undefined
  /** the same, where there is a context */
  readonly contextKernel: 'ts' | 'wasm' | undefined
  readonly iterations: number | undefined
  /** files */
  readonly context: string | undefined
  readonly names: string | undefined
  readonly compat: GoCyberParameters | undefined
  /** undefined for that of committed ranks */
  readonly damping: Rational | undefined
  readonly ranks: boolean
}

/** What is out of range is refused by `rankGoCyber`. */
export interface GoCyberParameters {
  readonly damping: number
  readonly tolerance: number
}

/** go-cyber's own parameters */
const DEFAULT_DAMPING = 0.85
const DEFAULT_TOLERANCE = 0.001
const DECIMAL = /^\d{1,20}(\.\d{1,40})?(e[+-]?\d{1,3})?$/i
const NAME = 'rank'

type Values = Readonly<Record<string, string | boolean | undefined>>

/** @throws COMMAND_USAGE */
export function parseRankOptions(args: readonly string[]): RankCommandOptions {
  const { values, positionals } = parseCommandArgs(NAME, args, {
    links: { type: 'string' },
    graph: { type: 'string' },
    kernel: { type: 'string' },
    iterations: { type: 'string' },
    context: { type: 'string' },
    names: { type: 'string' },
    compat: { type: 'string' },
    damping: { type: 'string' },
    tolerance: { type: 'string' },
    ranks: { type: 'boolean', default: false },
  })
  const { links, graph, context, names } = values
  if (positionals[0] !== undefined)
    throw usageError(NAME, `Unexpected argument "${positionals[0].slice(0, 80)}"`)
  if ((links === undefined) === (graph === undefined))
    throw usageError(NAME, 'Expected either --links or --graph')
  if (names !== undefined && context === undefined) throw usageError(NAME, '--names belongs to --context')
  return {
    file: links === undefined ? { format: 'csr', path: graph ?? '' } : { format: 'json', path: links },
    kernel: parseKernel(values.kernel),
    contextKernel: context === undefined ? undefined : parseContextKernel(values.kernel),
    iterations: parseIterations(values.iterations),
    context,
    names,
    compat: parseCompat(values),
    damping: parseDamping(values),
    ranks: values.ranks,
  }
}

function parseKernel(text: string | undefined): KernelName | undefined {
  if (text === undefined || text === 'webgpu') return text
  return parseContextKernel(text)
}

function parseContextKernel(text: string | undefined): 'ts' | 'wasm' | undefined {
  if (text === undefined || text === 'ts' || text === 'wasm') return text
  throw usageError(
    NAME,
    `--kernel: expected ts, wasm or, without --context, webgpu, got "${text.slice(0, 80)}"`,
  )
}

function parseIterations(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value <= MAX_ITERATIONS) return value
  throw usageError(NAME, `--iterations: expected 0 to ${MAX_ITERATIONS}, got "${text.slice(0, 80)}"`)
}

/** A fraction of whole numbers: the rank has no others. What is out of range is refused by `buildRankGraph`. */
function parseDamping({ damping, compat }: Values): Rational | undefined {
  if (damping === undefined || compat !== undefined) return undefined
  const value = parseRational(String(damping))
  if (value !== undefined) return value
  throw usageError(
    NAME,
    `--damping: expected a fraction in lowest terms such as 17/20 (a decimal with --compat go-cyber), got "${String(damping).slice(0, 80)}"`,
  )
}

function parseCompat(values: Values): GoCyberParameters | undefined {
  const { compat } = values
  const tolerance = parseNumber('tolerance', values)
  if (compat === undefined) {
    if (tolerance === undefined) return undefined
    throw usageError(NAME, '--tolerance belongs to --compat go-cyber')
  }
  const damping = parseNumber('damping', values)
  if (compat !== 'go-cyber')
    throw usageError(NAME, `--compat: expected go-cyber, got "${String(compat).slice(0, 80)}"`)
  const other = ['kernel', 'iterations', 'context'].find((option) => values[option] !== undefined)
  if (other !== undefined)
    throw usageError(NAME, `--compat go-cyber goes its own way to its own end: leave out --${other}`)
  return { damping: damping ?? DEFAULT_DAMPING, tolerance: tolerance ?? DEFAULT_TOLERANCE }
}

function parseNumber(option: string, values: Values): number | undefined {
  const text = values[option]
  if (typeof text !== 'string') return undefined
  if (DECIMAL.test(text)) return Number(text)
  throw usageError(NAME, `--${option}: expected a decimal number, got "${text.slice(0, 80)}"`)
}
