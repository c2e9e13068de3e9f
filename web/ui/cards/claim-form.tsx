import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Failure } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { ownershipTexts } from '../ownership-texts.ts'
import { useSession } from '../session.ts'

/** Claims a plot that was given away, by the list of its giveaway, which is checked before anything is asked. */
export function ClaimForm({ parcel }: { readonly parcel: number }): JSX.Element {
  const session = useSession()
  const input = useRef<HTMLInputElement>(null)
  const [step, setStep] = useState<'idle' | 'checking' | Failure>('idle')
  const claim = async (list: File): Promise<void> => {
    setStep('checking')
    try {
      const { wallet } = await session.tabland
      const intent = await wallet.readClaim(list, parcel)
      setStep('idle')
      await wallet.write(intent)
    } catch (error) {
      setStep(isAbort(error) ? 'idle' : failureOf(error))
    }
  }
  return (
    <div class="stack">
      <p class="caption">{ownershipTexts.giveawayHow}</p>
      {step === 'checking' ? (
        <Waiting what={ownershipTexts.claimChecking} slow={ownershipTexts.readingSlow} />
      ) : (
        <Button kind="primary" icon="file" onClick={() => input.current?.click()}>
          {ownershipTexts.claim}
        </Button>
      )}
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden
        aria-label={ownershipTexts.claimFile}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file !== undefined) void claim(file)
        }}
      />
      {typeof step === 'string' ? null : (
        <MoneyFailure failure={step} onRetry={() => input.current?.click()} />
      )}
    </div>
  )
}
