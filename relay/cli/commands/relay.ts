import { describeRelayOptions, type RelayConfigReport, reportRelayConfig } from '../../config.ts'
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
  const relay = await createRelay(config, { log, services: startRecordServices })
  if (signal.aborted) return
  await relay.start()
  for (const address of relay.addresses) log(`Peers connect to ${address}`)
  log(`Tabland is at ${relay.httpUrl}`)
  await untilAborted(signal)
  const { reservations } = relay.stats()
  if (config.drainMs > 0 && reservations > 0) {
    log(`Draining: ${reservations} peers move to other relays. Another signal stops at once.`)
    await relay.drain()
  }
  log('Stopping.')
  await relay.stop()
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
