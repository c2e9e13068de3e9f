/** A label that wants to be drawn to the right of its dot, in CSS pixels of the picture. */
export interface LabelSpot {
  /** the dot's middle */
  readonly x: number
  readonly y: number
  /** radius of the dot */
  readonly size: number
  /** of the text */
  readonly width: number
  /** who is larger comes first */
  readonly weight: number
}

/** From the edge of a dot to its label. */
export const LABEL_GAP = 3
/** Left free between two labels that lie side by side. */
const SPACE = 8

interface Span {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/**
 * Chooses the labels that are drawn: by weight, each where none before it lies. Labels are of one height, so that each
 * meets only those in the rows of that height which it touches: hundreds cost well under a millisecond.
 */
export function placeLabels<Spot extends LabelSpot>(
  spots: readonly Spot[],
  heightPx: number,
): readonly Spot[] {
  const rows = new Map<number, Span[]>()
  return [...spots]
    .sort((a, b) => b.weight - a.weight)
    .filter((spot) => {
      const span = spanOf(spot, heightPx)
      const touched = rowsOf(span, heightPx).map((row) => listOf(rows, row))
      if (touched.some((row) => row.some((other) => overlaps(span, other)))) return false
      for (const row of touched) row.push(span)
      return true
    })
}

function spanOf({ x, y, size, width }: LabelSpot, height: number): Span {
  const left = x + size + LABEL_GAP
  return { left, right: left + width + SPACE, top: y - height / 2, bottom: y + height / 2 }
}

function overlaps(a: Span, b: Span): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/** A label is as high as a row: it touches two. */
function rowsOf({ top }: Span, height: number): readonly number[] {
  const first = Math.floor(top / height)
  return [first, first + 1]
}

function listOf(rows: Map<number, Span[]>, row: number): Span[] {
  const known = rows.get(row)
  if (known !== undefined) return known
  const list: Span[] = []
  rows.set(row, list)
  return list
}
