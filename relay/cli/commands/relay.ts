import {
  describeRelayOptions,
  type RelayConfig,
  type RelayConfigReport,
  reportRelayConfig,
} from '../../config.ts'
import type { LocalChain, LocalChainInit } from '../../local-chain/local-chain.ts'
import { SAMPLE_DIR } from '../../node-defaults.ts'
import type { Relay } from '../../relay.ts'
import { type CommandContext, untilAborted } from '../command.ts'

const CHECK_FLAG = '--check-config'

export const name = 'relay'
export const usage = `tabland relay [options]

${describeRelayOptions()}
  ${CHECK_FLAG}  print what is in force and where it came from, and start nothing

Each option is also read from the environment (--reservation-ttl is TABLAND_RESERVATION_TTL) and from the TOML
file that --config names. A flag wins over a variable, a variable over the file.`
export const summary = 'introduce peers to each other and serve them the page'

/** Runs a relay until `signal` aborts. @throws the errors of readRelayConfig, createRelay and Relay.start */
export async function run(args: readonly string[], { signal, stdout }: CommandContext): Promise<void> {
  const checks = args.includes(CHECK_FLAG)
  const report = reportRelayConfig({ args: args.filter((arg) => arg !== CHECK_FLAG), env: process.env })
  if (checks) {
    stdout.write(await describeConfig(report))
    return
  }
  const { config } = report
  // Loaded here, so that other commands do not wait for libp2p.
  const { createRelay } = await import('../../relay.ts')
  const { startRecordServices } = await import('../../record-services.ts')
  const log = (line: string) => stdout.write(`${line}\n`)
  for (const warning of report.warnings) log(`Warning: ${warning}`)
  let chain: LocalChain | undefined
  const { promise: opening, resolve: open, reject } = Promise.withResolvers<LocalChain | undefined>()
  const relay = await createRelay(config, {
    log,
    services: startRecordServices,
    chain: () => chain?.facts,
    whenChain: async () => (await opening)?.facts,
  })
  if (signal.aborted) return
  // beside the relay's own start, which takes as long
  openChain(config, { log, signal }).then((opened) => {
    chain = opened
    open(opened)
  }, reject)
  try {
    await Promise.all([relay.start(), opening])
    for (const address of relay.addresses) log(`Peers connect to ${address}`)
    log(`Tabland is at ${relay.httpUrl}`)
    await untilAborted(signal)
    await end(relay, config, log)
  } finally {
    await opening.catch(() => {}) // told above
    await chain?.stop()
  }
}

async function end(relay: Relay, config: RelayConfig, log: (line: string) => void): Promise<void> {
  const { reservations } = relay.stats()
  if (config.drainMs > 0 && reservations > 0) {
    log(`Draining: ${reservations} peers move to other relays. Another signal stops at once.`)
    await relay.drain()
  }
  log('Stopping.')
  await relay.stop()
}

type ChainContext = Pick<LocalChainInit, 'log' | 'signal'>

/** The chain of this machine, or the one that was named, or none. */
async function openChain(
  config: RelayConfig,
  { log, signal }: ChainContext,
): Promise<LocalChain | undefined> {
  if (!config.localChain && config.rpc.length === 0) return undefined
  const { readNamedChain, startLocalChain } = await import('../../local-chain/local-chain.ts')
  if (!config.localChain) {
    return { facts: await readNamedChain(config.rpc, config.contracts), stop: async () => {} }
  }
  const sample = config.sample === 'none' ? {} : { sampleDir: SAMPLE_DIR }
  const { dataDir, network } = config
  return startLocalChain({ dataDir, network, log, signal, ...sample })
}

/** A TOML file that gives the same configuration, each line with where its value came from. */
async function describeConfig({ config, effective, warnings }: RelayConfigReport): Promise<string> {
  const { openRelayTls } = await import('../../relay-tls.ts')
  await openRelayTls(config, () => {})
  const lines = effective.map(({ flag, toml, source }) => ({ left: `${flag} = ${toml}`, source }))
  const width = Math.max(...lines.map(({ left }) => left.length))
  return [
    ...lines.map(({ left, source }) => `${left.padEnd(width)}  # ${source}`),
    ...warnings.map((warning) => `# Warning: ${warning}`),
    '',
  ].join('\n')
}
