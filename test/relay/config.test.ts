import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import {
  describeRelayOptions,
  RELAY_OPTIONS,
  type RelayConfig,
  readRelayConfig,
  reportRelayConfig,
} from '#relay/config.ts'
import { environmentName } from '#relay/option-sources.ts'

const place = { home: '/home/ann', cwd: '/srv' }
const read = (args: readonly string[], env: Record<string, string> = {}) =>
  readRelayConfig({ args, env, ...place })

interface Case<Key extends keyof RelayConfig> {
  readonly text: string
  readonly value: RelayConfig[Key]
  readonly wrong: string
  /** another good value, which the flag must win over */
  readonly other: string
}

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

/** Every option once: a new one without a line here does not compile. */
const CASES: { readonly [Key in keyof RelayConfig]: Case<Key> } = {
  network: { text: 'main', value: 'main', wrong: 'mainnet', other: 'test' },
  host: { text: '::1', value: '::1', wrong: 'relay.example', other: '0.0.0.0' },
  port: { text: '9001', value: 9001, wrong: '65536', other: '1' },
  dataDir: { text: '~/relay', value: '/home/ann/relay', wrong: 'a\0b', other: '/x' },
  pageDir: { text: 'dist', value: '/srv/dist', wrong: 'a\0b', other: '/x' },
  announce: {
    text: '/dns4/a.example/tcp/443/tls/ws,/ip4/192.0.2.1/tcp/80/ws',
    value: ['/dns4/a.example/tcp/443/tls/ws', '/ip4/192.0.2.1/tcp/80/ws'],
    wrong: 'wss://a.example',
    other: '/ip4/192.0.2.9/tcp/1/ws',
  },
  trustedProxies: {
    text: '10.0.0.1, 2001:db8::/32',
    value: ['10.0.0.1', '2001:db8::/32'],
    wrong: '10.0.0.0/33',
    other: '127.0.0.1',
  },
  tlsCert: { text: 'a/cert.pem', value: '/srv/a/cert.pem', wrong: 'a\0b', other: '/x' },
  tlsKey: { text: '~/key.pem', value: '/home/ann/key.pem', wrong: 'a\0b', other: '/x' },
  webRtcPort: { text: '9002', value: 9002, wrong: 'udp', other: '9003' },
  autoTls: { text: 'true', value: true, wrong: 'always', other: 'false' },
  relays: {
    text: `/dns4/a.example/tcp/443/tls/ws/p2p/${PEER}`,
    value: [`/dns4/a.example/tcp/443/tls/ws/p2p/${PEER}`],
    wrong: '/dns4/a.example/tcp/443/tls/ws',
    other: `/ip4/192.0.2.1/tcp/80/ws/p2p/${PEER}`,
  },
  drainMs: { text: '0s', value: 0, wrong: '10', other: '1m' },
  sample: { text: 'wordnet', value: 'wordnet', wrong: 'yes', other: 'false' },
  objectBytes: { text: '8MiB', value: 8_388_608, wrong: 'all', other: '0' },
  keyBytes: { text: '1MiB', value: 1_048_576, wrong: 'all', other: '4MiB' },
  orderer: { text: 'true', value: true, wrong: 'perhaps', other: 'false' },
  follow: {
    text: 'https://a.example',
    value: 'https://a.example',
    wrong: 'a.example',
    other: 'http://b.example',
  },
  localChain: { text: 'true', value: true, wrong: 'perhaps', other: 'false' },
  rpc: {
    text: 'https://rpc.example/key, http://127.0.0.1:8545',
    value: ['https://rpc.example/key', 'http://127.0.0.1:8545'],
    wrong: 'ws://rpc.example',
    other: 'https://other.example',
  },
  contracts: { text: 'a.json', value: '/srv/a.json', wrong: 'a\0b', other: '/x' },
  blockMs: { text: '500ms', value: 500, wrong: '99ms', other: '3s' },
  cacheBytes: { text: '64MiB', value: 67_108_864, wrong: '-1', other: '0' },
  maxConnections: { text: '10', value: 10, wrong: '0', other: '11' },
  connectionsPerAddress: { text: '40', value: 40, wrong: '-1', other: '41' },
  maxReservations: { text: '0', value: 0, wrong: '1.5', other: '9' },
  reservationTtlMs: { text: '90s', value: 90_000, wrong: '90', other: '1h' },
  circuitLimits: { text: 'false', value: false, wrong: 'off', other: 'true' },
  circuitBytes: { text: '64MiB', value: 67_108_864n, wrong: '64MB', other: '1' },
  circuitMs: { text: '2h', value: 7_200_000, wrong: '25h', other: '1m' },
  reservationsPerAddress: { text: '5', value: 5, wrong: '0', other: '6' },
  peerRate: { text: '1MiB', value: 1_048_576n, wrong: '0', other: '1' },
  addressRate: { text: '2MiB', value: 2_097_152n, wrong: '1MB', other: '1' },
  totalRate: { text: '3MiB', value: 3_145_728n, wrong: '-1', other: '1' },
  peerBytes: { text: '1GiB', value: 1_073_741_824n, wrong: 'all', other: '1' },
  addressBytes: { text: '2GiB', value: 2_147_483_648n, wrong: '1.5GiB', other: '1' },
  totalBytes: { text: '3GiB', value: 3_221_225_472n, wrong: '0x1', other: '1' },
  quotaMs: { text: '1h', value: 3_600_000, wrong: '25h', other: '2h' },
  circuitsPerAddress: { text: '9', value: 9, wrong: '0', other: '8' },
  circuitsPerPeer: { text: '3', value: 3, wrong: '1001', other: '4' },
  denyFile: { text: 'deny.txt', value: '/srv/deny.txt', wrong: 'a\0b', other: '/x' },
  maxCircuits: { text: '7', value: 7, wrong: 'many', other: '8' },
}

