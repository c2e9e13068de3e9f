import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure } from '#api/types.ts'
import { failureOf, isAbort } from '../failure.ts'
import { payAccess } from '../pay-access.ts'
import { saleTexts } from '../sale-texts.ts'
import { useSession } from '../session.ts'
import { formatTerms, formatUntil } from '../terms.ts'
import { Button } from './button.tsx'
import { MoneyFailure } from './money-failure.tsx'
import { useSale } from './use-sale.ts'
import { Waiting } from './waiting.tsx'

type Step = 'idle' | 'paying' | Failure

export interface UnlockProps {
  /** base58 */
  readonly object: string
  /** address of its owner */
  readonly author: string
  /** it may be asked for now */
  readonly onOpen: () => void
}

/** Pays for what is restricted, then has it opened ([CH7]); nothing where it is not for sale, or one's own. */
export function Unlock({ object, author, onOpen }: UnlockProps): JSX.Element | null {
  const session = useSession()
  const sale = useSale(object, author)
  const [step, setStep] = useState<Step>('idle')
  if (sale === undefined || !sale.isForSale || sale.mine) return null
  const { entry, priceWei, durationMs, paidUntil } = sale.offer
  const pay = async (): Promise<void> => {
    setStep('paying')
    try {
      const { wallet } = await session.tabland
      const terms = { amountWei: priceWei, durationSeconds: durationMs / 1_000 }
      await payAccess(wallet, { thing: 'model', id: sale.model, ...terms })
      setStep('idle')
      onOpen()
    } catch (error) {
      setStep(isAbort(error) ? 'idle' : failureOf(error))
    }
  }
  const terms = formatTerms(priceWei, durationMs / 1_000)
  return (
    <div class="stack">
      {step === 'paying' ? (
        <Waiting what={saleTexts.paying} slow={saleTexts.payingSlow} />
      ) : entry === 'unpaid' ? (
        <>
          <p>{saleTexts.sold}</p>
          <Button kind="primary" onClick={() => void pay()}>
            {saleTexts.unlockFor(terms)}
          </Button>
        </>
      ) : (
        <>
          <p>{paidUntil === undefined ? saleTexts.free : saleTexts.paid(formatUntil(paidUntil))}</p>
          <Button kind="primary" onClick={onOpen}>
            {saleTexts.open}
          </Button>
        </>
      )}
      {typeof step === 'string' ? null : <MoneyFailure failure={step} onRetry={() => void pay()} />}
    </div>
  )
}
