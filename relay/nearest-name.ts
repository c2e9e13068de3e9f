import { distance } from 'fastest-levenshtein'

/** Fewer letters begin too many names. */
const MIN_PREFIX = 3

/** The name that was meant by one that is none: a slip of a letter or two away, or the only one that begins so. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  const typed = text.toLowerCase()
  const most = typed.length <= 3 ? 1 : typed.length <= 8 ? 2 : 3
  let nearest: { readonly name: string; readonly edits: number } | undefined
  for (const name of names) {
    // more letters differ than are meant to
    if (Math.abs(name.length - typed.length) > most) continue
    const edits = distance(typed, name.toLowerCase())
    if (edits <= most && edits < typed.length && edits < (nearest?.edits ?? Number.POSITIVE_INFINITY)) {
      nearest = { name, edits }
    }
  }
  if (nearest !== undefined) return nearest.name
  const longer = names.filter((name) => typed.length >= MIN_PREFIX && name.toLowerCase().startsWith(typed))
  return longer.length === 1 ? longer[0] : undefined
}

/** ` (did you mean …?)`, or nothing where no name is near. */
export function didYouMean(
  text: string,
  names: readonly string[],
  show: (name: string) => string = (name) => name,
): string {
  const nearest = nearestName(text, names)
  return nearest === undefined ? '' : ` (did you mean ${show(nearest)}?)`
}
