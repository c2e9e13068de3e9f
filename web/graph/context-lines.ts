import { rankError } from './rank-errors.ts'

/** A name is shown in a sentence up to here. */
const SHOWN = 80

/**
 * Particles by number or, when `names` are given, by name (the particle whose number is the name's place): one a
 * line, or a JSON array. Empty lines are skipped; what repeats counts as often. Numbers out of range are refused by
 * `contextOf`.
 *
 * @throws RANK_CONTEXT with the line that is neither
 */
export function parseContext(text: string, names?: readonly string[]): readonly number[] {
  const numbers = new Map(names?.map((name, number) => [name, number]))
  return entriesOf(text).map((entry, index) => {
    const known = numbers.get(entry)
    if (known !== undefined) return known
    if (/^\d{1,10}$/.test(entry)) return Number(entry)
    const expected = names === undefined ? 'the number of a particle' : 'the number or the name of a particle'
    throw rankError(
      'RANK_CONTEXT',
      `Entry ${index + 1} of the context must be ${expected}, got "${entry.slice(0, SHOWN)}".`,
    )
  })
}

function entriesOf(text: string): readonly string[] {
  if (!text.trimStart().startsWith('[')) {
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  }
  let entries: unknown
  try {
    entries = JSON.parse(text)
  } catch (cause) {
    throw rankError('RANK_CONTEXT', 'The context begins like a JSON array and is none.', { cause })
  }
  return (entries as readonly unknown[]).map(String)
}
