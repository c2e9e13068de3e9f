import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NetworkName } from '#core/network.ts'
import { readConfigFile } from './config-file.ts'
import { relayError } from './errors.ts'
import {
  type OptionType,
  parseBoolean,
  parseBytes,
  parseCidrs,
  parseDuration,
  parseHost,
  parseInteger,
  parseMultiaddrs,
  parseNetwork,
  parsePath,
} from './option-types.ts'

/** Everything an operator may set. Flags come before the environment, the environment before the defaults. */
export interface RelayConfig {
  readonly network: NetworkName
  /** address that the TCP and UDP ports are bound to */
  readonly host: string
  /** TCP and UDP; 0 takes a free one */
  readonly port: number
  /** folder of the key and of the records */
  readonly dataDir: string
  /** folder of the built page */
  readonly pageDir: string
  /** multiaddrs told to others instead of those that the host has; empty = the host's own */
  readonly announce: readonly string[]
  /** addresses and networks whose X-Forwarded-For is believed */
  readonly trustedProxies: readonly string[]
  /** loads the sample world and serves it */
  readonly sample: boolean
  readonly maxConnections: number
  readonly connectionsPerAddress: number
  readonly maxReservations: number
  readonly reservationTtlMs: number
  /** false lifts circuitBytes and circuitMs */
  readonly circuitLimits: boolean
  /** both directions of one circuit together */
  readonly circuitBytes: bigint
  readonly circuitMs: number
  readonly circuitsPerPeer: number
  readonly maxCircuits: number
}

interface Option<Value> {
  /** without the dashes; the environment's name follows from it */
  readonly flag: string
  readonly type: OptionType<Value>
  /** as it would be written on the command line */
  readonly default: string
  /** one line of help */
  readonly summary: string
}

const DAY_MS = 86_400_000

/** The one table of options: parsing, help and tests read it. */
export const RELAY_OPTIONS: { readonly [Key in keyof RelayConfig]: Option<RelayConfig[Key]> } = {
  network: {
    flag: 'network',
    type: parseNetwork,
    default: 'local',
    summary: 'the network to serve; networks never mix',
  },
  host: {
    flag: 'host',
    type: parseHost,
    default: '127.0.0.1',
    summary: 'address to listen on; 0.0.0.0 or :: for every one of this machine',
  },
  port: {
    flag: 'port',
    type: parseInteger({ min: 0, max: 65_535 }),
    default: '8080',
    summary: 'port of the page and the peers (TCP) and of STUN (UDP); 0 takes a free one',
  },
  dataDir: {
    flag: 'data',
    type: parsePath,
    default: join('~', '.tabland', 'relay'),
    summary: 'folder of the key and the records, made when it is missing',
  },
  pageDir: {
    flag: 'page',
    type: parsePath,
    default: fileURLToPath(new URL('../dist', import.meta.url)),
    summary: 'folder of the built page',
  },
  announce: {
    flag: 'announce',
    type: parseMultiaddrs,
    default: '',
    summary: 'addresses to tell others, for example /dns4/relay.example/tcp/443/tls/ws',
  },
  trustedProxies: {
    flag: 'trusted-proxies',
    type: parseCidrs,
    default: '',
    summary: 'proxies in front of this relay, whose X-Forwarded-For is believed',
  },
  sample: {
    flag: 'sample',
    type: parseBoolean,
    default: 'false',
    summary: 'load the sample world and serve it',
  },
  maxConnections: {
    flag: 'max-connections',
    type: parseInteger({ min: 1, max: 100_000 }),
    default: '2048',
    summary: 'peers connected at once: each reservation, and as many that only pass by',
  },
  connectionsPerAddress: {
    flag: 'connections-per-address',
    type: parseInteger({ min: 1, max: 100_000 }),
    default: '32',
    summary: 'connections from one IPv4 address or one IPv6 /64; a tab holds one',
  },
  maxReservations: {
    flag: 'max-reservations',
    type: parseInteger({ min: 0, max: 100_000 }),
    default: '1024',
    summary: 'peers that can be reached through this relay at once',
  },
  reservationTtlMs: {
    flag: 'reservation-ttl',
    type: parseDuration({ minMs: 1_000, maxMs: DAY_MS }),
    default: '15m',
    summary: 'life of a reservation; it also ends with its connection',
  },
  circuitLimits: {
    flag: 'circuit-limits',
    type: parseBoolean,
    default: 'true',
    summary: 'limit bytes and time of each circuit',
  },
  circuitBytes: {
    flag: 'circuit-bytes',
    type: parseBytes,
    default: '1GiB',
    summary: 'bytes through one circuit, both directions together',
  },
  circuitMs: {
    flag: 'circuit-time',
    type: parseDuration({ minMs: 1_000, maxMs: DAY_MS }),
    default: '1h',
    summary: 'life of one circuit',
  },
  circuitsPerPeer: {
    flag: 'circuits-per-peer',
    type: parseInteger({ min: 1, max: 1_000 }),
    default: '64',
    summary: 'circuits from or to one peer at once',
  },
  maxCircuits: {
    flag: 'max-circuits',
    type: parseInteger({ min: 0, max: 1_000_000 }),
    default: '4096',
    summary: 'circuits in all at once',
  },
}

const KEYS = Object.keys(RELAY_OPTIONS) as readonly (keyof RelayConfig)[]
const FLAGS = KEYS.map((key) => RELAY_OPTIONS[key].flag)

