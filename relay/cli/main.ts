import { isAppError } from '#core/errors.ts'
import { didYouMean } from '../nearest-name.ts'
import { type Command, usageError } from './command.ts'

/** Each command is one file, loaded when it is asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  relay: () => import('./commands/relay.ts'),
  add: () => import('./commands/add.ts'),
  publish: () => import('./commands/publish.ts'),
  open: () => import('./commands/open.ts'),
  cat: () => import('./commands/cat.ts'),
  link: () => import('./commands/link.ts'),
  search: () => import('./commands/search.ts'),
  seed: () => import('./commands/seed.ts'),
  cid: () => import('./commands/cid.ts'),
  url: () => import('./commands/url.ts'),
  rank: () => import('./commands/rank.ts'),
  machine: () => import('./commands/machine.ts'),
  verify: () => import('./commands/verify.ts'),
  merkle: () => import('./commands/merkle.ts'),
  land: () => import('./commands/land.ts'),
  stake: () => import('./commands/stake.ts'),
  chain: () => import('./commands/chain.ts'),
  object: () => import('./commands/object.ts'),
  wallet: () => import('./commands/wallet.ts'),
  doctor: () => import('./commands/doctor.ts'),
  'verify-page': () => import('./commands/verify-page.ts'),
}

const EXIT_FAILED = 1
const EXIT_USAGE = 2
/** 128 + SIGINT, as shells have it */
const EXIT_INTERRUPTED = 130
/** A terminal sends SIGINT to the launcher too, which passes it on: a signal this soon is the same one. */
const REPEAT_MS = 1_000
/** Time for what still closes by itself after a command's end. */
const LINGER_MS = 200

/** Runs one command line and sets the process's exit code: 0 done, 1 failed, 2 not understood, 130 interrupted. */
export async function main(args: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe()
  const controller = abortOnSignals()
  try {
    await runCommand(args, controller.signal)
  } catch (error) {
    process.exitCode = report(error, controller.signal)
  }
  // libp2p leaves timers of up to 2 s behind: once all output is out, nobody should wait for them.
  process.stdout.write('', () => setTimeout(() => process.exit(), LINGER_MS).unref())
}

async function runCommand([name, ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  const { stdout, stderr } = process
  if (name === undefined) throw usageError('', 'Expected a command')
  if (name === 'help' || name === '--help' || name === '-h') {
    stdout.write(await describeCommands())
    return
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (load === undefined) {
    const meant = didYouMean(name, Object.keys(COMMANDS), (near) => `tabland ${near}`)
    throw usageError('', `Unknown command "${name.slice(0, 80)}"${meant}`)
  }
  const command = await load()
  if (asksForHelp(args)) stdout.write(`${command.usage}\n`)
  else await command.run(args, { signal, stdout, stderr })
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end === -1 ? args.length : end).some((arg) => arg === '--help' || arg === '-h')
}

async function describeCommands(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()))
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `tabland COMMAND [arguments]\n\n${lines.join('\n')}\n\ntabland COMMAND --help says more.\n`
}

/** Prints what went wrong and returns the exit code. What is no AppError is a fault of ours, so its stack is shown. */
function report(error: unknown, signal: AbortSignal): number {
  if (signal.aborted && (error === signal.reason || (error as Error)?.name === 'AbortError'))
    return EXIT_INTERRUPTED
  if (!isAppError(error)) {
    process.stderr.write(`${(error as Error)?.stack ?? String(error)}\n`)
    return EXIT_FAILED
  }
  process.stderr.write(`${error.message}\n`)
  return /^(COMMAND|OPTION)_/.test(error.code) ? EXIT_USAGE : EXIT_FAILED
}

/** The first signal asks the command to end, a later one ends the process. */
function abortOnSignals(): AbortController {
  const controller = new AbortController()
  let firstAt: number | undefined
  const onSignal = () => {
    firstAt ??= performance.now()
    if (performance.now() - firstAt > REPEAT_MS) process.exit(EXIT_INTERRUPTED)
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller
}

/** `tabland … | head` closes our output when it has enough: that is no failure. */
function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
}
