import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { OwnVotes, ProposalKind, VotingPower } from '#api/governance-types.ts'
import type { Failure } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Row, Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { shorten } from '../format.ts'
import { governanceTexts } from '../governance-texts.ts'
import { useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'

const { own: words } = governanceTexts

function Votes({
  kind,
  votes,
  address,
  onFailure,
}: {
  readonly kind: ProposalKind
  readonly votes: OwnVotes
  readonly address: string
  readonly onFailure: (failure: Failure | undefined) => void
}): JSX.Element {
  const session = useSession()
  const { holds, delegate, isOwnDelegate } = votes
  const mayTake = holds > 0n && !isOwnDelegate
  const take = async (): Promise<void> => {
    onFailure(undefined)
    onFailure(await startWrite(session, { kind: 'delegate-votes', votes: kind, delegatee: address }))
  }
  return (
    <>
      <Row name={words[kind]}>{words.votes(kind, votes.votes)}</Row>
      {mayTake ? (
        <div class="stack">
          <p class={delegate === undefined ? 'notice' : 'caption'}>
            {delegate === undefined ? words.uncounted(holds) : words.delegated(shorten(delegate))}
          </p>
          <Button onClick={() => void take()}>{words.delegateSelf(kind)}</Button>
        </div>
      ) : null}
    </>
  )
}

function Power({ power }: { readonly power: VotingPower }): JSX.Element {
  const [failure, setFailure] = useState<Failure>()
  return (
    <>
      <dl class="rows">
        {(['land', 'token'] as const).map((kind) => (
          <Votes key={kind} kind={kind} votes={power[kind]} address={power.address} onFailure={setFailure} />
        ))}
      </dl>
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
    </>
  )
}

/** Votes of the wallet in use, proved, and how to make them count. */
export function OwnVotesSection(): JSX.Element {
  const [read, again] = useChainRead(({ governance }) => governance.votes(), {
    blockOf: (power) => power?.proof.block,
  })
  return (
    <Section title={words.title}>
      {read.kind === 'reading' ? (
        <Waiting what={governanceTexts.reading} slow={governanceTexts.readingSlow} />
      ) : read.kind === 'failed' ? (
        <MoneyFailure failure={read.failure} onRetry={again} />
      ) : read.value === undefined ? (
        <p class="caption">{words.noWallet}</p>
      ) : (
        <Power power={read.value} />
      )}
    </Section>
  )
}
