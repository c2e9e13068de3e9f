import { formatCybr } from '#core/money.ts'

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** How long one payment lets in, in the largest unit that divides it: `30 days`, `for ever` for 0. */
export function formatTermsTime(seconds: number): string {
  if (seconds === 0) return 'for ever'
  const [unit, size] = UNITS.find(([, each]) => seconds % each === 0) ?? UNITS[3]
  const count = seconds / size
  return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`
}

/** `5 CYBR, 30 days`; `free` for a price of 0. */
export function formatTerms(priceWei: bigint, seconds: number): string {
  return priceWei === 0n ? 'free' : `${formatCybr(priceWei)} CYBR, ${formatTermsTime(seconds)}`
}

/** Until when somebody is let in; unix ms, Infinity for ever. */
export function formatUntil(at: number): string {
  return at === Number.POSITIVE_INFINITY ? 'for ever' : `until ${formatMoment(at)}`
}

/** `Jan 3, 2027, 10:00 AM`; unix ms. */
export function formatMoment(at: number): string {
  const format = {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  } as const
  return new Date(at).toLocaleString('en', format)
}
