import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure } from '#api/types.ts'
import type { StakeBalance, StakeIntent } from '#api/wallet-types.ts'
import { formatCybr, parseAmount } from '#core/money.ts'
import { Button } from '../components/button.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { useNow } from '../components/now.ts'
import { Row, Section } from '../components/panel.tsx'
import { failureOf } from '../failure.ts'
import { formatDuration } from '../format.ts'
import { useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'
import { formatTermsTime } from '../terms.ts'
import { walletTexts } from '../wallet-texts.ts'

const { stake: texts } = walletTexts

/** What is on its way back, and from when it can be collected. */
function Returning({
  stake: { returningWei, freeAt },
  onCollect,
}: {
  readonly stake: StakeBalance
  readonly onCollect: () => void
}): JSX.Element {
  const leftMs = freeAt * 1_000 - useNow()
  return (
    <Row name={texts.returning}>
      {`${formatCybr(returningWei)} CYBR `}
      {leftMs > 0 ? (
        <span class="caption">{texts.freeIn(formatDuration(leftMs))}</span>
      ) : (
        <Button kind="quiet" onClick={onCollect}>
          {texts.collect}
        </Button>
      )}
    </Row>
  )
}

/** Stakes CYBR for the links of the wallet in use, and takes it back; nothing where the chain has no stakes. */
export function WalletStake(): JSX.Element | null {
  const session = useSession()
  const stake = session.state.purse.value.balances?.stake
  const [amount, setAmount] = useState('')
  const [failure, setFailure] = useState<Failure>()
  if (stake === undefined) return null
  const write = async (intentOf: () => StakeIntent): Promise<void> => {
    setFailure(undefined)
    try {
      setFailure(await startWrite(session, intentOf()))
    } catch (error) {
      setFailure(failureOf(error)) // what was typed is no amount
    }
  }
  const { stakedWei, returningWei, delaySeconds } = stake
  const isEmpty = amount.trim() === ''
  return (
    <Section title={texts.title}>
      <dl class="rows">
        <Row name={texts.staked}>{`${formatCybr(stakedWei)} CYBR`}</Row>
        {returningWei === 0n ? null : (
          <Returning stake={stake} onCollect={() => void write(() => ({ kind: 'collect-stake' }))} />
        )}
      </dl>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void write(() => ({ kind: 'stake', amountWei: parseAmount(amount), delaySeconds }))
        }}
      >
        <label class="stack">
          <span>{walletTexts.money.amount}</span>
          <input
            type="text"
            class="field"
            inputMode="decimal"
            placeholder="100"
            autoComplete="off"
            value={amount}
            onInput={(event) => setAmount(event.currentTarget.value)}
          />
        </label>
        {failure === undefined ? null : <MoneyFailure failure={failure} />}
        <div class="buttons">
          <Button type="submit" kind="primary" disabled={isEmpty}>
            {texts.stake}
          </Button>
          <Button
            disabled={isEmpty || stakedWei === 0n}
            onClick={() =>
              void write(() => ({ kind: 'unstake', amountWei: parseAmount(amount), delaySeconds }))
            }
          >
            {texts.unstake}
          </Button>
        </div>
      </form>
      <p class="caption">{texts.how(formatTermsTime(delaySeconds))}</p>
    </Section>
  )
}
