import { utf8 } from '#core/bytes.ts'
import { MAX_QUERY_BYTES } from '#core/limits.ts'
import { DefinitionLinks, type LinkedTexts } from '../definition-links.ts'
import { wordnetError } from './wordnet-error.ts'

/** The parts of WordNet's database: data.noun, data.verb, data.adj and data.adv. */
export const WORDNET_PARTS = ['noun', 'verb', 'adj', 'adv'] as const
export type WordNetPart = (typeof WORDNET_PARTS)[number]

/** data.noun of WordNet 3.0 has 15.3 MB and 82,115 synsets; a half more is no WordNet that we know. */
export const MAX_PART_BYTES = 24_000_000
const MAX_SYNSETS = 200_000
/** Words, and pointers, of one synset: WordNet's largest has 28 and 675. */
const MAX_FIELDS = 4_096
/** Lines read between two pauses: some 10 ms. */
const LINES_PER_PAUSE = 1_000

/** Words for WordNet's one-letter types of synsets. */
export const SPEECH: Readonly<Record<string, string>> = {
  n: 'noun',
  v: 'verb',
  a: 'adjective',
  s: 'adjective',
  r: 'adverb',
}
/** Satellite adjectives stand among the other ones. */
const FILE_OF: Readonly<Record<string, string>> = { n: 'n', v: 'v', a: 'a', s: 'a', r: 'r' }

export interface WordNet extends LinkedTexts {
  readonly synsets: number
}

interface Synset {
  readonly words: readonly string[]
  readonly content: string
  /** keys of synsets */
  readonly pointers: readonly string[]
}

/**
 * WordNet's database (wndb(5WN)) as texts and links. A meaning reads as in the sample world: the first word, its part
 * of speech, the definition.
 *
 * @throws WORDNET_INVALID with file and line
 */
export async function parseWordNet(
  parts: Readonly<Record<WordNetPart, string>>,
  pause: () => Promise<void>,
): Promise<WordNet> {
  const synsets = new Map<string, Synset>()
  for (const part of WORDNET_PARTS) {
    const lines = parts[part].split('\n')
    for (let at = 0; at < lines.length; at++) {
      if (at % LINES_PER_PAUSE === 0) await pause()
      const line = lines[at]!
      // the licence stands before, in lines that begin with two spaces
      if (line === '' || line.startsWith('  ')) continue
      const { key, synset } = parseSynset(line, `data.${part}, line ${at + 1}`)
      synsets.set(key, synset)
      if (synsets.size > MAX_SYNSETS) throw wordnetError(`it has more than ${MAX_SYNSETS} synsets`)
    }
  }
  return { ...(await linkSynsets(synsets, pause)), synsets: synsets.size }
}

async function linkSynsets(
  synsets: ReadonlyMap<string, Synset>,
  pause: () => Promise<void>,
): Promise<LinkedTexts> {
  const places = new Map([...synsets.keys()].map((key, place) => [key, place]))
  const links = new DefinitionLinks()
  for (const synset of synsets.values()) links.addContent(synset)
  let at = 0
  for (const [key, { words, pointers }] of synsets) {
    const targets = pointers.map((pointer) => {
      const place = places.get(pointer)
      if (place === undefined) throw wordnetError(`synset ${key} points to ${pointer}, which is not there`)
      return place
    })
    links.addLinks({ words, pointers: targets }, at)
    if (++at % LINES_PER_PAUSE === 0) await pause()
  }
  return links.linked()
}

function parseSynset(line: string, where: string): { readonly key: string; readonly synset: Synset } {
  const [data = '', gloss] = split(line, ' | ')
  const fields = data.trimEnd().split(' ')
  const [offset = '', , type = '', wordCount = ''] = fields
  const speech = SPEECH[type]
  const words = readCount(wordCount, 16, where)
  const firstPointer = 4 + 2 * words + 1
  const pointers = readCount(fields[firstPointer - 1] ?? '', 10, where)
  const isWhole = fields.length >= firstPointer + 4 * pointers && gloss !== undefined
  if (!/^\d{8}$/.test(offset) || speech === undefined || words === 0 || !isWhole) {
    throw wordnetError(`${where} is no synset`)
  }
  const names = Array.from({ length: words }, (_, at) => nameOf(fields[4 + 2 * at]!))
  const targets = Array.from({ length: pointers }, (_, at) => {
    const [, target, file = ''] = fields.slice(firstPointer + 4 * at)
    return `${FILE_OF[file]}${target}`
  })
  const content = cut(`${names[0]} (${speech}): ${definitionOf(gloss)}`)
  return { key: `${FILE_OF[type]}${offset}`, synset: { words: names, content, pointers: targets } }
}

function split(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}

function readCount(text: string, radix: 10 | 16, where: string): number {
  const count = /^[0-9a-f]{2,4}$/.test(text) ? Number.parseInt(text, radix) : Number.NaN
  if (count <= MAX_FIELDS) return count
  throw wordnetError(`${where} counts its words or pointers wrongly`)
}

/** `take_a_breath`, `alone(p)` */
function nameOf(word: string): string {
  return word.replace(/\((?:a|p|ip)\)$/, '').replaceAll('_', ' ')
}

/** Examples stand after it, in quotes. */
function definitionOf(gloss: string): string {
  const definition = gloss.split(/; ?"/)[0] ?? ''
  return definition.replaceAll('`', "'").trim()
}

/** To what travels as a small text. Some hundred meanings are longer. */
function cut(content: string): string {
  if (utf8(content).length <= MAX_QUERY_BYTES) return content
  let characters = [...content].slice(0, MAX_QUERY_BYTES - 3)
  while (utf8(characters.join('')).length > MAX_QUERY_BYTES - 3) characters = characters.slice(0, -1)
  return `${characters.join('').trimEnd()}…`
}
