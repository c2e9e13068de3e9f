import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type {
  ProposalFacts,
  ProposalPage,
  ProposedAction,
  ProposedCall,
  VoteSupport,
} from '#api/governance-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import { Button } from '../components/button.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { Copyable } from '../components/copy.tsx'
import { Icon } from '../components/icon.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { useNow } from '../components/now.ts'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { actionText, governanceTexts } from '../governance-texts.ts'
import { ownershipTexts } from '../ownership-texts.ts'
import { useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'

const { list: words } = governanceTexts
const SUPPORTS: readonly VoteSupport[] = ['for', 'against', 'abstain']
/** Pages that are read anew together: whoever goes further back looks for something old. */
const MAX_PAGES = 12

interface Listed extends ProposalPage {
  readonly pages: number
}

/** The newest pages as one. */
async function loadPages({ governance }: Tabland, pages: number): Promise<Listed> {
  let page = await governance.proposals()
  const proposals = [...page.proposals]
  for (let read = 1; read < pages && page.cursor !== undefined; read++) {
    page = await governance.proposals({ cursor: page.cursor })
    proposals.push(...page.proposals)
  }
  return { ...page, proposals, pages }
}

/** What is decided, and where one can say something about it. */
export function ProposalList(): JSX.Element {
  const [pages, setPages] = useState(1)
  const [read, again] = useChainRead((tabland) => loadPages(tabland, pages), {
    version: String(pages),
    blockOf: ({ proposals }) => proposals[0]?.proof.block,
  })
  return (
    <Section title={governanceTexts.tabs.proposals}>
      {read.kind === 'reading' ? (
        <Waiting what={governanceTexts.reading} slow={governanceTexts.readingSlow} />
      ) : read.kind === 'failed' ? (
        <MoneyFailure failure={read.failure} onRetry={again} />
      ) : (
        <>
          <ul class="results">
            {read.value.proposals.map((proposal) => (
              <Proposal key={proposal.id} proposal={proposal} />
            ))}
          </ul>
          <p class="caption">
            {read.value.proposals.length === 0 ? words.empty : words.told(read.value.told)}
          </p>
          {read.value.cursor === undefined || pages >= MAX_PAGES ? null : (
            <Button kind="quiet" onClick={() => setPages(pages + 1)}>
              {words.older}
            </Button>
          )}
        </>
      )}
    </Section>
  )
}

function stageLine({ stage, votingFrom, votingUntil }: ProposalFacts, now: number): string {
  const said = words.stages[stage]
  if (stage === 'pending') return `${said} · ${words.begins(governanceTexts.in(votingFrom, now))}`
  if (stage === 'active') return `${said} · ${words.ends(governanceTexts.in(votingUntil, now))}`
  return `${said} · ${words.ended(governanceTexts.when(votingUntil))}`
}

function Proposal({ proposal }: { readonly proposal: ProposalFacts }): JSX.Element {
  const now = useNow()
  const { kind, description, proposer, mine, actions, moreActions } = proposal
  return (
    <li class="result" data-stage={proposal.stage}>
      <p class="caption">{`${words.kinds[kind]} · ${stageLine(proposal, now)}`}</p>
      <p class="snippet-text">{description}</p>
      <ul class="stack" aria-label={words.does}>
        {actions.map((action, index) => (
          <Action key={index} action={action} />
        ))}
      </ul>
      {moreActions === 0 ? null : <p class="notice">{words.more(moreActions)}</p>}
      <Tally proposal={proposal} />
      <Next proposal={proposal} now={now} />
      <p class="caption">
        {`${words.by} `}
        {mine ? words.you : <Copyable value={proposer} what={words.proposer} />}
      </p>
      <Proof proposal={proposal} />
    </li>
  )
}

function Action({ action }: { readonly action: ProposedAction | ProposedCall }): JSX.Element {
  const session = useSession()
  const reason = 'reason' in action && action.reason.startsWith('Qm') ? action.reason : undefined
  return (
    <li>
      <strong>{actionText(action)}</strong>
      {reason === undefined ? null : (
        <>
          {' '}
          <Button kind="quiet" onClick={() => session.showResult(reason, '')}>
            {words.reason}
          </Button>
        </>
      )}
    </li>
  )
}

function Tally({ proposal }: { readonly proposal: ProposalFacts }): JSX.Element | null {
  const { kind, tally, quorum, stage } = proposal
  if (stage === 'pending') return null
  const all = SUPPORTS.reduce((sum, support) => sum + tally[support], 0n)
  return (
    <div class="tally">
      {SUPPORTS.map((support) => (
        <div key={support} class="tally-row">
          <span>{words.supports[support]}</span>
          <span class="bar" aria-hidden="true">
            <span
              class="bar-fill"
              // a thousandth is finer than what is drawn
              style={{
                transform: `scaleX(${all === 0n ? 0 : Number((tally[support] * 1_000n) / all) / 1_000})`,
              }}
            />
          </span>
          <span class="number">{words.tally(kind, tally[support])}</span>
        </div>
      ))}
      {quorum === undefined ? null : (
        <p class="caption">
          {words.quorum(words.tally(kind, tally.for + tally.abstain), words.tally(kind, quorum))}
        </p>
      )}
    </div>
  )
}

/** A title for dialogs: the first line of what its proposer wrote. */
function titleOf({ description }: ProposalFacts): string {
  return description.split('\n')[0]!.trim()
}

function Next({
  proposal,
  now,
}: {
  readonly proposal: ProposalFacts
  readonly now: number
}): JSX.Element | null {
  const session = useSession()
  const [failure, setFailure] = useState<Failure>()
  const write = async (intent: WriteIntent): Promise<void> => {
    setFailure(undefined)
    setFailure(await startWrite(session, intent))
  }
  const { stage, mine, calls, readyAt = 0 } = proposal
  const carry = (step: 'queue' | 'execute' | 'cancel') => () =>
    void write({ kind: 'carry-proposal', step, title: titleOf(proposal), calls })
  return (
    <>
      {stage === 'active' ? <Ballot proposal={proposal} write={write} /> : null}
      {stage === 'pending' && mine ? <Button onClick={carry('cancel')}>{words.cancel}</Button> : null}
      {stage === 'succeeded' ? (
        <>
          <p class="caption">{words.queueHow}</p>
          <Button kind="primary" onClick={carry('queue')}>
            {words.queue}
          </Button>
        </>
      ) : null}
      {stage !== 'queued' ? null : readyAt > now ? (
        <p class="caption">{words.ready(governanceTexts.in(readyAt, now))}</p>
      ) : (
        <Button kind="primary" onClick={carry('execute')}>
          {words.execute}
        </Button>
      )}
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
    </>
  )
}

function Ballot({
  proposal,
  write,
}: {
  readonly proposal: ProposalFacts
  readonly write: (intent: WriteIntent) => Promise<void>
}): JSX.Element {
  const { id, kind, own } = proposal
  const title = titleOf(proposal)
  if (own === undefined) return <p class="caption">{governanceTexts.own.noWallet}</p>
  if (own.hasVoted) return <p class="caption">{words.voted}</p>
  if (own.votes === 0n) return <p class="caption">{words.noVotes}</p>
  return (
    <>
      <p class="caption">{words.yours(governanceTexts.own.votes(kind, own.votes))}</p>
      <div class="buttons">
        {SUPPORTS.map((support) => (
          <Button
            key={support}
            kind={support === 'for' ? 'primary' : 'plain'}
            label={words.vote(words.supports[support], title)}
            onClick={() => void write({ kind: 'cast-vote', proposal: id, title, support })}
          >
            {words.supports[support]}
          </Button>
        ))}
      </div>
    </>
  )
}

function Proof({ proposal }: { readonly proposal: ProposalFacts }): JSX.Element {
  const { block, agreeing, sources } = proposal.proof
  return (
    <p class="verified-at">
      <Icon name="verified" size={16} />
      <span title={words.verifiedHow}>{words.verifiedAt(block)}</span>
      <span class="caption">{ownershipTexts.sources(agreeing, sources)}</span>
    </p>
  )
}
