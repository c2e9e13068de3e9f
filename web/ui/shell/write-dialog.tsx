import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { WriteAnswer, WriteQuestion } from '#api/wallet-types.ts'
import { formatCybr } from '#core/money.ts'
import { Button } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Row } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { describeWrite } from '../describe-write.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { walletTexts } from '../wallet-texts.ts'
import { writeTexts } from '../write-texts.ts'

/** Trying once more gives the same answer: only another amount or address does not. */
const FOR_GOOD: ReadonlySet<string> = new Set(['TX_CAP', 'TX_BALANCE', 'TX_RECEIVER'])

function Facts({
  question,
  amount,
}: {
  readonly question: WriteQuestion
  readonly amount: string
}): JSX.Element {
  const { chain } = useSession().state.purse.value
  const { intent, wallet, to, contract, maxFeeWei } = question
  const coin = chain?.coin ?? ''
  return (
    <dl class="rows">
      <Row name={writeTexts.amount}>
        <strong>{amount}</strong>
      </Row>
      {to === undefined ? null : (
        <Row name={'to' in intent ? writeTexts.to : writeTexts.contract}>
          {'to' in intent ? (
            <code class="address">{to}</code>
          ) : (
            <Copyable value={to} what={writeTexts.contract} />
          )}
        </Row>
      )}
      {contract === undefined ? null : (
        <Row name={intent.kind === 'send' ? writeTexts.cybrContract : writeTexts.contract}>
          <code class="address">{contract}</code>
        </Row>
      )}
      <Row name={writeTexts.from}>
        {wallet.kind === 'burner' ? writeTexts.burner : wallet.name}
        {' · '}
        <Copyable value={wallet.address} what={walletTexts.address} />
      </Row>
      {maxFeeWei === undefined ? null : (
        <Row name={writeTexts.fee}>{`${formatCybr(maxFeeWei, 6)} ${coin}`}</Row>
      )}
      <Row name={writeTexts.chain}>{chain?.name ?? ''}</Row>
    </dl>
  )
}

function Decide({
  question,
  onAnswer,
}: {
  readonly question: WriteQuestion
  readonly onAnswer: (answer: 'yes' | 'no') => void
}): JSX.Element {
  const { chain } = useSession().state.purse.value
  const { step, wallet, failure, otherChain, signatures } = question
  if (step === 'trying') return <Waiting what={writeTexts.trying} slow={writeTexts.tryingSlow} />
  if (step === 'signing') {
    const what = wallet.kind === 'burner' ? writeTexts.signingHere : writeTexts.signing(wallet.name)
    return (
      <Waiting what={what} slow={wallet.kind === 'burner' ? writeTexts.tryingSlow : writeTexts.signingSlow} />
    )
  }
  const yes =
    failure !== undefined ? writeTexts.again : otherChain ? writeTexts.switchAndSign : writeTexts.sign
  return (
    <>
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
      {failure === undefined && otherChain ? (
        <p class="notice">{writeTexts.otherChain(wallet.name, chain?.name ?? '')}</p>
      ) : null}
      {failure === undefined && signatures === 2 && wallet.kind === 'injected' ? (
        <p class="caption">{writeTexts.twice}</p>
      ) : null}
      <div class="buttons">
        {failure !== undefined && FOR_GOOD.has(failure.code) ? null : (
          <Button kind="primary" onClick={() => onAnswer('yes')}>
            {yes}
          </Button>
        )}
        <Button kind="quiet" onClick={() => onAnswer('no')}>
          {failure === undefined ? texts.common.cancel : writeTexts.leave}
        </Button>
      </div>
    </>
  )
}

/** All that a write does, and what it costs, before anything is signed ([CH16]). */
export function WriteDialog(): JSX.Element | null {
  const session = useSession()
  const dialog = useRef<HTMLDialogElement>(null)
  const { question, chain } = session.state.purse.value
  const described = question === undefined ? undefined : describeWrite(question.intent, chain?.coin ?? '')
  const keys = session.state.keys.value.kind
  const isAsked = described !== undefined && keys !== 'asking'
  useEffect(() => {
    if (isAsked && dialog.current?.open === false) dialog.current.showModal()
    // a passphrase is asked for above it
    else if (!isAsked && dialog.current?.open) dialog.current.close()
  }, [isAsked])
  const answer = (given: WriteAnswer): void => {
    session.tabland.then(
      ({ wallet }) => wallet.answerWrite(given),
      () => undefined, // without a peer nothing asks
    )
  }
  const intent = question?.intent
  const isUnshown = intent !== undefined && described === undefined
  useEffect(() => {
    if (isUnshown) answer('unshown')
  }, [isUnshown, intent])
  if (question === undefined || described === undefined) return null
  return (
    <dialog
      ref={dialog}
      class="key-dialog"
      aria-labelledby="write-dialog-title"
      onCancel={(event) => {
        event.preventDefault()
        answer('no')
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id="write-dialog-title">{described.title}</h2>
      <div class="stack">
        <p>{described.what}</p>
        <Facts question={question} amount={described.amount} />
        <Decide question={question} onAnswer={answer} />
      </div>
    </dialog>
  )
}
