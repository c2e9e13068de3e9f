import type { WriteIntent } from '#api/wallet-types.ts'
import { formatCybr } from '#core/money.ts'
import { writeTexts } from './write-texts.ts'

export interface WriteDescription {
  readonly title: string
  readonly what: string
  /** what leaves the wallet, beside the fee */
  readonly amount: string
}

/**
 * What the dialog says of a write; undefined for one that there are no words for, so that it is refused and the page
 * stays whole.
 *
 * @param coin symbol of the chain's coin
 */
export function describeWrite(intent: WriteIntent, coin: string): WriteDescription | undefined {
  try {
    return { title: writeTexts.title(intent), what: writeTexts.what(intent), amount: amountOf(intent, coin) }
  } catch {
    return undefined
  }
}

function amountOf(intent: WriteIntent, coin: string): string {
  if (!('amountWei' in intent)) return writeTexts.nothing
  return `${formatCybr(intent.amountWei, 18)} ${intent.kind === 'send-coin' ? coin : 'CYBR'}`
}
