/** Bytes of a content: `start` inclusive, `end` exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Sixteen digits are more than any file has bytes, and exact as a number. */
const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/

/**
 * Reads a `Range` header for a content of `total` bytes (RFC 9110 §14). Undefined for one that is to be ignored: several
 * ranges, another unit, or nothing that makes sense; 'none' for one that no byte satisfies.
 */
export function parseByteRange(
  header: string | null | undefined,
  total: number,
): ByteRange | 'none' | undefined {
  const match = RANGE.exec(header?.trim() ?? '')
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first === '') {
    const start = Math.max(0, total - Number(last))
    return start === total ? 'none' : { start, end: total }
  }
  const start = Number(first)
  const end = last === '' ? total : Math.min(Number(last) + 1, total)
  if (last !== '' && Number(last) < start) return undefined
  return start >= total ? 'none' : { start, end }
}
