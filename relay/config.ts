import { homedir } from 'node:os'
import { join } from 'node:path'
import type { NetworkName } from '#core/network.ts'
import { CIRCUIT_OPTIONS, type CircuitConfig } from './circuit-options.ts'
import { conflictsOf, warningsOf } from './config-rules.ts'
import { DEFAULT_PAGE_DIR } from './node-defaults.ts'
import { CONFIG_FLAG, findOptions, type OptionTable, throwMistakes } from './option-sources.ts'
import {
  DAY_MS,
  parseBoolean,
  parseByteCount,
  parseCidrs,
  parseDuration,
  parseHost,
  parseInteger,
  parseMultiaddrs,
  parseNetwork,
  parseOptionalFile,
  parseOptionalUrl,
  parsePath,
  parseRelays,
  parseRpcUrls,
  parseSample,
  type SampleName,
} from './option-types.ts'

/** Everything an operator may set. Flags come before the environment, the environment before the defaults. */
export interface RelayConfig extends CircuitConfig {
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
  /** PEM file of the certificate chain; '' = no TLS here */
  readonly tlsCert: string
  /** PEM file of the private key; '' = no TLS here */
  readonly tlsKey: string
  /** a certificate from libp2p.direct and Let's Encrypt */
  readonly autoTls: boolean
  /** UDP port of WebRTC Direct; 0 = none */
  readonly webRtcPort: number
  /** from the first signal on, until the clients have moved to another relay; 0 = stops at once */
  readonly drainMs: number
  /** other relays of the network, multiaddrs with their peer ids */
  readonly relays: readonly string[]
  /** what is loaded and served */
  readonly sample: SampleName
  /** of what clients asked for, kept in `dataDir`; 0 = nothing */
  readonly cacheBytes: number
  /** of named objects that clients publish, kept in `dataDir`; 0 = none */
  readonly objectBytes: number
  /** of keys of restricted objects that owners have it hand out, kept in `dataDir`; 0 = takes none */
  readonly keyBytes: number
  /** makes and signs blocks of the links that it keeps */
  readonly orderer: boolean
  /** URL of the relay whose machine's blocks are kept and handed on; '' = none */
  readonly follow: string
  /** starts a chain of its own, with the contracts deployed */
  readonly localChain: boolean
  /** JSON-RPC endpoints of the chain, told to tabs */
  readonly rpc: readonly string[]
  /** file that `tabland chain deploy` wrote; '' = none */
  readonly contracts: string
  /** between two blocks */
  readonly blockMs: number
  readonly maxConnections: number
  readonly connectionsPerAddress: number
  /** file of peer ids, CIDs and object ids that the relay has nothing to do with; empty = none */
  readonly denyFile: string
}

