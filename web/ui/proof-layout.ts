import type { VerifiedRank } from '#api/machine-types.ts'

/** A hash of the drawn path; `x` and `y` of its middle. */
export interface DrawnHash {
  readonly kind: 'leaf' | 'way' | 'sibling' | 'root'
  /** 64 hexadecimal digits */
  readonly hash: string
  readonly x: number
  readonly y: number
}

export interface DrawnPath {
  readonly width: number
  readonly height: number
  readonly hashes: readonly DrawnHash[]
  /** from a hash up to the one that it is hashed into: x1, y1, x2, y2 */
  readonly lines: readonly (readonly [number, number, number, number])[]
}

/** Fits a result card on a phone. */
export const PATH_WIDTH = 296
export const BOX_WIDTH = 92
export const BOX_HEIGHT = 20
const LEVEL = 36
const MARGIN = 12

/**
 * The way of a rank to its root as a drawing: the root on top, each hash of the way below it where the tree has it, left
 * or right of the one that the proof brings.
 */
export function layoutPath({ leaf, path }: Pick<VerifiedRank, 'leaf' | 'path'>): DrawnPath {
  const height = path.length * LEVEL + 2 * MARGIN
  const left = MARGIN + BOX_WIDTH / 2
  const right = PATH_WIDTH - left
  const middle = PATH_WIDTH / 2
  const yOf = (level: number): number => height - MARGIN - level * LEVEL
  const xOf = (level: number): number => {
    const step = path[level]
    return step === undefined ? middle : step.side === 'left' ? right : left
  }
  const way = [leaf, ...path.map(({ hash }) => hash)].map(
    (hash, level): DrawnHash => ({
      kind: level === path.length ? 'root' : level === 0 ? 'leaf' : 'way',
      ...{ hash, x: xOf(level), y: yOf(level) },
    }),
  )
  const siblings = path.map(
    ({ sibling, side }, level): DrawnHash => ({
      ...{ kind: 'sibling', hash: sibling, x: side === 'left' ? left : right, y: yOf(level) },
    }),
  )
  const lines = path.flatMap((_, level) =>
    [way[level]!, siblings[level]!].map(
      ({ x, y }) => [x, y - BOX_HEIGHT / 2, xOf(level + 1), yOf(level + 1) + BOX_HEIGHT / 2] as const,
    ),
  )
  return { width: PATH_WIDTH, height, hashes: [...siblings, ...way], lines }
}
