import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Failure } from '#api/types.ts'
import type { ChainFacts, TransactionState } from '#api/wallet-types.ts'
import { formatCybr } from '#core/money.ts'
import { Button } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { useNow } from '../components/now.ts'
import { Row, Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { formatAgo } from '../format.ts'
import { useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'
import { walletTexts } from '../wallet-texts.ts'
import { writeTexts } from '../write-texts.ts'
import { WalletStake } from './wallet-stake.tsx'

const { money } = walletTexts

function Balance({ chain }: { readonly chain: ChainFacts }): JSX.Element {
  const session = useSession()
  const { balances, failure } = session.state.purse.value
  const [notCollected, setNotCollected] = useState<Failure>()
  const collect = async (kind: 'collect-refund' | 'collect-income'): Promise<void> => {
    setNotCollected(undefined)
    setNotCollected(await startWrite(session, { kind }))
  }
  const refresh = async (): Promise<void> => {
    await (await session.tabland).wallet.balance().catch(() => undefined) // told by the state
  }
  useEffect(() => void refresh(), [])
  if (balances === undefined) {
    return failure === undefined ? (
      <Waiting what={money.reading} slow={money.readingSlow} />
    ) : (
      <MoneyFailure failure={failure} onRetry={() => void refresh()} />
    )
  }
  return (
    <>
      <p class="balance">
        <strong>{formatCybr(balances.cybrWei)}</strong> CYBR
      </p>
      <dl class="rows">
        <Row name={money.forFees}>{`${formatCybr(balances.coinWei)} ${chain.coin}`}</Row>
        {balances.refundWei === 0n ? null : (
          <Row name={money.refund}>
            {`${formatCybr(balances.refundWei)} CYBR `}
            <Button kind="quiet" onClick={() => void collect('collect-refund')}>
              {money.collect}
            </Button>
          </Row>
        )}
        {balances.incomeWei === 0n ? null : (
          <Row name={money.income}>
            {`${formatCybr(balances.incomeWei)} CYBR `}
            <Button kind="quiet" onClick={() => void collect('collect-income')}>
              {money.collect}
            </Button>
          </Row>
        )}
        <Row name={writeTexts.chain}>{chain.name}</Row>
      </dl>
      {notCollected === undefined ? null : <MoneyFailure failure={notCollected} />}
      {failure === undefined ? null : <MoneyFailure failure={failure} onRetry={() => void refresh()} />}
    </>
  )
}

function Faucet(): JSX.Element {
  const session = useSession()
  const [step, setStep] = useState<'idle' | 'asking' | Failure>('idle')
  const ask = async (): Promise<void> => {
    setStep('asking')
    try {
      await (await session.tabland).wallet.faucet()
      setStep('idle')
    } catch (error) {
      setStep(failureOf(error))
    }
  }
  return (
    <div class="stack">
      <p class="caption">{money.faucetHow}</p>
      {typeof step === 'string' ? null : <MoneyFailure failure={step} onRetry={() => void ask()} />}
      <Button icon="plus" disabled={step === 'asking'} onClick={() => void ask()}>
        {step === 'asking' ? money.faucetAsking : money.faucet}
      </Button>
    </div>
  )
}

function Send(): JSX.Element {
  const session = useSession()
  const [to, setTo] = useState('')
  const [amount, setAmount] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const send = async (): Promise<void> => {
    setFailure(undefined)
    try {
      await (await session.tabland).wallet.send(to, amount)
      setTo('')
      setAmount('')
    } catch (error) {
      if (!isAbort(error)) setFailure(failureOf(error))
    }
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <label class="stack">
        <span>{money.to}</span>
        <input
          type="text"
          class="field"
          placeholder="0x…"
          spellcheck={false}
          autoComplete="off"
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <label class="stack">
        <span>{money.amount}</span>
        <input
          type="text"
          class="field"
          inputMode="decimal"
          placeholder="12.5"
          autoComplete="off"
          value={amount}
          onInput={(event) => setAmount(event.currentTarget.value)}
        />
      </label>
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
      <Button type="submit" kind="primary" disabled={to.trim() === '' || amount.trim() === ''}>
        {money.review}
      </Button>
    </form>
  )
}

function Transaction({ transaction }: { readonly transaction: TransactionState }): JSX.Element {
  const now = useNow()
  const { intent, stage, at, hash, block, failure } = transaction
  const isBad = ['reverted', 'replaced', 'dropped', 'unanswered'].includes(stage)
  return (
    <li class="transaction" data-stage={stage}>
      <p>{writeTexts.line(intent)}</p>
      <p class={isBad ? 'notice' : 'caption'} title={writeTexts.stageHow[stage]}>
        {writeTexts.stages[stage]}
        {block === undefined ? null : ` · ${writeTexts.inBlock(block)}`}
        {` · ${formatAgo(at, now)}`}
        {hash === undefined ? null : (
          <>
            {' · '}
            <Copyable value={hash} what={writeTexts.hash} />
          </>
        )}
      </p>
      {stage === 'final' || stage === 'mined' ? null : (
        <p class="caption">{failure?.message ?? writeTexts.stageHow[stage]}</p>
      )}
    </li>
  )
}

function Transactions(): JSX.Element {
  const { transactions } = useSession().state.purse.value
  if (transactions.length === 0) return <p class="caption">{money.none}</p>
  return (
    <ul class="transactions">
      {transactions.slice(0, 30).map((each) => (
        <Transaction key={each.id} transaction={each} />
      ))}
    </ul>
  )
}

/** What the wallet in use holds, sends, and has written ([CH17]); nothing where no chain is configured. */
export function WalletMoney({ isBurner }: { readonly isBurner: boolean }): JSX.Element {
  const { purse, chain: read } = useSession().state
  const { chain } = purse.value
  const { changed } = read.value
  if (chain === undefined) return <p class="caption">{money.noChain}</p>
  return (
    <>
      {changed === undefined ? null : <MoneyFailure failure={changed} />}
      <Section title={money.balance}>
        <Balance chain={chain} />
        {isBurner ? <p class="caption">{money.cap}</p> : null}
        {chain.isTest ? <Faucet /> : null}
      </Section>
      <WalletStake />
      <Section title={money.send}>
        <Send />
      </Section>
      <Section title={money.history}>
        <Transactions />
      </Section>
    </>
  )
}
