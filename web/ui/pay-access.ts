import type { Tabland } from '#api/types.ts'
import type { PayAccessIntent } from '#api/wallet-types.ts'
import { AppError } from '#core/errors.ts'

export type AccessErrorCode =
  /** the payment did not come into a block, or the chain does not show it yet */
  'ACCESS_UNPAID'

/**
 * Pays to enter or to see something: one Permit transaction, which the page asks about.
 *
 * @returns once it stands in a block
 * @throws an AbortError when the person says no, ACCESS_UNPAID, what `wallet.write` throws
 */
export async function payAccess(
  wallet: Pick<Tabland['wallet'], 'write' | 'settled'>,
  terms: Omit<PayAccessIntent, 'kind'>,
): Promise<void> {
  const { id } = await wallet.write({ kind: 'pay-access', ...terms })
  const { stage, failure } = await wallet.settled(id)
  if (stage === 'mined' || stage === 'final') return
  throw unpaid(
    failure?.message ?? `The payment did not come into a block: it is ${stage}. The wallet panel tells more.`,
  )
}

export function unpaid(message: string): AppError<AccessErrorCode> {
  return new AppError('ACCESS_UNPAID', message)
}
