import { isIP, isIPv6 } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { NETWORK_NAMES, type NetworkName } from '#core/network.ts'
import { parseRelayAddress } from '#peer/addresses.ts'

/** What one kind of option takes. `parse` answers undefined for what it does not understand. */
export interface OptionType<Value> {
  /** completes the sentence "expected …" */
  readonly expected: string
  /** stands for the value in the help */
  readonly placeholder: string
  /** takes no value: --name, --no-name */
  readonly isFlag?: boolean
  /** words that may follow a flag all the same: --name WORD */
  readonly words?: readonly string[]
  /** may be given several times */
  readonly isList?: boolean
  /** relative to the working directory, ~ is the user's folder */
  readonly isPath?: boolean
  parse(text: string): Value | undefined
}

export interface IntegerRange {
  readonly min: number
  readonly max: number
}

export function parseInteger({ min, max }: IntegerRange): OptionType<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    placeholder: 'N',
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : undefined
    },
  }
}

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** The longest that any option may last. */
export const DAY_MS = 86_400_000

export interface DurationRange {
  readonly minMs: number
  readonly maxMs: number
}

/** `90s`, `15m`, `1h`, `500ms` → ms */
export function parseDuration({ minMs, maxMs }: DurationRange): OptionType<number> {
  return {
    expected: `a time from ${minMs / 1_000}s to ${maxMs / 3_600_000}h, such as 90s, 15m or 1h`,
    placeholder: 'TIME',
    parse(text) {
      const [, digits, unit = ''] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? []
      const value = Number(digits) * (DURATION_UNITS_MS[unit] ?? Number.NaN)
      return value >= minMs && value <= maxMs ? value : undefined
    },
  }
}

const BYTE_UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  KiB: 1n << 10n,
  MiB: 1n << 20n,
  GiB: 1n << 30n,
}

/** `1GiB`, `64MiB`, `1000` → bytes */
export const parseBytes: OptionType<bigint> = {
  expected: 'a number of bytes, such as 131072, 64MiB or 1GiB',
  placeholder: 'BYTES',
  parse(text) {
    const [, digits, unit = ''] = /^(\d{1,15})(KiB|MiB|GiB)?$/.exec(text) ?? []
    const factor = BYTE_UNITS[unit]
    return digits === undefined || factor === undefined || BigInt(digits) === 0n
      ? undefined
      : BigInt(digits) * factor
  },
}

/** The same as a number, with 0 for nothing: what a disk holds stays far below 2⁵³. */
export const parseByteCount: OptionType<number> = {
  expected: 'a number of bytes, such as 64MiB or 4GiB, or 0',
  placeholder: 'BYTES',
  parse(text) {
    const bytes = text === '0' ? 0 : Number(parseBytes.parse(text))
    return Number.isSafeInteger(bytes) ? bytes : undefined
  },
}

export const parseBoolean: OptionType<boolean> = {
  expected: 'true or false',
  placeholder: '',
  isFlag: true,
  parse(text) {
    if (text === 'true' || text === '1') return true
    return text === 'false' || text === '0' ? false : undefined
  },
}

/** The sample that a relay serves: nothing, the sample world, or that and WordNet. */
export type SampleName = 'none' | 'world' | 'wordnet'

export const parseSample: OptionType<SampleName> = {
  expected: 'true, false or wordnet',
  placeholder: '[wordnet]',
  isFlag: true,
  words: ['wordnet'],
  parse(text) {
    if (text === 'wordnet') return text
    const isOn = parseBoolean.parse(text)
    return isOn === undefined ? undefined : isOn ? 'world' : 'none'
  },
}

export const parseNetwork: OptionType<NetworkName> = {
  expected: `one of ${NETWORK_NAMES.join(', ')}`,
  placeholder: 'NAME',
  parse: (text) => NETWORK_NAMES.find((name) => name === text),
}

/** An address of this machine: names resolve differently here and there, addresses do not. */
export const parseHost: OptionType<string> = {
  expected: 'an IP address of this machine (or localhost), such as 127.0.0.1, 0.0.0.0 or ::',
  placeholder: 'ADDRESS',
  parse(text) {
    if (text === 'localhost') return '127.0.0.1'
    return isIP(text) === 0 ? undefined : text
  },
}

export const parsePath: OptionType<string> = {
  expected: 'a folder',
  placeholder: 'DIR',
  isPath: true,
  parse: (text) => (text === '' || text.includes('\0') ? undefined : text),
}

/** '' stands for none. */
export const parseOptionalFile: OptionType<string> = {
  expected: 'a file',
  placeholder: 'FILE',
  isPath: true,
  parse: (text) => (text.includes('\0') ? undefined : text),
}

/** '' stands for none. */
export const parseOptionalUrl: OptionType<string> = {
  expected: 'an address that begins with http:// or https://',
  placeholder: 'URL',
  parse: (text) => (text === '' || (/^https?:\/\//.test(text) && URL.canParse(text)) ? text : undefined),
}

export const parseMultiaddrs: OptionType<readonly string[]> = {
  expected: 'multiaddrs separated by commas, such as /dns4/relay.example/tcp/443/tls/ws',
  placeholder: 'MULTIADDRS',
  isList: true,
  parse: (text) => parseList(text, isMultiaddr),
}

/** Addresses that tabs could dial: WebSocket, with the peer id of the relay at the end. */
export const parseRelays: OptionType<readonly string[]> = {
  expected:
    'addresses of relays with their peer ids, separated by commas, such as /dns4/relay.example/tcp/443/tls/ws/p2p/12D3KooW…',
  placeholder: 'MULTIADDRS',
  isList: true,
  parse: (text) => parseList(text, isRelayAddress),
}

export const parseCidrs: OptionType<readonly string[]> = {
  expected: 'IP addresses or networks separated by commas, such as 10.0.0.1 or 172.16.0.0/12',
  placeholder: 'NETWORKS',
  isList: true,
  parse: (text) => parseList(text, isCidr),
}

function parseList(text: string, isValid: (item: string) => boolean): readonly string[] | undefined {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return items.every(isValid) ? items : undefined
}

function isMultiaddr(text: string): boolean {
  try {
    return multiaddr(text).getComponents().length > 0
  } catch {
    return false
  }
}

function isRelayAddress(text: string): boolean {
  try {
    return parseRelayAddress(text).peerId !== ''
  } catch {
    return false
  }
}

function isCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  if (isIP(address) === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv6(address) ? 128 : 32))
}

/** Addresses of JSON-RPC endpoints. */
export const parseRpcUrls: OptionType<readonly string[]> = {
  expected: 'http:// or https:// URLs, separated by commas',
  placeholder: 'URL',
  isList: true,
  parse(text) {
    const urls = text
      .split(',')
      .map((url) => url.trim())
      .filter((url) => url !== '')
    return urls.every((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
      ? urls
      : undefined
  },
}
