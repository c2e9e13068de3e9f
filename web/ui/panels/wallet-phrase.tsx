import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure, WalletState } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { walletTexts } from '../wallet-texts.ts'

type PhraseStep =
  | { readonly kind: 'hidden' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'reading' }
  | { readonly kind: 'shown'; readonly words: readonly string[] }
  | { readonly kind: 'failed'; readonly failure: Failure }

function Phrase(): JSX.Element {
  const session = useSession()
  const [step, setStep] = useState<PhraseStep>({ kind: 'hidden' })
  const read = async (): Promise<void> => {
    setStep({ kind: 'reading' })
    try {
      const phrase = await (await session.tabland).wallet.exportPhrase()
      setStep({ kind: 'shown', words: phrase.split(' ') })
    } catch (error) {
      setStep(isAbort(error) ? { kind: 'hidden' } : { kind: 'failed', failure: failureOf(error) })
    }
  }
  switch (step.kind) {
    case 'hidden':
      return <Button onClick={() => setStep({ kind: 'asking' })}>{walletTexts.showPhrase}</Button>
    case 'asking':
      return (
        <div class="stack">
          <p class="notice">{walletTexts.phraseWarning}</p>
          <div class="buttons">
            <Button kind="danger" onClick={() => void read()}>
              {walletTexts.phraseConfirm}
            </Button>
            <Button onClick={() => setStep({ kind: 'hidden' })}>{texts.common.cancel}</Button>
          </div>
        </div>
      )
    case 'reading':
      return <Waiting what={walletTexts.phraseLoading} slow={walletTexts.noneSlow} />
    case 'failed':
      return <MoneyFailure failure={step.failure} onRetry={() => void read()} />
    case 'shown':
      return (
        <div class="stack">
          <ol class="phrase" aria-label={walletTexts.phrase}>
            {step.words.map((word, index) => (
              <li key={`${index}-${word}`}>{word}</li>
            ))}
          </ol>
          <Button onClick={() => setStep({ kind: 'hidden' })}>{walletTexts.hidePhrase}</Button>
        </div>
      )
  }
}

type ProtectStep =
  | { readonly kind: 'idle' | 'typing' | 'busy' }
  | { readonly kind: 'failed'; readonly failure: Failure }

function Protect({ sealed }: { readonly sealed: boolean }): JSX.Element {
  const session = useSession()
  const [step, setStep] = useState<ProtectStep>({ kind: 'idle' })
  const [passphrase, setPassphrase] = useState('')
  const set = async (): Promise<void> => {
    setStep({ kind: 'busy' })
    try {
      await (await session.tabland).wallet.protect(passphrase)
      setPassphrase('')
      setStep({ kind: 'idle' })
    } catch (error) {
      setStep(isAbort(error) ? { kind: 'idle' } : { kind: 'failed', failure: failureOf(error) })
    }
  }
  if (step.kind === 'busy') return <p role="status">{walletTexts.protect.busy}</p>
  if (step.kind === 'idle') {
    return (
      <div class="stack">
        <p class="caption">{sealed ? walletTexts.protect.done : walletTexts.protect.how}</p>
        <Button onClick={() => setStep({ kind: 'typing' })}>
          {sealed ? walletTexts.protect.change : walletTexts.protect.set}
        </Button>
      </div>
    )
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void set()
      }}
    >
      <label class="stack">
        <span>{walletTexts.protect.field}</span>
        <input
          type="password"
          class="field"
          autoComplete="new-password"
          value={passphrase}
          onInput={(event) => setPassphrase(event.currentTarget.value)}
        />
      </label>
      <p class="caption">{texts.keys.makeHow}</p>
      {step.kind === 'failed' ? <MoneyFailure failure={step.failure} /> : null}
      <div class="buttons">
        <Button kind="primary" type="submit" disabled={passphrase === ''}>
          {walletTexts.protect.save}
        </Button>
        <Button onClick={() => setStep({ kind: 'idle' })}>{texts.common.cancel}</Button>
      </div>
    </form>
  )
}

/** Backup and guard of the wallet that was made in this tab ([CH16]). */
export function BurnerCare({ wallet }: { readonly wallet: WalletState }): JSX.Element {
  const keys = useSession().state.keys.value.kind
  return (
    <>
      <Section title={walletTexts.burner}>
        <p>{walletTexts.burnerHow}</p>
        <Phrase />
      </Section>
      {keys === 'open' ? null : (
        <Section title={walletTexts.protect.title}>
          <Protect sealed={wallet.sealed} />
        </Section>
      )}
    </>
  )
}
