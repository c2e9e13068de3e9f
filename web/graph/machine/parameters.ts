import type { NetworkName } from '#core/network.ts'
import { compareRationals, formatRational, parseRational, type Rational } from './rational.ts'

/**
 * What holds in a machine from one block on, until a later version does ([KG5]). Whole numbers and exact rationals
 * alone; a version is never changed, only followed by another.
 */
export interface MachineParameters {
  /** counts from 1 */
  readonly version: number
  /** height of the first block that it holds for */
  readonly fromBlock: number
  /** d of [KG8] */
  readonly damping: Rational
  /** p: blocks between two ranks ([KG18]) */
  readonly rankPeriod: number
  /** bandwidth that all neurons together get in one recovery period */
  readonly desirable: bigint
  /** blocks in which a neuron's bandwidth recovers from 0 to its most */
  readonly recoveryPeriod: number
  /** of one link at price 1 */
  readonly linkCost: bigint
  /** share of `desirable` that is spent in a window when the price reaches 1 */
  readonly baseLoad: Rational
  /** the least price */
  readonly basePrice: Rational
  /** blocks whose spending makes the price */
  readonly window: number
  /** blocks between two prices */
  readonly adjustEvery: number
  /** the ceiling of a block, in links */
  readonly maxBlockLinks: number
}

/** Links that any block of any machine may have: 640 KiB of digests, and what a peer checks in three seconds. */
export const MAX_BLOCK_LINKS = 10_000
/** Blocks in a recovery period, window or rank period: a year of blocks of 2 s. */
export const MAX_PERIOD = 2 ** 24
/** Bandwidth of a whole machine, so that every product below stays a small bigint. */
const MAX_DESIRABLE = 10n ** 18n
const MAX_LINK_COST = 10n ** 9n

const COMMON = {
  version: 1,
  fromBlock: 0,
  damping: { numerator: 17n, denominator: 20n },
  rankPeriod: 5,
  linkCost: 1_000n,
  baseLoad: { numerator: 1n, denominator: 10n },
  basePrice: { numerator: 1n, denominator: 4n },
  adjustEvery: 5,
  maxBlockLinks: MAX_BLOCK_LINKS,
} as const

/** 10⁶ links in nine hours of blocks of 2 s. */
const MAIN: MachineParameters = {
  ...COMMON,
  desirable: 10n ** 9n,
  recoveryPeriod: 16_000,
  window: 16_000,
}
/** Small, so that tests reach every bound. */
const TEST: MachineParameters = { ...COMMON, desirable: 10n ** 6n, recoveryPeriod: 100, window: 100 }

/** Parameters that a new machine of this network begins with. */
export function defaultParameters(network: NetworkName): MachineParameters {
  return network === 'test' ? TEST : MAIN
}

/** The version that holds for the block of this height. `versions`: by ascending fromBlock, the first from 0. */
export function parametersAt(versions: readonly MachineParameters[], height: number): MachineParameters {
  return versions.findLast(({ fromBlock }) => fromBlock <= height) ?? versions[0]!
}

/** How each field stands in a genesis, in this order. */
const FIELDS = {
  damping: rational('damping'),
  rankPeriod: whole('rank-period', MAX_PERIOD),
  desirable: units('desirable', MAX_DESIRABLE),
  recoveryPeriod: whole('recovery', MAX_PERIOD),
  linkCost: units('link-cost', MAX_LINK_COST),
  baseLoad: rational('base-load'),
  basePrice: rational('base-price'),
  window: whole('window', MAX_PERIOD),
  adjustEvery: whole('adjust-every', MAX_PERIOD),
  maxBlockLinks: whole('block-links', MAX_BLOCK_LINKS),
} as const satisfies {
  readonly [Name in Exclude<keyof MachineParameters, 'version' | 'fromBlock'>]: Field<MachineParameters[Name]>
}

interface Field<T> {
  readonly label: string
  format(value: T): string
  /** undefined for what no machine may have */
  parse(text: string): T | undefined
}

/** In (0, 1]. */
function rational(label: string): Field<Rational> {
  return {
    label,
    format: formatRational,
    parse(text) {
      const value = parseRational(text)
      const fits = value !== undefined && value.numerator > 0n && compareRationals(value, ONE) <= 0
      return fits ? value : undefined
    },
  }
}

const ONE: Rational = { numerator: 1n, denominator: 1n }

function whole(label: string, max: number): Field<number> {
  return {
    label,
    format: String,
    parse: (text) => (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= max ? Number(text) : undefined),
  }
}

function units(label: string, max: bigint): Field<bigint> {
  return {
    label,
    format: String,
    parse: (text) => (/^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= max ? BigInt(text) : undefined),
  }
}

/** One line a field, after `parameters VERSION from BLOCK`. */
export function formatParameters(parameters: MachineParameters): readonly string[] {
  const lines = Object.entries(FIELDS).map(([name, field]) => {
    const { label, format } = field as Field<unknown>
    return `${label} ${format(parameters[name as keyof MachineParameters])}`
  })
  return [`parameters ${parameters.version} from ${parameters.fromBlock}`, ...lines]
}

/** Lines that one version takes in a genesis. */
export const PARAMETER_LINES = 1 + Object.keys(FIELDS).length

/**
 * Reads what {@link formatParameters} writes.
 *
 * @throws Error with a sentence about the first line that is wrong
 */
export function parseParameters(lines: readonly string[]): MachineParameters {
  const head = /^parameters ([1-9]\d{0,5}) from (0|[1-9]\d{0,8})$/.exec(lines[0] ?? '')
  if (head === null) throw new Error(`Expected "parameters VERSION from BLOCK", got "${shown(lines[0])}".`)
  const read: Record<string, unknown> = { version: Number(head[1]), fromBlock: Number(head[2]) }
  Object.entries(FIELDS).forEach(([name, { label, parse }], index) => {
    const line = lines[index + 1]
    const value = line?.startsWith(`${label} `) === true ? parse(line.slice(label.length + 1)) : undefined
    if (value === undefined)
      throw new Error(`Expected "${label}" with a value in its bounds, got "${shown(line)}".`)
    read[name] = value
  })
  // every field of the table was read by the table's own parser
  return read as unknown as MachineParameters
}

function shown(line: string | undefined): string {
  return (line ?? '').slice(0, 80)
}

/**
 * Age from which a signed root is shown as old, ms: an orderer that has something to order makes blocks every few
 * seconds, so that whoever shows an older one may have been left behind.
 */
export function oldAfterMs(network: NetworkName): number {
  return network === 'test' ? 10_000 : 3_600_000
}
