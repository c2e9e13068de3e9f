import { type ParseArgsConfig, parseArgs } from 'node:util'
import { AppError } from '#core/errors.ts'
import { didYouMean } from '../nearest-name.ts'

export type CommandErrorCode = 'COMMAND_USAGE'

/** What a command is run with. */
export interface CommandContext {
  /** aborted by SIGINT and SIGTERM */
  readonly signal: AbortSignal
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
}

/** One file of relay/cli/commands, by its exports. Heavy modules are loaded by `run`: the help loads every command. */
export interface Command {
  readonly name: string
  /** begins with the line `tabland NAME …` */
  readonly usage: string
  /** one line of the command list */
  readonly summary: string
  /** A thrown AppError is printed as its sentence. */
  run(args: readonly string[], context: CommandContext): Promise<void>
}

/** The command line itself is wrong: exit code 2. `problem` is a sentence without its full stop. */
export function usageError(command: string, problem: string): AppError<CommandErrorCode> {
  const help = command === '' ? 'tabland --help' : `tabland ${command} --help`
  return new AppError<CommandErrorCode>('COMMAND_USAGE', `${problem}: see \`${help}\`.`)
}

/**
 * node:util parseArgs in its strict form, with positional arguments allowed.
 *
 * @throws COMMAND_USAGE for an unknown option or a missing value
 */
export function parseCommandArgs<Options extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true })
  } catch (error) {
    const unknown = unknownOptions(args, options)
    if (unknown.length > 0) throw usageError(command, describeUnknown(unknown, Object.keys(options)))
    // Its messages go on with advice about --, which the usage gives where it helps.
    const [problem = 'Not understood'] = (error as Error).message.split(/\.?(?:\n|\. |$)/)
    throw usageError(command, problem)
  }
}

/** Every option that the command does not know, once. */
function unknownOptions(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
): readonly string[] {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const unknown = tokens.flatMap((token) =>
    token.kind === 'option' && !Object.hasOwn(options, token.name) ? [token.rawName] : [],
  )
  return [...new Set(unknown)]
}

function describeUnknown(unknown: readonly string[], known: readonly string[]): string {
  const named = unknown.map((option) => {
    const meant = didYouMean(option.replace(/^-+/, ''), known, (name) => `--${name}`)
    return `${option.slice(0, 80)}${meant}`
  })
  return `Unknown option${unknown.length === 1 ? '' : 's'} ${named.join(', ')}`
}

/**
 * What stands in a record under a name that was typed.
 *
 * @throws COMMAND_USAGE with the nearest name, or all of them
 */
export function chooseAction<T>(
  command: string,
  typed: string | undefined,
  actions: Readonly<Record<string, T>>,
): T {
  if (typed !== undefined && Object.hasOwn(actions, typed)) return actions[typed] as T
  const names = Object.keys(actions)
  const all = `Expected \`tabland ${command}\` and one of ${names.join(', ')}`
  if (typed === undefined || typed === '') throw usageError(command.split(' ')[0] ?? '', all)
  const meant = didYouMean(typed, names, (name) => `tabland ${command} ${name}`)
  const got = `"${typed.slice(0, 80)}"`
  throw usageError(
    command.split(' ')[0] ?? '',
    meant === '' ? `${all}, got ${got}` : `Unknown \`tabland ${command}\` command ${got}${meant}`,
  )
}

/** Resolves when `signal` aborts: how a command that serves waits for its end. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
