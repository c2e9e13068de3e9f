import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure, WalletState } from '#api/types.ts'
import type { WalletOffer } from '#api/wallet-types.ts'
import { Button } from '../components/button.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { useSession } from '../session.ts'
import { walletTexts } from '../wallet-texts.ts'

const { connect } = walletTexts

type Step =
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting'; readonly offer: WalletOffer }
  | { readonly kind: 'failed'; readonly offer: WalletOffer; readonly failure: Failure }

function OfferIcon({ icon }: WalletOffer): JSX.Element | null {
  return icon === undefined ? null : <img class="wallet-icon" src={icon} alt="" width={20} height={20} />
}

/** Wallets of this browser, each with what using it means before anything is asked of it. */
function Offers(): JSX.Element {
  const session = useSession()
  const [step, setStep] = useState<Step>({ kind: 'idle' })
  const { offers } = session.state.purse.value
  const use = async (offer: WalletOffer): Promise<void> => {
    setStep({ kind: 'waiting', offer })
    try {
      await (await session.tabland).wallet.connect(offer.rdns)
      setStep({ kind: 'idle' })
    } catch (error) {
      setStep(isAbort(error) ? { kind: 'idle' } : { kind: 'failed', offer, failure: failureOf(error) })
    }
  }
  if (offers.length === 0) return <p class="caption">{connect.none}</p>
  if (step.kind === 'waiting') {
    return <Waiting what={connect.waiting(step.offer.name)} slow={connect.waitingSlow} />
  }
  return (
    <div class="stack">
      <p class="caption">{connect.how}</p>
      {step.kind === 'failed' ? (
        <MoneyFailure failure={step.failure} onRetry={() => void use(step.offer)} />
      ) : null}
      {offers.map((offer) => (
        <div key={offer.rdns} class="inline">
          <OfferIcon {...offer} />
          <Button icon="wallet" onClick={() => void use(offer)}>
            {connect.use(offer.name)}
          </Button>
        </div>
      ))}
    </div>
  )
}

function Leave(): JSX.Element {
  const session = useSession()
  const [failure, setFailure] = useState<Failure>()
  const leave = async (): Promise<void> => {
    try {
      await (await session.tabland).wallet.disconnect()
    } catch (error) {
      if (!isAbort(error)) setFailure(failureOf(error))
    }
  }
  return (
    <div class="stack">
      <p class="caption">{connect.leaveHow}</p>
      {failure === undefined ? null : <MoneyFailure failure={failure} onRetry={() => void leave()} />}
      <Button onClick={() => void leave()}>{connect.leave}</Button>
    </div>
  )
}

/** Which wallet signs: one of the browser's in place of the one made here, or back. */
export function WalletChoice({ wallet }: { readonly wallet: WalletState | undefined }): JSX.Element {
  const { connected } = useSession().state.purse.value
  if (wallet === undefined || wallet.burner) {
    return (
      <Section title={connect.title}>
        {wallet !== undefined || connected === undefined ? null : (
          <>
            <p>{connect.closed(connected)}</p>
            <Leave />
          </>
        )}
        <Offers />
      </Section>
    )
  }
  return (
    <Section
      title={wallet.name === undefined ? walletTexts.injectedUnnamed : walletTexts.injected(wallet.name)}
    >
      <p>{walletTexts.injectedHow}</p>
      <Leave />
    </Section>
  )
}
