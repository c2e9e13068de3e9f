import { join, resolve } from 'node:path'
import type { AppError } from '#core/errors.ts'
import { type ConfigFile, readConfigFile } from './config-file.ts'
import { type RelayErrorCode, relayError } from './errors.ts'
import { nearestName } from './nearest-name.ts'
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

/** An option for each value of a configuration. */
export type OptionTable<Config> = { readonly [Key in keyof Config]: Option<Config[Key]> }

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

export interface FoundOptions {
  /** in the order of the table; undefined for one whose value is wrong */
  readonly found: readonly (FoundOption | undefined)[]
  /** OPTION_UNKNOWN, OPTION_VALUE_MISSING, OPTION_INVALID, CONFIG_FILE: everything that is wrong, not the first alone */
  readonly mistakes: readonly AppError<RelayErrorCode>[]
  /** sentences about variables that no option reads, though one has nearly their name */
  readonly warnings: readonly string[]
}

/** Looks up each option: a flag wins over a variable, a variable over the TOML file, the file over the default. */
export function findOptions(
  options: readonly Option<unknown>[],
  { args, env, home, cwd }: OptionSources,
): FoundOptions {
  const place = { home, cwd }
  const mistakes: AppError<RelayErrorCode>[] = []
  const flags = readFlags(args, options, mistakes)
  const path = flags.get(CONFIG_FLAG) ?? env[environmentName(CONFIG_FLAG)]
  const known = options.map(({ flag }) => flag)
  const file = path ? readConfigFile(resolvePath(path, place), known) : NO_FILE
  mistakes.push(...file.mistakes)

  const find = ({ flag, type, default: fallback }: Option<unknown>): FoundOption | undefined => {
    const name = environmentName(flag)
    const given = flags.get(flag)
    if (given !== undefined) return parseOption(type, `--${flag}`, given)
    const variable = env[name]
    if (variable !== undefined && variable !== '') return parseOption(type, name, variable)
    const entry = file.entries.get(flag)
    if (entry !== undefined) return parseOption(type, `${flag} in ${path} (line ${entry.line})`, entry.text)
    return parseOption(type, 'default', fallback)
  }

  function parseOption(type: OptionType<unknown>, source: string, text: string): FoundOption | undefined {
    const written = type.isPath ? resolvePath(text, place) : text
    const value = type.parse(written)
    if (value !== undefined) return { value, source, toml: tomlOf(written) }
    const message = `${source}: expected ${type.expected}, got "${text.slice(0, 80)}".`
    mistakes.push(relayError('OPTION_INVALID', message))
    return undefined
  }

  const found = options.map(find)
  return { found, mistakes, warnings: strayVariables(env, [...known, CONFIG_FLAG].map(environmentName)) }
}

const NO_FILE: ConfigFile = { entries: new Map(), mistakes: [] }

/** One mistake as it is; several in one error, a line each. Returns when there is none. */
export function throwMistakes(mistakes: readonly AppError<RelayErrorCode>[]): void {
  const [first, ...others] = mistakes
  if (first === undefined) return
  if (others.length === 0) throw first
  const lines = mistakes.map(({ message }) => `\n  ${message}`).join('')
  throw relayError('OPTION_SEVERAL', `${mistakes.length} things are wrong with the configuration:${lines}`)
}

/** Only those that look like a slip: an orchestrator sets variables of its own. */
function strayVariables(env: OptionSources['env'], known: readonly string[]): readonly string[] {
  return Object.keys(env)
    .filter((name) => /^TABLAND_[A-Z_]+$/.test(name) && !known.includes(name))
    .flatMap((name) => {
      const nearest = nearestName(name, known)
      return nearest === undefined ? [] : [`${name} is read by no option: did you mean ${nearest}?`]
    })
}

const ENVIRONMENT_PREFIX = 'TABLAND_'

/** `reservation-ttl` → `TABLAND_RESERVATION_TTL` */
export function environmentName(flag: string): string {
  return `${ENVIRONMENT_PREFIX}${flag.toUpperCase().replaceAll('-', '_')}`
}

/** `--name value`, `--name=value`, `--flag`, `--no-flag`; a list may be given in several flags. */
function readFlags(
  args: readonly string[],
  options: readonly Option<unknown>[],
  mistakes: AppError<RelayErrorCode>[],
): ReadonlyMap<string, string> {
  const byFlag = new Map<string, OptionType<unknown>>(options.map(({ flag, type }) => [flag, type]))
  byFlag.set(CONFIG_FLAG, parsePath)
  const found = new Map<string, string>()
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] as string
    const { name, value, negated } = splitFlag(argument, byFlag)
    const type = byFlag.get(name)
    if (type === undefined) {
      mistakes.push(unknownOption(argument, [...byFlag.keys()]))
      // its value is no mistake of its own
      if (value === undefined && name !== argument && args[i + 1]?.startsWith('-') === false) i++
      continue
    }
    if (type.isFlag) {
      const next = args[i + 1]
      const word = value === undefined && !negated && next !== undefined && type.words?.includes(next)
      found.set(name, negated ? 'false' : word ? next : (value ?? 'true'))
      if (word) i++
      continue
    }
    const text = value ?? args[++i]
    if (text === undefined || (value === undefined && text.startsWith('--'))) {
      const message = `--${name}: expected ${type.expected}, got nothing. Write --${name} ${type.placeholder}.`
      mistakes.push(relayError('OPTION_VALUE_MISSING', message))
      if (text !== undefined) i-- // the next option
      continue
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

function unknownOption(argument: string, flags: readonly string[]): AppError<RelayErrorCode> {
  const [typed = ''] = argument.replace(/^-+(no-)?/, '').split('=')
  const nearest = nearestName(typed, flags)
  const meant =
    nearest === undefined
      ? `Known are: ${flags.map((flag) => `--${flag}`).join(', ')}.`
      : `Did you mean --${nearest}? "tabland relay --help" lists them all.`
  return relayError('OPTION_UNKNOWN', `Unknown option "${argument.slice(0, 80)}". ${meant}`)
}

interface Place {
  readonly home: string
  readonly cwd: string
}

/** Numbers and truths bare, anything else as a basic string, whose escapes JSON shares. */
function tomlOf(text: string): string {
  return /^(true|false|0|[1-9]\d*)$/.test(text) ? text : JSON.stringify(text)
}

function resolvePath(text: string, { home, cwd }: Place): string {
  const inHome = text === '~' ? home : /^~[\\/]/.test(text) ? join(home, text.slice(2)) : text
  return inHome === '' ? '' : resolve(cwd, inHome)
}