/** What an option needs beside it to be right. */
const COMPANIONS: { readonly [Key in keyof RelayConfig]?: Readonly<Record<string, string>> } = {
  tlsCert: { TABLAND_TLS_KEY: '/key.pem' },
  rpc: { TABLAND_CONTRACTS: '/a.json' },
  contracts: { TABLAND_RPC: 'http://127.0.0.1:8545' },
  tlsKey: { TABLAND_TLS_CERT: '/cert.pem' },
}

const KEYS = Object.keys(RELAY_OPTIONS) as (keyof RelayConfig)[]

describe('readRelayConfig', () => {
  it('has the defaults of parameters.md without any option', () => {
    expect(read([])).toMatchObject({
      network: 'local',
      host: '127.0.0.1',
      port: 8080,
      dataDir: '/home/ann/.tabland/relay',
      announce: [],
      trustedProxies: [],
      sample: 'none',
      connectionsPerAddress: 32,
      maxReservations: 1_024,
      reservationTtlMs: 15 * 60_000,
      circuitLimits: true,
      circuitBytes: 1n << 30n,
      circuitMs: 3_600_000,
    })
  })

  it.each(KEYS)('reads %s from its flag and from the environment, the flag first', (key) => {
    const { flag, type } = RELAY_OPTIONS[key]
    const { text, value, other } = CASES[key]
    const variable = environmentName(flag)
    const beside = COMPANIONS[key] ?? {}
    expect(read([`--${flag}=${text}`], beside)[key]).toEqual(value)
    expect(read([], { ...beside, [variable]: text })[key]).toEqual(value)
    expect(read([`--${flag}=${text}`], { ...beside, [variable]: other })[key]).toEqual(value)
    expect(read([], { ...beside, [variable]: other })[key]).not.toEqual(value)
    if (type.isFlag !== true) expect(read([`--${flag}`, text], beside)[key]).toEqual(value)
  })

  it.each(KEYS)('refuses a wrong %s with a sentence that names it, wherever it came from', (key) => {
    const { flag, type } = RELAY_OPTIONS[key]
    const { wrong } = CASES[key]
    const variable = environmentName(flag)
    const sentence = (source: string) => `${source}: expected ${type.expected}, got `
    expect(() => read([`--${flag}=${wrong}`])).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringContaining(sentence(`--${flag}`)),
      }),
    )
    expect(() => read([], { [variable]: wrong })).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringContaining(sentence(variable)),
      }),
    )
  })

  it.each(KEYS)('%s is read by the relay', (key) => {
    expect(sources).toMatch(
      new RegExp(
        `\\bconfig\\.${key}\\b|[{,]\\s*${key}[ ,}][^{}]*\\}: (Partial<)?(RelayConfig|CircuitLimits)`,
      ),
    )
  })

  it('turns flags without a value on, and off with no-', () => {
    expect(read(['--sample']).sample).toBe('world')
    expect(read(['--sample', '--sample', 'wordnet', '--port', '0']).sample).toBe('wordnet')
    expect(read(['--sample=wordnet']).sample).toBe('wordnet')
    expect(read(['--no-sample'], { TABLAND_SAMPLE: '1' }).sample).toBe('none')
    expect(read(['--no-circuit-limits', '--sample'])).toMatchObject({ circuitLimits: false, sample: 'world' })
  })

  it('joins a list given in several flags', () => {
    expect(read(['--trusted-proxies', '10.0.0.1', '--trusted-proxies', '10.0.0.2']).trustedProxies).toEqual([
      '10.0.0.1',
      '10.0.0.2',
    ])
  })

  it('takes an empty variable as none', () => {
    expect(read([], { TABLAND_PORT: '' }).port).toBe(8080)
  })

  it('takes localhost as an address', () => {
    expect(read(['--host', 'localhost']).host).toBe('127.0.0.1')
  })

  it.each([
    [['--prot', '1'], 'Unknown option "--prot". Did you mean --port? "tabland relay --help" lists them all.'],
    [['--no-port'], 'Unknown option "--no-port". Did you mean --port?'],
    [['--anounce=/dns/a'], 'Unknown option "--anounce=/dns/a". Did you mean --announce?'],
    [['--trusted'], 'Did you mean --trusted-proxies?'],
    [['8080'], 'Unknown option "8080". Known are: --network, --host, --port, --data'],
    [['--frobnicate', '1'], 'Known are: --network, '],
  ])('refuses %j as unknown and says what may be meant', (args, message) => {
    expect(() => read(args)).toThrow(
      expect.objectContaining({ code: 'OPTION_UNKNOWN', message: expect.stringContaining(message) }),
    )
  })

  it('tells every mistake at once, wherever it stands', () => {
    const args = [
      '--prot',
      '1',
      '--host',
      'relay',
      '--cache',
      '--sample',
      '--tls-cert',
      'a.pem',
      '--drain-time=9',
    ]
    try {
      read(args, { TABLAND_NETWORK: 'mainnet' })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'OPTION_SEVERAL' })
      expect((error as Error).message.split('\n')).toEqual([
        '6 things are wrong with the configuration:',
        '  Unknown option "--prot". Did you mean --port? "tabland relay --help" lists them all.',
        '  --cache: expected a number of bytes, such as 64MiB or 4GiB, or 0, got nothing. Write --cache BYTES.',
        '  TABLAND_NETWORK: expected one of main, test, local, got "mainnet".',
        '  --host: expected an IP address of this machine (or localhost), such as 127.0.0.1, 0.0.0.0 or ::, got "relay".',
        '  --drain-time: expected a time from 0s to 24h, such as 90s, 15m or 1h, got "9".',
        '  --tls-cert needs --tls-key: give both the certificate chain and its private key (PEM files).',
      ])
    }
  })

  it('warns of a variable whose name is nearly an option’s, and of no other', () => {
    const env = { TABLAND_PROT: '1', TABLAND_SERVICE_HOST: '10.0.0.1', TABLAND_0_PORT: 'tcp://10.0.0.1:80' }
    expect(reportRelayConfig({ args: [], env, ...place }).warnings).toEqual([
      'TABLAND_PROT is read by no option: did you mean TABLAND_PORT?',
    ])
  })

  it.each([[['--port']], [['--port', '--sample']]])('refuses %j: the value is missing', (args) => {
    expect(() => read(args)).toThrow(
      expect.objectContaining({
        code: 'OPTION_VALUE_MISSING',
        message: '--port: expected a whole number from 0 to 65535, got nothing. Write --port N.',
      }),
    )
  })

  it('says what is wrong in one sentence', () => {
    expect(() => read(['--port', 'http'])).toThrow(
      '--port: expected a whole number from 0 to 65535, got "http".',
    )
  })

  it('describes each option once', () => {
    const lines = describeRelayOptions().split('\n')
    expect(lines).toHaveLength(KEYS.length + 1)
    for (const key of KEYS) {
      expect(lines.filter((line) => line.startsWith(`  --${RELAY_OPTIONS[key].flag} `))).toHaveLength(1)
    }
  })
})

