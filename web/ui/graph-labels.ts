/** A label that wants to be drawn beside its dot, in CSS pixels of the picture. */
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
const LABEL_GAP = 3
/** Left free between two labels that lie side by side. */
const SPACE = 8

interface Span {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface LabelSizes {
  /** of a label */
  readonly heightPx: number
  /** of the picture */
  readonly pictureWidthPx: number
}

/**
 * Chooses the labels that are drawn, and where each begins: by weight, to the right of its dot or else to its left, where
 * none before it lies. Labels are of one height, so that each meets only those in the rows of that height which it
 * touches: hundreds cost well under a millisecond.
 */
export function placeLabels<Spot extends LabelSpot>(
  spots: readonly Spot[],
  { heightPx, pictureWidthPx }: LabelSizes,
): readonly (Spot & { readonly left: number })[] {
  const rows = new Map<number, Span[]>()
  const placed: (Spot & { readonly left: number })[] = []
  for (const spot of [...spots].sort((a, b) => b.weight - a.weight)) {
    for (const left of sidesOf(spot, pictureWidthPx)) {
      const span = spanOf(spot, left, heightPx)
      const touched = rowsOf(span, heightPx).map((row) => listOf(rows, row))
      if (touched.some((row) => row.some((other) => overlaps(span, other)))) continue
      for (const row of touched) row.push(span)
      placed.push({ ...spot, left })
      break
    }
  }
  return placed
}

/** Where a label may begin, the better place first: whole in the picture where it can be. */
export function sidesOf(
  { x, size, width }: Omit<LabelSpot, 'y' | 'weight'>,
  pictureWidthPx: number,
): readonly number[] {
  const right = x + size + LABEL_GAP
  const sides = [right, x - size - LABEL_GAP - width]
  const whole = sides.filter((left) => left >= 0 && left + width <= pictureWidthPx)
  return whole.length > 0 ? whole : [right]
}

function spanOf({ y, width }: LabelSpot, left: number, height: number): Span {
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
