import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { KeyAnswer, KeysState } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

type Asking = Extract<KeysState, { kind: 'asking' }>

interface PassphraseProps {
  readonly label: string
  readonly value: string
  readonly autoComplete: 'new-password' | 'current-password'
  readonly onInput: (value: string) => void
}

function PassphraseField({ label, value, autoComplete, onInput }: PassphraseProps): JSX.Element {
  return (
    <label class="stack">
      <span>{label}</span>
      <input
        type="password"
        class="field"
        autoComplete={autoComplete}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}

function Question({
  asking,
  onAnswer,
}: {
  readonly asking: Asking
  readonly onAnswer: (answer: KeyAnswer) => void
}): JSX.Element {
  const { what, how, busy, failure } = asking
  const [passphrase, setPassphrase] = useState('')
  const [repeated, setRepeated] = useState('')
  const making = how === 'make'
  const differs = making && repeated !== '' && repeated !== passphrase
  const ready = passphrase !== '' && (!making || repeated === passphrase)
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) onAnswer({ kind: 'passphrase', passphrase })
      }}
    >
      <p>{making ? texts.keys.why : what === 'keys' ? texts.keys.unlockHow : texts.keys.phraseHow}</p>
      <PassphraseField
        label={texts.keys.passphrase}
        value={passphrase}
        autoComplete={making ? 'new-password' : 'current-password'}
        onInput={setPassphrase}
      />
      {making ? (
        <>
          <PassphraseField
            label={texts.keys.repeat}
            value={repeated}
            autoComplete="new-password"
            onInput={setRepeated}
          />
          <p class="caption">{differs ? texts.keys.differs : texts.keys.makeHow}</p>
        </>
      ) : null}
      {failure === undefined || busy ? null : <FailureNote failure={failure} />}
      {busy ? <p role="status">{texts.keys.busy}</p> : null}
      <div class="buttons">
        <Button kind="primary" type="submit" disabled={!ready || busy}>
          {making ? texts.keys.keep : texts.keys.open}
        </Button>
        {what === 'keys' ? (
          <Button disabled={busy} onClick={() => onAnswer({ kind: 'visit' })}>
            {texts.keys.visit}
          </Button>
        ) : null}
        <Button kind="quiet" disabled={busy} onClick={() => onAnswer({ kind: 'decline' })}>
          {texts.common.cancel}
        </Button>
      </div>
      {what === 'keys' ? <p class="caption">{texts.keys.visitHow}</p> : null}
    </form>
  )
}

/** Asks for keys while the peer waits for them: a passphrase, or keys that end with the page. */
export function KeyDialog(): JSX.Element | null {
  const session = useSession()
  const dialog = useRef<HTMLDialogElement>(null)
  const keys = session.state.keys.value
  const asked = keys.kind === 'asking'
  useEffect(() => {
    if (asked && dialog.current?.open === false) dialog.current.showModal()
  }, [asked])
  if (keys.kind !== 'asking') return null
  const answer = (given: KeyAnswer): void => {
    session.tabland.then(
      ({ wallet }) => wallet.answerKeys(given),
      () => undefined, // without a peer nothing asks
    )
  }
  return (
    <dialog
      ref={dialog}
      class="key-dialog"
      aria-labelledby="key-dialog-title"
      onCancel={(event) => {
        event.preventDefault()
        answer({ kind: 'decline' })
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id="key-dialog-title">
        {keys.what === 'keys' ? texts.keys.titles[keys.how] : texts.keys.phraseTitle}
      </h2>
      <Question key={keys.how} asking={keys} onAnswer={answer} />
    </dialog>
  )
}
