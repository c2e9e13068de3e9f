import { AppError } from './errors.ts'

export type MoneyErrorCode = 'AMOUNT_INVALID' | 'AMOUNT_TOO_LARGE' | 'AMOUNT_DECIMALS'

/** CYBR and the coins of EVM chains have 18 decimals. */
const DECIMALS = 18
const UNIT = 10n ** BigInt(DECIMALS)
/**
 * CYBR that a wallet made in a tab pays at once, at most: whoever serves the page could take it, so that it is for small
 * things ([CH16]). A first bid and an entrance lie far below.
 */
export const BURNER_CAP_WEI = 1_000n * UNIT
/** 10¹² of anything is more than there is of it. */
const MAX_WHOLE_DIGITS = 12

/** An amount in 10⁻¹⁸ as people read it, rounded down to `decimals`: `1,250.5`; what is less than that is `<0.0001`. */
export function formatCybr(wei: bigint, decimals = 4): string {
  if (wei < 0n) return `−${formatCybr(-wei, decimals)}`
  const step = 10n ** BigInt(DECIMALS - decimals)
  if (wei !== 0n && wei < step) return `<${formatCybr(step, decimals)}`
  const whole = (wei / UNIT).toLocaleString('en')
  const rest = ((wei % UNIT) / step).toString().padStart(decimals, '0').replace(/0+$/, '')
  return rest === '' ? whole : `${whole}.${rest}`
}

/**
 * An amount as people write it, `12.5`, exactly, in 10⁻¹⁸. Commas stand for thousands here and for fractions there: a
 * thousandfold of what was meant is not guessed.
 *
 * @throws AMOUNT_INVALID for what is no number or not above zero, AMOUNT_TOO_LARGE, AMOUNT_DECIMALS for more decimals
 * than the currency has
 */
export function parseAmount(text: string): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text.trim())
  const whole = match?.[1]
  const fraction = match?.[2] ?? ''
  if (text.includes(',')) {
    throw new AppError<MoneyErrorCode>(
      'AMOUNT_INVALID',
      `"${text.slice(0, 40)}" has a comma, which may stand for thousands or for a fraction: write a point before the fraction and nothing between thousands, such as 1250.5.`,
    )
  }
  if (whole === undefined) {
    throw new AppError<MoneyErrorCode>(
      'AMOUNT_INVALID',
      `"${text.slice(0, 40)}" is no amount: expected a number such as 12.5, with at most ${MAX_WHOLE_DIGITS} digits before and ${DECIMALS} after the point.`,
    )
  }
  if (whole.length > MAX_WHOLE_DIGITS) {
    throw new AppError<MoneyErrorCode>(
      'AMOUNT_TOO_LARGE',
      `The amount has ${whole.length} digits before the point; at most ${MAX_WHOLE_DIGITS} are taken, which is more than there is.`,
    )
  }
  if (fraction.length > DECIMALS) {
    throw new AppError<MoneyErrorCode>(
      'AMOUNT_DECIMALS',
      `The amount has ${fraction.length} digits after the point, and the currency has ${DECIMALS}. Leave out the rest.`,
    )
  }
  const wei = BigInt(whole) * UNIT + BigInt(fraction.padEnd(DECIMALS, '0'))
  if (wei > 0n) return wei
  throw new AppError<MoneyErrorCode>('AMOUNT_INVALID', 'The amount is zero. Give one above it.')
}
