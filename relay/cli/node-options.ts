import type { ParseArgsConfig } from 'node:util'
import type { NetworkMode } from '#api/network-types.ts'
import { DEFAULT_PROFILE_DIR, DEFAULT_RELAY_URL } from '../node-defaults.ts'
import { type CommandContext, parseCommandArgs, usageError } from './command.ts'

/** Options of every command that joins the network. */
export const NODE_OPTIONS_HELP = `  --relay ADDRESS   a relay's page (http://…) or multiaddr; default ${DEFAULT_RELAY_URL}
  --profile DIR     keys, records and blocks; default ${DEFAULT_PROFILE_DIR}
  --private         goes through that relay alone: no other peer learns this machine's address`

const NODE_OPTIONS = {
  relay: { type: 'string', default: DEFAULT_RELAY_URL },
  profile: { type: 'string', default: DEFAULT_PROFILE_DIR },
  private: { type: 'boolean', default: false },
} as const satisfies NonNullable<ParseArgsConfig['options']>

export interface NodeCommandForm {
  /** its positional arguments, as the usage calls them */
  readonly names?: readonly string[]
  /** what may follow them any number of times */
  readonly rest?: string
  readonly flags?: readonly string[]
  /** options that take a value; given several times, all count */
  readonly values?: readonly string[]
}

export interface NodeCommandLine {
  readonly positionals: readonly string[]
  readonly relay: string
  readonly profileDir: string
  readonly mode: NetworkMode
  readonly flags: Readonly<Record<string, boolean>>
  readonly values: Readonly<Record<string, readonly string[]>>
}

/**
 * Parses a command of this form, with the options above.
 *
 * @throws COMMAND_USAGE
 */
export function parseNodeCommand(
  command: string,
  args: readonly string[],
  { names = [], rest, flags = [], values: valueNames = [] }: NodeCommandForm,
): NodeCommandLine {
  const { values, positionals } = parseCommandArgs(command, args, {
    ...NODE_OPTIONS,
    ...Object.fromEntries(flags.map((flag) => [flag, { type: 'boolean', default: false } as const])),
    ...Object.fromEntries(valueNames.map((name) => [name, { type: 'string', multiple: true } as const])),
  })
  const missing = names[positionals.length]
  if (missing !== undefined) throw usageError(command, `Expected ${missing}`)
  const surplus = positionals[names.length]
  if (surplus !== undefined && rest === undefined)
    throw usageError(command, `Unexpected argument "${surplus.slice(0, 80)}"`)
  const given = values as Readonly<Record<string, unknown>>
  return {
    positionals,
    relay: values.relay,
    profileDir: values.profile,
    mode: values.private === true ? 'relayed' : 'direct',
    flags: Object.fromEntries(flags.map((flag) => [flag, given[flag] === true])),
    // parseArgs gives a list for `multiple`, or nothing
    values: Object.fromEntries(valueNames.map((name) => [name, (given[name] ?? []) as readonly string[]])),
  }
}

/** Joins, runs `work`, and leaves again however it ended. */
export async function withNodeTabland<T>(
  {
    relay,
    profileDir,
    mode,
    values,
  }: Pick<NodeCommandLine, 'relay' | 'profileDir' | 'mode'> & Partial<Pick<NodeCommandLine, 'values'>>,
  { signal, stderr }: Pick<CommandContext, 'signal' | 'stderr'>,
  work: (node: import('../create-node-tabland.ts').NodeTabland) => Promise<T>,
): Promise<T> {
  const { createNodeTabland } = await import('../create-node-tabland.ts')
  const node = await createNodeTabland({
    relay,
    profileDir,
    mode,
    rpc: values?.rpc ?? [],
    signal,
    warn: (line) => stderr.write(`${line}\n`),
  })
  try {
    return await work(node)
  } finally {
    await node.stop()
  }
}
