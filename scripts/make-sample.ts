// Makes sample/words.tsv, the readable part of WordNet that the sample world begins with:
//   node scripts/make-sample.ts FOLDER
// FOLDER holds WordNet 3.0 as a graph of synsets: names.txt (`moon; Moon (n)`), gloss.txt (a definition), both
// one line per synset, and graph.csr (format of `tabland rank --graph`), a link for each pointer.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CsrGraph, parseCsr } from '#graph/rank-csr.ts'
import { SPEECH } from '#relay/wordnet/parse-wordnet.ts'
import { ROOT } from './lib/root.ts'
import { SEED_WORDS } from './lib/sample-seeds.ts'

const SYNSETS = 3_000
/** Content stays below MAX_QUERY_BYTES, so that it travels as a small text. */
const MAX_GLOSS_CHARACTERS = 200
const MAX_WORDS = 3
const MAX_WORD_CHARACTERS = 24
const MAX_POINTERS = 12

/** What one does not want to meet first; WordNet marks most of it in its glosses. */
const UNFIT =
  /offensive|disparag|derogat|obscen|vulgar|slang|ethnic|racial|sexual|genital|intercourse|prostitut|murder|rape|suicid|execut|tortur|narcotic|heroin|cocaine|cancer|tumou?r|nazi|genocid|excrement|f[ae]ces|urin|anus|buttock|breast|nude|slave|terroris|corpse|syphilis/i

interface Synset {
  readonly words: readonly string[]
  readonly speech: string
  readonly gloss: string
}

function parseSynset(name: string, gloss: string): Synset | undefined {
  const [, words = '', tag = ''] = /^(.*) \((\w)\)$/.exec(name) ?? []
  const speech = SPEECH[tag]
  const definition = gloss.split(/; ?"/)[0]?.replaceAll('`', "'").trim() ?? ''
  const readable = words
    .split('; ')
    .filter((word) => word.length <= MAX_WORD_CHARACTERS && /^[A-Za-z][A-Za-z' -]*$/.test(word))
    .slice(0, MAX_WORDS)
  if (speech === undefined || readable.length === 0 || UNFIT.test(`${words} ${gloss}`)) return undefined
  if (definition === '' || definition.length > MAX_GLOSS_CHARACTERS || /[\t\n]/.test(definition))
    return undefined
  return { words: readable, speech, gloss: definition }
}

/**
 * Grows from the synsets of the seed words: next comes whatever most of the chosen ones point to or are
 * pointed at from, plain names before learned ones, so that the part hangs together and reads well.
 */
function choose(synsets: readonly (Synset | undefined)[], graph: CsrGraph): number[] {
  const neighbours = undirected(graph)
  const score = new Float64Array(synsets.length)
  const chosen = new Set<number>()
  const take = (node: number): void => {
    chosen.add(node)
    const near = neighbours[node] ?? []
    // One of three hundred kinds of tree says less than one of four parts of a wheel.
    for (const next of near) score[next] = (score[next] ?? 0) + 1 / Math.sqrt(near.length)
  }
  synsets.forEach((synset, node) => {
    if (synset?.speech === 'noun' && synset.words.some((word) => SEED_WORDS.has(word))) take(node)
  })
  while (chosen.size < SYNSETS) {
    let best = -1
    let bestWorth = 0
    for (let node = 0; node < synsets.length; node++) {
      const synset = synsets[node]
      if (synset === undefined || score[node] === 0 || chosen.has(node)) continue
      const worth = (score[node] ?? 0) * plainness(synset)
      if (worth > bestWorth) [best, bestWorth] = [node, worth]
    }
    if (best === -1) break
    take(best)
  }
  return [...chosen].sort((a, b) => a - b)
}

/** A factor around 1: short lower-case words are the ones that people know. */
function plainness({ words, speech }: Synset): number {
  const [first = ''] = words
  const learned = /[A-Z]/.test(first) ? 0.3 : 1
  const compound = /[ -]/.test(first) ? 0.5 : 1
  return learned * compound * (speech === 'noun' ? 1 : 0.6) * (8 / (4 + first.length))
}

function undirected({ particles, offsets, targets }: CsrGraph): number[][] {
  const lists: number[][] = Array.from({ length: particles }, () => [])
  for (let from = 0; from < particles; from++) {
    for (let at = offsets[from] ?? 0; at < (offsets[from + 1] ?? 0); at++) {
      const to = targets[at] ?? 0
      lists[from]?.push(to)
      lists[to]?.push(from)
    }
  }
  return lists
}

/** One line per synset: words joined by `|`, part of speech, definition, line numbers it points to. */
function format(
  chosen: readonly number[],
  synsets: readonly (Synset | undefined)[],
  graph: CsrGraph,
): string {
  const lineOf = new Map(chosen.map((node, line) => [node, line]))
  const lines = chosen.map((node) => {
    const { words, speech, gloss } = synsets[node] as Synset
    const targets = [...graph.targets.subarray(graph.offsets[node], graph.offsets[node + 1])]
    const pointers = targets.flatMap((target) => lineOf.get(target) ?? []).slice(0, MAX_POINTERS)
    return [words.join('|'), speech, gloss, pointers.join(' ')].join('\t')
  })
  return `${lines.join('\n')}\n`
}

async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined) {
    console.error(
      'Usage: node scripts/make-sample.ts FOLDER (with names.txt, gloss.txt and graph.csr of WordNet 3.0)',
    )
    return 1
  }
  const read = async (name: string) => (await readFile(join(folder, name), 'utf8')).split('\n')
  const [names, glosses] = await Promise.all([read('names.txt'), read('gloss.txt')])
  const graph = parseCsr(await readFile(join(folder, 'graph.csr')))
  const synsets = names.slice(0, graph.particles).map((name, node) => parseSynset(name, glosses[node] ?? ''))
  const chosen = choose(synsets, graph)
  const text = format(chosen, synsets, graph)
  await writeFile(join(ROOT, 'sample/words.tsv'), text)
  const words = new Set(chosen.flatMap((node) => synsets[node]?.words ?? []))
  console.log(`${chosen.length} definitions, ${words.size} words, ${text.length} characters`)
  return 0
}

process.exit(await main(process.argv[2]))
