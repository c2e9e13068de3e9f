import { type Bytes, compareBytes, fromHex, toHex, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import type { Address } from '#core/identity.ts'
import { GENESIS_STAKE, machineOf } from '#core/machine.ts'
import { NETWORK_NAMES, type NetworkName } from '#core/network.ts'
import { machineError } from './machine-errors.ts'
import {
  defaultParameters,
  formatParameters,
  type MachineParameters,
  PARAMETER_LINES,
  parseParameters,
} from './parameters.ts'
import { formatStakes, type GenesisStakes, parseStakes } from './stake-source.ts'

/**
 * What an ordered machine is, from its first block on. Its canonical text has one line a field, and the machine's id
 * is the text's SHA-256 ([KG1]), so that whoever is given one can check the other. Networks without an orderer have
 * the shorter genesis of `#core/machine.ts`.
 */
export interface MachineGenesis {
  readonly network: NetworkName
  /** machine that the link batches name which it puts in order: the network's, whose merged set goes on beside it */
  readonly batches: Bytes
  /** wallets whose devices may sign blocks, ascending */
  readonly orderers: readonly Address[]
  readonly stakes: GenesisStakes
  /** by ascending version and block, the first from block 0 */
  readonly parameters: readonly MachineParameters[]
}

const HEADER = 'tabland/genesis/2'
const MAX_ORDERERS = 16
const MAX_VERSIONS = 8
/** 128 stakes of 67 characters, and what else is in it: relays tell it beside their addresses, in 16 KiB. */
const MAX_GENESIS_CHARS = 12 * 1024

/** As many links as fit 62,500 at the base price in one recovery period: a 64th of everything. */
const EACH_OF = 64n

/** Everybody's stake as long as there is no chain that knows it. */
const EACH: GenesisStakes = { kind: 'each', stake: GENESIS_STAKE, total: EACH_OF * GENESIS_STAKE }

/** The genesis of a network's machine with these orderers. */
export function createGenesis(
  network: NetworkName,
  orderers: readonly Address[],
  stakes: GenesisStakes = EACH,
): MachineGenesis {
  return {
    network,
    batches: machineOf(network),
    orderers: [...orderers].sort(compareBytes),
    stakes,
    parameters: [defaultParameters(network)],
  }
}

/** The canonical text. */
export function formatGenesis({ network, batches, orderers, stakes, parameters }: MachineGenesis): string {
  return [
    HEADER,
    `network ${network}`,
    `batches ${toHex(batches)}`,
    ...orderers.map((orderer) => `orderer ${toHex(orderer)}`),
    ...formatStakes(stakes),
    ...parameters.flatMap(formatParameters),
    '',
  ].join('\n')
}

/** Id of the machine: SHA-256 of its genesis, 32 bytes. */
export function machineOfGenesis(genesis: MachineGenesis): Bytes {
  return sha256(utf8(formatGenesis(genesis)))
}

/**
 * Reads a canonical genesis, as a relay tells it.
 *
 * @throws GENESIS_INVALID
 */
export function parseGenesis(text: string): MachineGenesis {
  try {
    const genesis = readLines(text)
    assertOrder(genesis)
    if (formatGenesis(genesis) !== text) throw new Error('Expected its lines in their order, each once.')
    return genesis
  } catch (cause) {
    throw machineError(
      'GENESIS_INVALID',
      `A machine's genesis could not be read: ${(cause as Error).message} Ask another relay for it.`,
      { cause },
    )
  }
}

function readLines(text: string): MachineGenesis {
  if (text.length > MAX_GENESIS_CHARS) {
    throw new Error(`Expected at most ${MAX_GENESIS_CHARS} characters, got ${text.length}.`)
  }
  const lines = text.split('\n')
  if (lines[0] !== HEADER) throw new Error(`Expected "${HEADER}", got "${lines[0]?.slice(0, 80)}".`)
  const name = lines[1]?.replace(/^network /, '')
  const network = NETWORK_NAMES.find((known) => known === name)
  if (network === undefined)
    throw new Error(`Expected one of ${NETWORK_NAMES.join(', ')}, got "${name?.slice(0, 80)}".`)
  const valuesOf = (label: string) => lines.filter((line) => line.startsWith(`${label} `))
  const first = lines.findIndex((line) => line.startsWith('parameters '))
  const versions = lines.slice(first, -1)
  const count = Math.ceil(versions.length / PARAMETER_LINES)
  if (first === -1 || count > MAX_VERSIONS)
    throw new Error(`Expected 1 to ${MAX_VERSIONS} versions of parameters.`)
  return {
    network,
    batches: hexOf(valuesOf('batches')[0], 'batches', 32),
    orderers: valuesOf('orderer').map((line) => hexOf(line, 'orderer', 20)),
    stakes: parseStakes(valuesOf('stake')),
    parameters: Array.from({ length: count }, (_, index) =>
      parseParameters(versions.slice(index * PARAMETER_LINES, (index + 1) * PARAMETER_LINES)),
    ),
  }
}

function assertOrder({ orderers, stakes, parameters }: MachineGenesis): void {
  if (orderers.length < 1 || orderers.length > MAX_ORDERERS) {
    throw new Error(`Expected 1 to ${MAX_ORDERERS} orderers, got ${orderers.length}.`)
  }
  assertAscending(orderers, compareBytes, 'orderers')
  if (stakes.kind === 'table') assertAscending(stakes.stakes, ([a], [b]) => compareBytes(a, b), 'stakes')
  assertAscending(parameters, (a, b) => a.version - b.version, 'versions of parameters')
  assertAscending(parameters, (a, b) => a.fromBlock - b.fromBlock, 'blocks of parameters')
  if (parameters[0]?.fromBlock !== 0) throw new Error('Expected parameters that hold from block 0 on.')
  // a later table of ranks is a later kernel: [KG8] knows one damping
  const { numerator, denominator } = parameters[0].damping
  const isKnown = parameters.every(({ damping: d }) => d.numerator === 17n && d.denominator === 20n)
  if (!isKnown) throw new Error(`Expected the damping 17/20, got ${numerator}/${denominator}.`)
}

function assertAscending<T>(items: readonly T[], compare: (a: T, b: T) => number, what: string): void {
  for (let i = 1; i < items.length; i++) {
    if (compare(items[i - 1]!, items[i]!) >= 0) throw new Error(`Expected ascending ${what}, each once.`)
  }
}

function hexOf(line: string | undefined, label: string, bytes: number): Bytes {
  const digits = line?.slice(label.length + 1) ?? ''
  if (digits.length === 2 * bytes && /^[0-9a-f]+$/.test(digits)) return fromHex(digits)
  throw new Error(`Expected "${label}" and ${bytes} bytes in hexadecimal, got "${digits.slice(0, 80)}".`)
}