/** The one table of options: parsing, help and tests read it. */
export const RELAY_OPTIONS: OptionTable<RelayConfig> = {
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
    default: DEFAULT_PAGE_DIR,
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
  tlsCert: {
    flag: 'tls-cert',
    type: parseOptionalFile,
    default: '',
    summary: 'certificate chain (PEM): https and wss on the port; read again when it changes',
  },
  tlsKey: {
    flag: 'tls-key',
    type: parseOptionalFile,
    default: '',
    summary: 'private key of the certificate (PEM)',
  },
  autoTls: {
    flag: 'auto-tls',
    type: parseBoolean,
    default: 'false',
    summary: 'https and wss too, by a certificate that public addresses get from libp2p.direct',
  },
  webRtcPort: {
    flag: 'webrtc-port',
    type: parseInteger({ min: 0, max: 65_535 }),
    default: '0',
    summary: 'UDP port of WebRTC Direct, by which https pages reach a relay without a certificate; 0 = none',
  },
  drainMs: {
    flag: 'drain-time',
    type: parseDuration({ minMs: 0, maxMs: DAY_MS }),
    default: '10s',
    summary: 'how long clients may take to move to another relay before this one stops; 0s stops it at once',
  },
  relays: {
    flag: 'relays',
    type: parseRelays,
    default: '',
    summary: 'other relays of the network to keep connected to and to name to clients',
  },
  sample: {
    flag: 'sample',
    type: parseSample,
    default: 'false',
    summary: 'load the sample world and serve it; with the word wordnet, all of WordNet too',
  },
  cacheBytes: {
    flag: 'cache',
    type: parseByteCount,
    default: '4GiB',
    summary: 'bytes kept of what clients ask for, so that it stays when who had it leaves; 0 keeps nothing',
  },
  objectBytes: {
    flag: 'objects',
    type: parseByteCount,
    default: '256MiB',
    summary: 'bytes kept of the named objects that clients publish, less what files hold; 0 keeps none',
  },
  keyBytes: {
    flag: 'keys',
    type: parseByteCount,
    default: '0',
    summary: 'bytes kept of keys to paid content, handed out for owners who are away; 0 takes none',
  },
  orderer: {
    flag: 'orderer',
    type: parseBoolean,
    default: 'false',
    summary: 'put the links that it keeps into signed blocks, with the roots of links and ranks',
  },
  follow: {
    flag: 'follow',
    type: parseOptionalUrl,
    default: '',
    summary: "keep, check and hand on the blocks of this relay's machine, and give answers with proofs",
  },
  localChain: {
    flag: 'local-chain',
    type: parseBoolean,
    default: 'false',
    summary: 'start a chain on this machine with the contracts of land and money, kept in --data',
  },
  rpc: {
    flag: 'rpc',
    type: parseRpcUrls,
    default: '',
    summary: 'JSON-RPC endpoints of another chain, told to tabs; --contracts says what stands there',
  },
  contracts: {
    flag: 'contracts',
    type: parseOptionalFile,
    default: '',
    summary: 'addresses of the contracts on the chain of --rpc, a file of "tabland chain deploy"',
  },
  blockMs: {
    flag: 'block-time',
    type: parseDuration({ minMs: 100, maxMs: DAY_MS }),
    default: '2s',
    summary: 'time between two blocks, while there is something to order, or between two looks for new ones',
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
  ...CIRCUIT_OPTIONS,
  denyFile: {
    flag: 'deny',
    type: parseOptionalFile,
    default: '',
    summary: 'file of peer, content and object ids to have nothing to do with; read again when it changes',
  },
}

const KEYS = Object.keys(RELAY_OPTIONS) as readonly (keyof RelayConfig)[]

export interface ReadRelayConfigInit {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** @default the user's */
  readonly home?: string
  /** what relative paths begin at @default the process's */
  readonly cwd?: string
}

/** One option as it is in force. */
export interface EffectiveOption {
  readonly flag: string
  /** as it could be written in the TOML file */
  readonly toml: string
  /** `--port`, `TABLAND_PORT`, `port in relay.toml (line 3)` or `default` */
  readonly source: string
}

export interface RelayConfigReport {
  readonly config: RelayConfig
  readonly effective: readonly EffectiveOption[]
  /** sentences about what is allowed, but seldom meant */
  readonly warnings: readonly string[]
}

/**
 * Reads flags, environment and the TOML file that one of them names into one checked configuration: a flag wins
 * over a variable, a variable over the file.
 *
 * @throws OPTION_UNKNOWN, OPTION_VALUE_MISSING, OPTION_INVALID, OPTION_CONFLICT, CONFIG_FILE; OPTION_SEVERAL with a line
 * for each mistake where there are more
 */
export function readRelayConfig(init: ReadRelayConfigInit): RelayConfig {
  return reportRelayConfig(init).config
}

/** `readRelayConfig`, and where each value came from. @throws what that throws */
export function reportRelayConfig({
  args,
  env,
  home = homedir(),
  cwd = process.cwd(),
}: ReadRelayConfigInit): RelayConfigReport {
  const { found, mistakes, warnings } = findOptions(
    KEYS.map((key) => RELAY_OPTIONS[key]),
    { args, env, home, cwd },
  )
  const values = Object.fromEntries(KEYS.map((key, i) => [key, found[i]?.value]))
  throwMistakes([...mistakes, ...conflictsOf(values)])
  const config = values as unknown as RelayConfig // one entry for each key of the table, none of them wrong
  return {
    config,
    effective: KEYS.map((key, i) => ({
      flag: RELAY_OPTIONS[key].flag,
      toml: found[i]?.toml ?? '',
      source: found[i]?.source ?? '',
    })),
    warnings: [...warnings, ...warningsOf(config)],
  }
}

/** One line for each option: flag, what it takes, what it is for, its default. */
export function describeRelayOptions(): string {
  const rows = KEYS.map((key) => {
    const { flag, type, default: fallback, summary } = RELAY_OPTIONS[key]
    const left = `--${flag} ${type.placeholder}`.trimEnd()
    return { left, right: `${summary} (${fallback === '' ? 'none' : fallback})` }
  })
  rows.push({
    left: `--${CONFIG_FLAG} FILE`,
    right: 'a TOML file with these options, such as port = 8080 (none)',
  })
  const width = Math.max(...rows.map(({ left }) => left.length))
  return rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}
