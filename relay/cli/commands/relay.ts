import { describeRelayOptions, readRelayConfig } from '../../config.ts'
import { type CommandContext, untilAborted } from '../command.ts'

export const name = 'relay'
export const usage = `tabland relay [options]

${describeRelayOptions()}

Each option is also read from the environment (--reservation-ttl is TABLAND_RESERVATION_TTL) and from the TOML
file that --config names. A flag wins over a variable, a variable over the file.`
export const summary = 'introduce peers to each other and serve them the page'

/** Runs a relay until `signal` aborts. @throws the errors of readRelayConfig, createRelay and Relay.start */
export async function run(args: readonly string[], { signal, stdout }: CommandContext): Promise<void> {
  const config = readRelayConfig({ args, env: process.env })
  // Loaded here, so that other commands do not wait for libp2p.
  const { createRelay } = await import('../../relay.ts')
  const { startRecordServices } = await import('../../record-services.ts')
  const log = (line: string) => stdout.write(`${line}\n`)
  const relay = await createRelay(config, { log, services: startRecordServices })
  if (signal.aborted) return
  await relay.start()
  for (const address of relay.addresses) log(`Peers connect to ${address}`)
  log(`Tabland is at ${relay.httpUrl}`)
  await untilAborted(signal)
  log('Stopping.')
  await relay.stop()
}