export interface ReadRelayConfigInit {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** @default the user's */
  readonly home?: string
  /** what relative paths begin at @default the process's */
  readonly cwd?: string
}

/** Names the TOML file that holds further options. */
const CONFIG_FLAG = 'config'

/**
 * Reads flags, environment and the TOML file that one of them names into one checked configuration: a flag wins
 * over a variable, a variable over the file.
 *
 * @throws OPTION_UNKNOWN, OPTION_VALUE_MISSING, OPTION_INVALID, CONFIG_FILE
 */
export function readRelayConfig({
  args,
  env,
  home = homedir(),
  cwd = process.cwd(),
}: ReadRelayConfigInit): RelayConfig {
  const flags = readFlags(args)
  const place = { home, cwd }
  const path = flags.get(CONFIG_FLAG) ?? env[environmentName(CONFIG_FLAG)]
  const file = path ? readConfigFile(resolvePath(path, place), FLAGS) : new Map<string, string>()
  const read = <Key extends keyof RelayConfig>(key: Key): RelayConfig[Key] => {
    const option = RELAY_OPTIONS[key]
    const flag = flags.get(option.flag)
    if (flag !== undefined) return parseOption(option.type, `--${option.flag}`, flag, place)
    const name = environmentName(option.flag)
    const variable = env[name]
    if (variable !== undefined && variable !== '') return parseOption(option.type, name, variable, place)
    const entry = file.get(option.flag)
    if (entry !== undefined) return parseOption(option.type, `${option.flag} in ${path}`, entry, place)
    return parseOption(option.type, `the default of --${option.flag}`, option.default, place)
  }
  return Object.fromEntries(KEYS.map((key) => [key, read(key)])) as unknown as RelayConfig // one entry for each key of the table
}

/** `reservation-ttl` → `TABLAND_RESERVATION_TTL` */
export function environmentName(flag: string): string {
  return `TABLAND_${flag.toUpperCase().replaceAll('-', '_')}`
}

/** One line for each option: flag, what it takes, what it is for, its default. */
export function describeRelayOptions(): string {
  const rows = KEYS.map((key) => {
    const { flag, type, default: fallback, summary } = RELAY_OPTIONS[key]
    const left = type.isFlag ? `--${flag}` : `--${flag} ${type.placeholder}`
    return { left, right: `${summary} (${fallback === '' ? 'none' : fallback})` }
  })
  rows.push({
    left: `--${CONFIG_FLAG} FILE`,
    right: 'a TOML file with these options, such as port = 8080 (none)',
  })
  const width = Math.max(...rows.map(({ left }) => left.length))
  return rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}

/** `--name value`, `--name=value`, `--flag`, `--no-flag`; a list may be given in several flags. */
function readFlags(args: readonly string[]): ReadonlyMap<string, string> {
  const byFlag = new Map<string, OptionType<unknown>>(
    KEYS.map((key) => [RELAY_OPTIONS[key].flag, RELAY_OPTIONS[key].type]),
  )
  byFlag.set(CONFIG_FLAG, RELAY_OPTIONS.dataDir.type)
  const found = new Map<string, string>()
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] as string
    const { name, value, negated } = splitFlag(argument, byFlag)
    const type = byFlag.get(name)
    if (type === undefined) throw unknownOption(argument, [...byFlag.keys()])
    if (type.isFlag) {
      found.set(name, negated ? 'false' : (value ?? 'true'))
      continue
    }
    const text = value ?? args[++i]
    if (text === undefined || (value === undefined && text.startsWith('--'))) {
      throw relayError(
        'OPTION_VALUE_MISSING',
        `--${name}: expected ${type.expected}, got nothing. Write --${name} ${type.placeholder}.`,
      )
    }
    const before = type.isList ? found.get(name) : undefined
    found.set(name, before === undefined ? text : `${before},${text}`)
  }
  return found
}

interface SplitFlag {
  readonly name: string
  readonly value: string | undefined
  readonly negated: boolean
}

function splitFlag(argument: string, known: ReadonlyMap<string, OptionType<unknown>>): SplitFlag {
  const match = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(argument)
  if (match === null) return { name: argument, value: undefined, negated: false }
  const [, name = '', value] = match
  const positive = name.startsWith('no-') ? name.slice(3) : undefined
  if (positive !== undefined && value === undefined && known.get(positive)?.isFlag === true) {
    return { name: positive, value: undefined, negated: true }
  }
  return { name, value, negated: false }
}

function unknownOption(argument: string, flags: readonly string[]) {
  const list = flags.map((flag) => `--${flag}`).join(', ')
  return relayError('OPTION_UNKNOWN', `Unknown option "${argument.slice(0, 80)}". Known are: ${list}.`)
}

interface Place {
  readonly home: string
  readonly cwd: string
}

function parseOption<Value>(type: OptionType<Value>, source: string, text: string, place: Place): Value {
  const value = type.parse(type.isPath ? resolvePath(text, place) : text)
  if (value !== undefined) return value
  throw relayError('OPTION_INVALID', `${source}: expected ${type.expected}, got "${text.slice(0, 80)}".`)
}

function resolvePath(text: string, { home, cwd }: Place): string {
  const inHome = text === '~' ? home : /^~[\\/]/.test(text) ? join(home, text.slice(2)) : text
  return inHome === '' ? '' : resolve(cwd, inHome)
}
