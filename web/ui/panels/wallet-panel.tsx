import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure, WalletState } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { Panel, Row, Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

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
      setStep({ kind: 'failed', failure: failureOf(error) })
    }
  }
  switch (step.kind) {
    case 'hidden':
      return <Button onClick={() => setStep({ kind: 'asking' })}>{texts.wallet.showPhrase}</Button>
    case 'asking':
      return (
        <div class="stack">
          <p class="notice">{texts.wallet.phraseWarning}</p>
          <div class="buttons">
            <Button kind="danger" onClick={() => void read()}>
              {texts.wallet.phraseConfirm}
            </Button>
            <Button onClick={() => setStep({ kind: 'hidden' })}>{texts.common.cancel}</Button>
          </div>
        </div>
      )
    case 'reading':
      return <Waiting what={texts.wallet.phraseLoading} slow={texts.wallet.noneSlow} />
    case 'failed':
      return <FailureNote failure={step.failure} onRetry={() => void read()} />
    case 'shown':
      return (
        <div class="stack">
          <ol class="phrase" aria-label={texts.wallet.phrase}>
            {step.words.map((word, index) => (
              <li key={`${index}-${word}`}>{word}</li>
            ))}
          </ol>
          <Button onClick={() => setStep({ kind: 'hidden' })}>{texts.wallet.hidePhrase}</Button>
        </div>
      )
  }
}

function Keys({ wallet }: { readonly wallet: WalletState }): JSX.Element {
  const keys = useSession().state.keys.value
  return (
    <>
      <dl class="rows">
        <Row name={texts.wallet.address}>
          <Copyable value={wallet.address} what={texts.wallet.address} />
        </Row>
        <Row name={texts.wallet.device}>
          <Copyable value={wallet.device} what={texts.wallet.device} />
        </Row>
      </dl>
      <p class="caption">{texts.wallet.addressHow}</p>
      <p class="caption">{keys.kind === 'browser' ? texts.wallet.deviceHow : texts.wallet.deviceSealed}</p>
      {keys.kind === 'open' ? (
        <p class={keys.kept ? 'caption' : 'notice'}>{keys.kept ? texts.keys.kept : texts.keys.visitOnly}</p>
      ) : null}
      <Section title={wallet.burner ? texts.wallet.burner : texts.wallet.injected}>
        {wallet.burner ? (
          <>
            <p>{texts.wallet.burnerHow}</p>
            <Phrase />
          </>
        ) : null}
      </Section>
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
      {failure === undefined ? null : <FailureNote failure={failure} onRetry={() => void open()} />}
      <Button kind="primary" onClick={() => void open()}>
        {texts.keys.openNow}
      </Button>
    </div>
  )
}

/** The wallet that signs for this person, and the backup of one that was made here. */
export function WalletPanel(): JSX.Element {
  const session = useSession()
  const wallet = session.state.wallet.value
  const failed = session.startFailure.value
  const keys = session.state.keys.value.kind
  return (
    <Panel place="panel" title={texts.wallet.title} onClose={session.closePanel}>
      {wallet !== undefined ? (
        <Keys wallet={wallet} />
      ) : failed !== undefined ? (
        <FailureNote failure={failed} />
      ) : keys === 'closed' || keys === 'asking' ? (
        <ClosedKeys />
      ) : (
        <Waiting what={texts.wallet.none} slow={texts.wallet.noneSlow} />
      )}
    </Panel>
  )
}
