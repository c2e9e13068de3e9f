import { distance } from 'fastest-levenshtein'
import { type Bytes, utf8 } from '#core/bytes.ts'
import { bytesCid, type Cid, normaliseText, parseDigest, textCid } from '#core/cid.ts'
import { AppError } from '#core/errors.ts'
import { MAX_LINKS, MAX_QUERY_BYTES } from '#core/limits.ts'
import { digestKey } from './particle-table.ts'

export type TextErrorCode = 'TEXT_TOO_LONG' | 'TEXT_INVALID' | 'TEXT_FORGED' | 'TEXTS_FULL'

/** Texts known to one tab: WordNet's 265,000 words and meanings and as many more, 120 MB when each has 50 letters. */
export const MAX_TEXTS = MAX_LINKS / 4
/** [KG21] */
const MAX_EDIT_DISTANCE = 2
/** A longer text is something that people find, not something they type. */
const MAX_SUGGESTED_LENGTH = 48

interface Entry {
  readonly text: string
  /** as people mean it: NFC, lower case */
  readonly folded: string
  readonly key: string
}

export interface SuggestOptions {
  readonly limit: number
  /** rank of the particle of this key; undefined when it is not in the graph */
  readonly rankOf: (key: string) => bigint | undefined
}

/**
 * The small texts that particles stand for: what makes a digest readable and a search forgiving ([KG21]). Derived
 * from content by hash, so nobody has to be trusted for it.
 */
export class TextIndex {
  readonly #entries = new Map<string, Entry>()
  /** texts that are not lower case already, by what they are in it */
  readonly #cased = new Map<string, string[]>()
  /** entries short enough to be suggested, by their length */
  readonly #byLength: Entry[][] = []

  get size(): number {
    return this.#entries.size
  }

  /**
   * Adds a text under the CID that its bytes give. Returns false when it was known.
   *
   * @throws TEXT_TOO_LONG, TEXT_INVALID (no UTF-8), TEXT_FORGED (other bytes than the CID's), TEXTS_FULL
   */
  add(cid: Cid, bytes: Uint8Array): boolean {
    const text = checkText(cid, bytes)
    const key = digestKey(parseDigest(cid))
    if (this.#entries.has(key)) return false
    if (this.#entries.size >= MAX_TEXTS) {
      throw textError('TEXTS_FULL', `This tab knows ${MAX_TEXTS} texts and takes no more.`)
    }
    const entry = { text, folded: fold(text), key }
    this.#entries.set(key, entry)
    if (entry.folded !== text) addTo(this.#cased, entry.folded, text)
    if (text.length <= MAX_SUGGESTED_LENGTH) {
      this.#byLength[entry.folded.length] ??= []
      this.#byLength[entry.folded.length]!.push(entry)
    }
    return true
  }

  /** Known texts that differ from this one in upper and lower case alone. */
  sameLetters(text: string): readonly string[] {
    const folded = fold(normaliseText(text))
    const lower = this.get(digestKey(parseDigest(textCid(folded))))
    const cased = this.#cased.get(folded) ?? []
    return lower === undefined ? cased : [lower, ...cased]
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  get(key: string): string | undefined {
    return this.#entries.get(key)?.text
  }

  /** The very bytes that the particle is the CID of. */
  bytes(key: string): Bytes | undefined {
    const text = this.get(key)
    return text === undefined ? undefined : utf8(text)
  }

  /**
   * Texts that begin with the prefix, by rank; then those within two edits of it, by distance and rank. Only texts
   * whose particle is in the graph: others would find nothing.
   */
  suggest(prefix: string, { limit, rankOf }: SuggestOptions): readonly string[] {
    const wanted = fold(normaliseText(prefix))
    if (wanted === '') return []
    const found: Suggestion[] = []
    const take = (entry: Entry, edits: number): void => {
      const rank = rankOf(entry.key)
      if (rank !== undefined) found.push({ text: entry.text, distance: edits, rank })
    }
    for (const entry of this.#ofLengths(wanted.length, MAX_SUGGESTED_LENGTH)) {
      if (entry.folded.startsWith(wanted)) take(entry, 0)
    }
    // counting edits costs fifty times a look at the beginning: only who has not found enough pays for it
    if (found.length < limit) {
      const allowed = allowedEdits(wanted)
      for (const entry of this.#ofLengths(wanted.length - allowed, wanted.length + allowed)) {
        if (entry.folded.startsWith(wanted)) continue
        const edits = distance(wanted, entry.folded)
        if (edits <= allowed) take(entry, edits)
      }
    }
    found.sort((a, b) => a.distance - b.distance || compareRank(a.rank, b.rank) || (a.text < b.text ? -1 : 1))
    return found.slice(0, limit).map(({ text }) => text)
  }

  *#ofLengths(from: number, to: number): Generator<Entry> {
    for (let length = Math.max(0, from); length <= to; length++) yield* this.#byLength[length] ?? []
  }
}

interface Suggestion {
  readonly text: string
  /** 0 for a prefix, else the edit distance */
  readonly distance: number
  readonly rank: bigint
}

/** Two edits away from a word of two letters is every other one. */
function allowedEdits(wanted: string): number {
  return Math.min(MAX_EDIT_DISTANCE, Math.floor(wanted.length / 2))
}

function addTo(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

function compareRank(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? 1 : -1
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

function checkText(cid: Cid, bytes: Uint8Array): string {
  if (bytes.length > MAX_QUERY_BYTES) {
    throw textError(
      'TEXT_TOO_LONG',
      `A text of a particle has at most ${MAX_QUERY_BYTES} bytes, got ${bytes.length}.`,
    )
  }
  if (bytesCid(bytes) !== cid) {
    throw textError(
      'TEXT_FORGED',
      `The bytes given for ${cid} are those of ${bytesCid(bytes)}. They were dropped.`,
    )
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw textError('TEXT_INVALID', `${cid} is no text: its bytes are not UTF-8.`, cause)
  }
}

function textError(code: TextErrorCode, message: string, cause?: unknown): AppError<TextErrorCode> {
  return new AppError(code, message, { cause })
}
