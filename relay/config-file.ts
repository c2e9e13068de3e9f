import { readFileSync, statSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import { type AppError, isAppError } from '#core/errors.ts'
import { type RelayErrorCode, relayError } from './errors.ts'
import { nearestName } from './nearest-name.ts'

/** A configuration is a page of text; more is another file. */
const MAX_CONFIG_BYTES = 64 * 1024

/** One option of the file. */
export interface FileEntry {
  readonly text: string
  /** from 1 */
  readonly line: number
}

export interface ConfigFile {
  /** by the option's name */
  readonly entries: ReadonlyMap<string, FileEntry>
  /** CONFIG_FILE, OPTION_UNKNOWN: all that is wrong; nothing is read of a file that is no TOML */
  readonly mistakes: readonly AppError<RelayErrorCode>[]
}

/**
 * Options of a TOML file, `port = 8080`, named as the flags are; lists may be arrays. Values stay text: they are
 * checked where flags and variables are.
 */
export function readConfigFile(path: string, known: readonly string[]): ConfigFile {
  const entries = new Map<string, FileEntry>()
  const mistakes: AppError<RelayErrorCode>[] = []
  const attempt = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      if (!isAppError<RelayErrorCode>(error)) throw error
      mistakes.push(error)
    }
  }
  attempt(() => {
    const text = readBounded(path)
    for (const [name, value] of Object.entries(parseToml(text, path))) {
      const line = lineOf(text, name)
      attempt(() => {
        if (!known.includes(name))
          throw unknownOption(name, { value, known, where: `${path} (line ${line})` })
        entries.set(name, { text: toText(value, name, `${path} (line ${line})`), line })
      })
    }
  })
  return { entries, mistakes }
}

interface UnknownInit {
  readonly value: unknown
  readonly known: readonly string[]
  /** path and line */
  readonly where: string
}

function unknownOption(name: string, { value, known, where }: UnknownInit): AppError<RelayErrorCode> {
  const isSection = typeof value === 'object' && value !== null && !Array.isArray(value)
  const nearest = nearestName(name.replaceAll('_', '-'), known)
  const meant = isSection
    ? `Options stand without a section: leave [${name.slice(0, 80)}] out.`
    : nearest === undefined
      ? `Known are: ${known.join(', ')}.`
      : `Did you mean ${nearest}?`
  const what = isSection ? 'Unknown section' : 'Unknown option'
  return relayError('OPTION_UNKNOWN', `${what} "${name.slice(0, 80)}" in ${where}. ${meant}`)
}

function readBounded(path: string): string {
  try {
    if (statSync(path).size <= MAX_CONFIG_BYTES) return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code)
    throw relayError('CONFIG_FILE', `Cannot read the configuration ${path}: ${why}.`, { cause })
  }
  throw relayError('CONFIG_FILE', `The configuration ${path} has more than ${MAX_CONFIG_BYTES} bytes.`)
}

function parseToml(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text)
  } catch (cause) {
    throw relayError(
      'CONFIG_FILE',
      `The configuration ${path} is no TOML${cause instanceof TomlError ? syntaxTrouble(text, cause) : ''}. Write lines such as port = 8080 or host = "::1".`,
      { cause },
    )
  }
}

/** ` in line 3 (host = localhost): …` */
function syntaxTrouble(text: string, { line, message }: TomlError): string {
  const [why = ''] = message.replace(/^Invalid TOML document: /, '').split('\n')
  const written = text.split(/\r?\n/)[line - 1]?.trim().slice(0, 80) ?? ''
  return ` in line ${line}${written === '' ? '' : ` (${written})`}: ${why}`
}

/** The parser tells no positions; an option's name stands once, at the beginning of its line. */
function lineOf(text: string, name: string): number {
  const start = new RegExp(`^\\s*["'[]?${name.replace(/[^\w-]/g, '.')}["']?\\s*[=\\].]`)
  return text.split('\n').findIndex((line) => start.test(line)) + 1 || 1
}

function toText(value: unknown, name: string, where: string): string {
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value)
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value.join(',')
  throw relayError(
    'CONFIG_FILE',
    `${name} in ${where}: expected a text, a number, true, false or a list of texts.`,
  )
}
