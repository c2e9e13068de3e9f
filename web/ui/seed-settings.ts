/** Amounts as a person types them. Pure. */

import { MAX_QUOTA_SHARE } from '#core/seeding.ts'

/** Why a typed amount is none. */
export type AmountMistake = 'missing' | 'number' | 'whole' | 'zero'

export interface AmountRule {
  /** base units (bytes, bytes per second, devices) of one shown unit */
  readonly scale: number
  /** an empty field means that there is no limit @default false */
  readonly optional?: boolean
  /** @default false */
  readonly whole?: boolean
}

/** Longest amount read: more digits than any disk needs. */
const MAX_AMOUNT_LENGTH = 16
const AMOUNT = /^\d*[.,]?\d+$|^\d+[.,]$/

/** The amount in base units, undefined for "no limit", or what is wrong with it. `1,5` is one and a half. */
export function readAmount(typed: string, rule: AmountRule): number | undefined | AmountMistake {
  const text = typed.trim()
  if (text === '') return rule.optional === true ? undefined : 'missing'
  if (text.length > MAX_AMOUNT_LENGTH || !AMOUNT.test(text)) return 'number'
  const amount = Number(text.replace(',', '.'))
  if (rule.whole === true && !Number.isInteger(amount)) return 'whole'
  const value = Math.round(amount * rule.scale)
  // a cap of nothing would be a way to turn sharing off by mistake
  return rule.optional === true && value === 0 ? 'zero' : value
}

/** The amount for its field: at most three digits behind the point; empty for "no limit". */
export function showAmount(value: number | undefined, { scale }: AmountRule): string {
  return value === undefined ? '' : String(Math.round((value / scale) * 1000) / 1000)
}

const WALLET_ADDRESS = /^0x[0-9a-fA-F]{40}$/

/** Does a text look like a wallet address? Its checksum is checked where it is saved. */
export function isWalletAddress(text: string): boolean {
  return WALLET_ADDRESS.test(text)
}

const GB = 1e9
/**
 * A quota (bytes, whole GB) with room for all that is pinned and a tenth more; undefined where the browser does not
 * grant as much.
 */
export function roomierQuota(pinnedBytes: number, grantedBytes: number | undefined): number | undefined {
  const quota = Math.ceil((pinnedBytes * 1.1) / GB) * GB
  return grantedBytes === undefined || quota <= grantedBytes * MAX_QUOTA_SHARE ? quota : undefined
}
