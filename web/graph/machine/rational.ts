/** Exact fractions of whole numbers: what parameters of a machine are held as ([KG5]). No float enters. */
export interface Rational {
  readonly numerator: bigint
  /** above 0 */
  readonly denominator: bigint
}

/** `17/20`, or `3` for a whole number: in lowest terms, so that one value has one text. */
export function formatRational({ numerator, denominator }: Rational): string {
  return denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`
}

/** Reads what {@link formatRational} writes, with at most 20 digits a side; undefined for anything else. */
export function parseRational(text: string): Rational | undefined {
  const parts = /^(\d{1,20})(?:\/(\d{1,20}))?$/.exec(text)
  if (parts === null) return undefined
  const value = { numerator: BigInt(parts[1]!), denominator: BigInt(parts[2] ?? '1') }
  return value.denominator > 0n && formatRational(reduce(value)) === text ? value : undefined
}

/** In lowest terms. */
export function reduce({ numerator, denominator }: Rational): Rational {
  let [a, b] = [numerator, denominator]
  while (b !== 0n) [a, b] = [b, a % b]
  return { numerator: numerator / a, denominator: denominator / a }
}

/** Negative when a < b, 0 when they are the same. */
export function compareRationals(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** ⌈whole · factor⌉ */
export function multiplyUp(whole: bigint, { numerator, denominator }: Rational): bigint {
  return (whole * numerator + denominator - 1n) / denominator
}