describe('options that do not fit together', () => {
  it.each([
    [['--tls-cert', 'a.pem'], '--tls-cert needs --tls-key'],
    [['--tls-key', 'a.pem'], '--tls-key needs --tls-cert'],
    [['--orderer', '--follow', 'http://a.example'], "--follow keeps another's"],
  ])('%j is refused', (args, sentence) => {
    expect(() => read(args)).toThrow(
      expect.objectContaining({ code: 'OPTION_CONFLICT', message: expect.stringContaining(sentence) }),
    )
  })

  const announce = ['--announce', '/dns4/relay.example/tcp/443/tls/ws']
  it.each([
    [['--port', '0', ...announce, '--host', '0.0.0.0'], 'choose a port'],
    [announce, 'name it by --trusted-proxies'],
    [
      ['--host', '::', '--tls-cert', 'a', '--tls-key', 'b', '--announce', '/dns4/a.example/tcp/443/ws'],
      'write /tls/ws',
    ],
    [['--max-connections', '10', '--max-reservations', '11'], 'a reservation needs a connection'],
  ])('%j is warned of', (args, sentence) => {
    expect(reportRelayConfig({ args, env: {}, ...place }).warnings).toEqual([
      expect.stringContaining(sentence),
    ])
  })

  it('nothing is warned of without a reason', () => {
    expect(reportRelayConfig({ args: [], env: {}, ...place }).warnings).toEqual([])
    const warned = (...args: readonly string[]) =>
      reportRelayConfig({ args: ['--auto-tls', ...args], env: {}, ...place }).warnings.join()
    const direct = ['--port', '1', '--webrtc-port', '1', '--announce', '/dns/a.example/tcp/1/ws']
    expect(reportRelayConfig({ args: direct, env: {}, ...place }).warnings).toEqual([
      expect.stringContaining('--trusted-proxies'),
      expect.stringMatching(/^--webrtc-port is the port of --port/),
      expect.stringMatching(/^--webrtc-port opens a port that --announce does not tell/),
    ])
    expect(warned()).toMatch(/^--auto-tls gives names to addresses of the internet alone/)
    expect(warned('--host', '0.0.0.0', '--announce', '/dns/a.example/tcp/80/ws')).toMatch(/^--auto-tls/)
    expect(warned('--host', '0.0.0.0')).toBe('')
    expect(warned('--host', '0.0.0.0', '--announce', '/ip4/8.8.4.4/tcp/8080/ws')).toBe('')
    const proxied = [...announce, '--trusted-proxies', '127.0.0.1']
    expect(reportRelayConfig({ args: proxied, env: {}, ...place }).warnings).toEqual([])
  })
})

