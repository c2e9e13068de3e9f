/** A meaning, the words for it, and the meanings that it points to (by their places). */
export interface Definition {
  readonly words: readonly string[]
  readonly content: string
  readonly pointers: readonly number[]
}

type Pair = readonly [from: number, to: number]

export interface LinkedTexts {
  /** contents, each once: meanings first, then words */
  readonly texts: readonly string[]
  /** pairs of indices into `texts`, each once: words to their meanings, meanings to those that they point to */
  readonly links: readonly Pair[]
}

/** Both ends of a link in one double. */
const PAIR_SHIFT = 2 ** 26

/** Turns definitions into texts and links: all contents first, then what links to and from them. */
export class DefinitionLinks {
  readonly #places = new Map<string, number>()
  readonly #contents: number[] = []
  readonly #seen = new Set<number>()
  readonly #links: Pair[] = []

  addContent({ content }: Pick<Definition, 'content'>): void {
    this.#contents.push(this.#intern(content))
  }

  /** `at` = its place among the contents */
  addLinks({ words, pointers }: Pick<Definition, 'words' | 'pointers'>, at: number): void {
    const to = this.#contents[at]!
    for (const word of words) this.#link(this.#intern(word), to)
    for (const pointer of pointers) this.#link(to, this.#contents[pointer]!)
  }

  linked(): LinkedTexts {
    return { texts: [...this.#places.keys()], links: this.#links }
  }

  #intern(text: string): number {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.#places.size)
    return this.#places.size - 1
  }

  #link(from: number, to: number): void {
    const pair = from * PAIR_SHIFT + to
    if (from === to || this.#seen.has(pair)) return
    this.#seen.add(pair)
    this.#links.push([from, to])
  }
}
