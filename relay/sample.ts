import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelPlacement } from '#api/types.ts'
import { AppError } from '#core/errors.ts'
import { type Cell, parcelAt } from '#core/land.ts'
import { MAX_MODEL_BYTES } from '#core/limits.ts'
import { type Definition, DefinitionLinks } from './definition-links.ts'

/**
 * The sample world in the folder `sample/`: what a newcomer of a fresh network meets. Read here; signed and
 * served by sample-world.ts.
 *
 * - `words.tsv`: a line for each definition: words joined by `|`, part of speech, definition, the numbers of
 *   the lines (from 0) that it points to, separated by spaces.
 * - `world.json`: the models with their places and the words that lead to them.
 */

export type SampleErrorCode = 'SAMPLE_INVALID'

/** A few thousand definitions of some 90 characters; ten times that is no sample any more. */
const MAX_WORDS_BYTES = 3_000_000
const MAX_DEFINITIONS = 20_000
const MAX_WORLD_BYTES = 100_000
const MAX_SAMPLE_MODELS = 100
const MAX_MODEL_WORDS = 16

export interface SampleModel {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly cell: Cell
  /** serial of the parcel at `cell` */
  readonly parcel: number
  readonly placement: ModelPlacement
  /** texts that link to the model */
  readonly words: readonly string[]
}

export interface Sample {
  /** contents, each once: words and definitions */
  readonly texts: readonly string[]
  /** pairs of indices into `texts`, each once */
  readonly links: readonly (readonly [from: number, to: number])[]
  readonly models: readonly SampleModel[]
  /** unix ms: the date of its records */
  readonly madeAtMs: number
}

/**
 * Reads and checks the sample world in `folder`.
 *
 * @throws SAMPLE_INVALID with file and line
 */
export async function loadSample(folder: string): Promise<Sample> {
  const words = await readBounded(join(folder, 'words.tsv'), MAX_WORDS_BYTES)
  const world = await readBounded(join(folder, 'world.json'), MAX_WORLD_BYTES)
  const { entries, madeAtMs } = parseWorld(world.toString('utf8'))
  const models = await Promise.all(
    entries.map(async ({ file, ...entry }) => ({
      ...entry,
      bytes: new Uint8Array(await readBounded(join(folder, 'models', file), MAX_MODEL_BYTES)),
    })),
  )
  return { ...parseWords(words.toString('utf8')), models, madeAtMs }
}

async function readBounded(path: string, maxBytes: number): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size <= maxBytes) return await readFile(path)
    throw invalid(`${path} has ${size} bytes; the most is ${maxBytes}`)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw invalid(`${path} cannot be read`, cause)
  }
}

function invalid(what: string, cause?: unknown): AppError<SampleErrorCode> {
  return new AppError('SAMPLE_INVALID', `The sample world is damaged: ${what}. Restore the folder sample/.`, {
    cause,
  })
}

/** Words and definitions as texts, with a link from each word to its definitions and one for each pointer. */
export function parseWords(tsv: string): Pick<Sample, 'texts' | 'links'> {
  const lines = tsv.split('\n')
  if (lines.pop() !== '') throw invalid('words.tsv must end with a line break')
  if (lines.length > MAX_DEFINITIONS)
    throw invalid(`words.tsv has ${lines.length} lines; the most is ${MAX_DEFINITIONS}`)
  const definitions = lines.map((line, at) => parseDefinition(line, at, lines.length))

  const links = new DefinitionLinks()
  for (const definition of definitions) links.addContent(definition)
  for (const [at, definition] of definitions.entries()) links.addLinks(definition, at)
  return links.linked()
}

function parseDefinition(line: string, at: number, count: number): Definition {
  const [names, speech, meaning, targets, ...rest] = line.split('\t')
  if (!names || !speech || !meaning || targets === undefined || rest.length > 0) {
    throw invalid(
      `words.tsv, line ${at + 1}: expected words, part of speech, definition and pointers between tabs`,
    )
  }
  const words = names.split('|')
  const pointers = targets === '' ? [] : targets.split(' ').map(Number)
  if (!pointers.every((pointer) => Number.isInteger(pointer) && pointer >= 0 && pointer < count)) {
    throw invalid(`words.tsv, line ${at + 1}: a pointer leads to no line from 0 to ${count - 1}`)
  }
  return { words, content: `${words[0]} (${speech}): ${meaning}`, pointers }
}

interface WorldEntry extends Omit<SampleModel, 'bytes'> {
  readonly file: string
}

interface World {
  readonly entries: readonly WorldEntry[]
  readonly madeAtMs: number
}

/** The models that world.json names, and its date. */
export function parseWorld(json: string): World {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw invalid('world.json is no JSON', cause)
  }
  const { models, madeAt } = recordOf(value)
  const madeAtMs = typeof madeAt === 'string' ? Date.parse(madeAt) : Number.NaN
  if (!(madeAtMs > 0)) throw invalid('world.json: expected "madeAt", a date such as 2026-11-20T00:00:00Z')
  if (!Array.isArray(models) || models.length > MAX_SAMPLE_MODELS) {
    throw invalid(`world.json: expected "models", a list of at most ${MAX_SAMPLE_MODELS}`)
  }
  const entries = models.map(parseEntry)
  const parcels = new Set(entries.map(({ parcel }) => parcel))
  if (parcels.size !== entries.length) throw invalid('world.json puts two models on one parcel')
  return { entries, madeAtMs }
}

function parseEntry(value: unknown): WorldEntry {
  const { file, cell, placement, words } = recordOf(value)
  if (typeof file !== 'string' || !/^[\w-]+\.glb$/.test(file)) {
    throw invalid('world.json: expected "file", the name of a .glb in sample/models')
  }
  const [x, y] = numbersOf(cell, 2, `${file}: "cell"`) as [number, number]
  const parcel = parcelAt({ x, y })
  if (parcel === undefined) throw invalid(`world.json, ${file}: no parcel is at ${x},${y}`)
  if (
    !Array.isArray(words) ||
    words.length > MAX_MODEL_WORDS ||
    !words.every((word) => typeof word === 'string')
  ) {
    throw invalid(`world.json, ${file}: expected "words", at most ${MAX_MODEL_WORDS} texts`)
  }
  return { name: file, file, cell: { x, y }, parcel, placement: parsePlacement(placement, file), words }
}

function parsePlacement(value: unknown, file: string): ModelPlacement {
  const { position, yawDegrees, scale } = recordOf(value)
  const [x, y, z] = numbersOf(position, 3, `${file}: "position"`) as [number, number, number]
  const [yaw, size] = numbersOf([yawDegrees, scale], 2, `${file}: "yawDegrees" and "scale"`) as [
    number,
    number,
  ]
  return { x, y, z, yawDegrees: yaw, scale: size }
}

function numbersOf(value: unknown, count: number, what: string): number[] {
  if (Array.isArray(value) && value.length === count && value.every(Number.isFinite)) return value
  throw invalid(`world.json, ${what}: expected ${count} numbers`)
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw invalid('world.json: expected an object where something else stands')
}
