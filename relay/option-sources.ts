import { join, resolve } from 'node:path'
import { type FileEntry, readConfigFile } from './config-file.ts'
import { relayError } from './errors.ts'
import { type OptionType, parsePath } from './option-types.ts'

/** One option of a table; where its value comes from is the same for all. */
export interface Option<Value> {
  /** without the dashes; the environment's name follows from it */
  readonly flag: string
  readonly type: OptionType<Value>
  /** as it would be written on the command line */
  readonly default: string
  /** one line of help */
  readonly summary: string
}

/** Names the TOML file that holds further options. */
export const CONFIG_FLAG = 'config'

export interface OptionSources {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** what ~ stands for */
  readonly home: string
  /** what relative paths begin at */
  readonly cwd: string
}

export interface FoundOption {
  /** of the option's type */
  readonly value: unknown
  /** a TOML value that gives the same */
  readonly toml: string
  /** `--port`, `TABLAND_PORT`, `port in relay.toml (line 3)` or `default` */
  readonly source: string
}

export type OptionFinder = (option: Option<unknown>) => FoundOption

/**
 * Reads the flags and the TOML file once; the answer looks an option up: a flag wins over a variable, a variable
 * over the file, the file over the default.
 *
 * @throws OPTION_UNKNOWN, OPTION_VALUE_MISSING, CONFIG_FILE; the answer OPTION_INVALID
 */
export function createOptionFinder(
  options: readonly Option<unknown>[],
  { args, env, home, cwd }: OptionSources,
): OptionFinder {
  const place = { home, cwd }
  const flags = readFlags(args, options)
  const path = flags.get(CONFIG_FLAG) ?? env[environmentName(CONFIG_FLAG)]
  const known = options.map(({ flag }) => flag)
  const file = path ? readConfigFile(resolvePath(path, place), known) : new Map<string, FileEntry>()

  return ({ flag, type, default: fallback }) => {
    const name = environmentName(flag)
    const given = flags.get(flag)
    if (given !== undefined) return parseOption(type, `--${flag}`, given, place)
    const variable = env[name]
    if (variable !== undefined && variable !== '') return parseOption(type, name, variable, place)
    const entry = file.get(flag)
    if (entry !== undefined)
      return parseOption(type, `${flag} in ${path} (line ${entry.line})`, entry.text, place)
    return parseOption(type, 'default', fallback, place)
  }
}

/** `reservation-ttl` → `TABLAND_RESERVATION_TTL` */
export function environmentName(flag: string): string {
  return `TABLAND_${flag.toUpperCase().replaceAll('-', '_')}`
}

/** `--name value`, `--name=value`, `--flag`, `--no-flag`; a list may be given in several flags. */
function readFlags(
  args: readonly string[],
  options: readonly Option<unknown>[],
): ReadonlyMap<string, string> {
  const byFlag = new Map<string, OptionType<unknown>>(options.map(({ flag, type }) => [flag, type]))
  byFlag.set(CONFIG_FLAG, parsePath)
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

function parseOption(type: OptionType<unknown>, source: string, text: string, place: Place): FoundOption {
  const written = type.isPath ? resolvePath(text, place) : text
  const value = type.parse(written)
  if (value !== undefined) return { value, source, toml: tomlOf(written) }
  throw relayError('OPTION_INVALID', `${source}: expected ${type.expected}, got "${text.slice(0, 80)}".`)
}

/** Numbers and truths bare, anything else as a basic string, whose escapes JSON shares. */
function tomlOf(text: string): string {
  return /^(true|false|0|[1-9]\d*)$/.test(text) ? text : JSON.stringify(text)
}

function resolvePath(text: string, { home, cwd }: Place): string {
  const inHome = text === '~' ? home : /^~[\\/]/.test(text) ? join(home, text.slice(2)) : text
  return inHome === '' ? '' : resolve(cwd, inHome)
}