describe('the report', () => {
  it('says where each value came from, and is a configuration file that gives the same', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tabland-config-'))
    const path = join(dir, 'first.toml')
    writeFileSync(path, '# mine\nport = 9001\n')
    const { config, effective } = reportRelayConfig({
      args: [
        '--config',
        path,
        '--announce',
        '/dns/a/tcp/1/ws',
        '--announce',
        '/dns/b/tcp/1/ws',
        '--data',
        'x',
      ],
      env: { TABLAND_SAMPLE: '1', TABLAND_HOST: '0.0.0.0' },
      ...place,
    })
    const sources = Object.fromEntries(effective.map(({ flag, source }) => [flag, source]))
    expect(sources).toMatchObject({
      port: `port in ${path} (line 2)`,
      announce: '--announce',
      sample: 'TABLAND_SAMPLE',
      host: 'TABLAND_HOST',
      network: 'default',
    })
    expect(effective).toHaveLength(KEYS.length)
    const again = join(dir, 'again.toml')
    writeFileSync(again, effective.map(({ flag, toml }) => `${flag} = ${toml}\n`).join(''))
    expect(readRelayConfig({ args: ['--config', again], env: {}, home: '/x', cwd: '/y' })).toEqual(config)
    rmSync(dir, { recursive: true, force: true })
  })
})

