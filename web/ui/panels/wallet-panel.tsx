import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure, WalletState } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Panel, Row } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { walletTexts } from '../wallet-texts.ts'
import { WalletChoice } from './wallet-connect.tsx'
import { WalletMoney } from './wallet-money.tsx'
import { BurnerCare } from './wallet-phrase.tsx'

function Keys({ wallet }: { readonly wallet: WalletState }): JSX.Element {
  const keys = useSession().state.keys.value
  return (
    <>
      <dl class="rows">
        <Row name={walletTexts.address}>
          <Copyable value={wallet.address} what={walletTexts.address} />
        </Row>
        <Row name={walletTexts.device}>
          <Copyable value={wallet.device} what={walletTexts.device} />
        </Row>
      </dl>
      <p class="caption">{walletTexts.addressHow}</p>
      <p class="caption">{keys.kind === 'browser' ? walletTexts.deviceHow : walletTexts.deviceSealed}</p>
      {keys.kind === 'open' ? (
        <p class={keys.kept ? 'caption' : 'notice'}>{keys.kept ? texts.keys.kept : texts.keys.visitOnly}</p>
      ) : null}
      <WalletMoney isBurner={wallet.burner} />
      {wallet.burner ? <BurnerCare wallet={wallet} /> : null}
      <WalletChoice wallet={wallet} />
    </>
  )
}

/** Keys of a page from disk, before they were asked for. */
function ClosedKeys(): JSX.Element {
  const session = useSession()
  const [failure, setFailure] = useState<Failure>()
  const open = async (): Promise<void> => {
    setFailure(undefined)
    try {
      await (await session.tabland).wallet.address()
    } catch (error) {
      if (!isAbort(error)) setFailure(failureOf(error))
    }
  }
  return (
    <div class="stack">
      <p>{texts.keys.closed}</p>
      {failure === undefined ? null : <MoneyFailure failure={failure} onRetry={() => void open()} />}
      <Button kind="primary" onClick={() => void open()}>
        {texts.keys.openNow}
      </Button>
    </div>
  )
}

/** A profile that has signed nothing yet. */
function NoWallet(): JSX.Element {
  const session = useSession()
  const [step, setStep] = useState<'idle' | 'making' | Failure>('idle')
  const make = async (): Promise<void> => {
    setStep('making')
    try {
      await (await session.tabland).wallet.address()
    } catch (error) {
      setStep(isAbort(error) ? 'idle' : failureOf(error))
    }
  }
  if (step === 'making') return <Waiting what={walletTexts.none} slow={walletTexts.noneSlow} />
  return (
    <>
      <div class="stack">
        <p>{walletTexts.noneYet}</p>
        {step === 'idle' ? null : <MoneyFailure failure={step} onRetry={() => void make()} />}
        <Button kind="primary" icon="wallet" onClick={() => void make()}>
          {walletTexts.make}
        </Button>
      </div>
      <WalletChoice wallet={undefined} />
    </>
  )
}

/** The wallet that signs for this person, and the backup of one that was made here. */
export function WalletPanel(): JSX.Element {
  const session = useSession()
  const wallet = session.state.wallet.value
  const failed = session.startFailure.value
  const keys = session.state.keys.value.kind
  return (
    <Panel place="panel" title={walletTexts.title} onClose={session.closePanel}>
      {wallet !== undefined ? (
        <Keys wallet={wallet} />
      ) : failed !== undefined ? (
        <MoneyFailure failure={failed} />
      ) : keys === 'closed' || keys === 'asking' ? (
        <ClosedKeys />
      ) : (
        <NoWallet />
      )}
    </Panel>
  )
}
