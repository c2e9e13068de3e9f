import { readFileSync, statSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import { relayError } from './errors.ts'

/** A configuration is a page of text; more is another file. */
const MAX_CONFIG_BYTES = 64 * 1024

/** One option of the file. */
export interface FileEntry {
  readonly text: string
  /** from 1 */
  readonly line: number
}

/**
 * Options of a TOML file, `port = 8080`, named as the flags are; lists may be arrays. Values stay text: they are
 * checked where flags and variables are.
 *
 * @throws CONFIG_FILE, OPTION_UNKNOWN
 */
export function readConfigFile(path: string, known: readonly string[]): ReadonlyMap<string, FileEntry> {
  const text = readBounded(path)
  const table = parseToml(text, path)
  return new Map(
    Object.entries(table).map(([name, value]) => {
      if (!known.includes(name)) {
        throw relayError(
          'OPTION_UNKNOWN',
          `Unknown option "${name.slice(0, 80)}" in ${path} (line ${lineOf(text, name)}). Known are: ${known.join(', ')}.`,
        )
      }
      return [name, { text: toText(value, name, path), line: lineOf(text, name) }]
    }),
  )
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
    const where = cause instanceof TomlError ? ` in line ${cause.line}` : ''
    throw relayError(
      'CONFIG_FILE',
      `The configuration ${path} is no TOML${where}. Write lines such as port = 8080.`,
      { cause },
    )
  }
}

/** The parser tells no positions; an option's name stands once, at the beginning of its line. */
function lineOf(text: string, name: string): number {
  const start = new RegExp(`^\\s*["'[]?${name.replace(/[^\w-]/g, '.')}["']?\\s*[=\\].]`)
  return text.split('\n').findIndex((line) => start.test(line)) + 1 || 1
}

function toText(value: unknown, name: string, path: string): string {
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value)
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value.join(',')
  throw relayError(
    'CONFIG_FILE',
    `${name} in ${path}: expected a text, a number, true, false or a list of texts.`,
  )
}