describe('the configuration file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tabland-config-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  function write(text: string): string {
    const path = join(dir, 'relay.toml')
    writeFileSync(path, text)
    return path
  }

  it('[RE1] gives options that neither a flag nor a variable gives', () => {
    const path = write(
      'port = 9001\nhost = "::1"\nsample = true\nannounce = ["/dns/a/tcp/1/ws", "/dns/b/tcp/1/ws"]\n',
    )
    const config = readRelayConfig({
      args: ['--config', path, '--host', '127.0.0.2'],
      env: { TABLAND_PORT: '9002' },
    })
    expect(config).toMatchObject({
      port: 9002,
      host: '127.0.0.2',
      sample: 'world',
      announce: ['/dns/a/tcp/1/ws', '/dns/b/tcp/1/ws'],
    })
    expect(readRelayConfig({ args: [], env: { TABLAND_CONFIG: path } }).port).toBe(9001)
  })

  it.each([
    [
      'port = "http"',
      /port in .*relay\.toml \(line 1\): expected a whole number from 0 to 65535, got "http"/,
    ],
    ['# the port\nsample = true\n port = -1', /port in .*relay\.toml \(line 3\): expected/],
    ['host = "::1"\nprot = 1', /Unknown option "prot" in .* \(line 2\)\. Did you mean port\?$/],
    ['drain_time = "1m"', /Unknown option "drain_time" in .* \(line 1\)\. Did you mean drain-time\?$/],
    ['frobnicate = 1', /Unknown option "frobnicate" in .* \(line 1\)\. Known are: .*port/],
    ['port = ', /no TOML in line 1 \(port =\): .+ Write lines such as port = 8080 or host = "::1"\.$/],
    ['port = 1\n\nhost = localhost\n', /no TOML in line 3 \(host = localhost\): invalid value\. Write/],
    ['port = 1\nport = 2', /no TOML in line 2 \(port = 2\): trying to redefine/],
    ['[port]\nx = 1', /port in .*\(line 1\): expected a text, a number/],
    ['[relay]\nport = 1', /Unknown section "relay" in .* \(line 1\)\. Options stand without a section/],
    [`#${' '.repeat(70_000)}`, /more than 65536 bytes/],
  ])('says what is wrong: %s', (text, sentence) => {
    const path = write(text)
    expect(() => readRelayConfig({ args: ['--config', path], env: {} })).toThrow(sentence)
  })

  it('and the flags are wrong in several places: all are told', () => {
    const path = write('prot = 1\nhost = "relay"\ncache = [1]\nsample = true')
    try {
      readRelayConfig({ args: ['--config', path, '--port', 'http'], env: {} })
      expect.unreachable()
    } catch (error) {
      expect((error as Error).message.replaceAll(path, 'relay.toml').split('\n')).toEqual([
        '4 things are wrong with the configuration:',
        '  Unknown option "prot" in relay.toml (line 1). Did you mean port?',
        '  cache in relay.toml (line 3): expected a text, a number, true, false or a list of texts.',
        '  host in relay.toml (line 2): expected an IP address of this machine (or localhost), such as 127.0.0.1, 0.0.0.0 or ::, got "relay".',
        '  --port: expected a whole number from 0 to 65535, got "http".',
      ])
    }
    const noToml = write('port = \n')
    expect(() => readRelayConfig({ args: ['--config', noToml, '--host', 'x'], env: {} })).toThrow(
      /^2 things are wrong .*\n.*no TOML in line 1.*\n.*--host: expected/,
    )
  })

  it('says that there is none', () => {
    const args = ['--config', join(dir, 'absent.toml')]
    expect(() => readRelayConfig({ args, env: {} })).toThrow(
      /Cannot read .*absent\.toml: there is no such file/,
    )
  })
})

const folder = fileURLToPath(new URL('../../relay', import.meta.url))
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'config.ts')
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n')
