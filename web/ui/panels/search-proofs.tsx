import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Failure } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { Copyable, copyText } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { Icon } from '../components/icon.tsx'
import { useNow } from '../components/now.ts'
import { Row } from '../components/panel.tsx'
import { ProofPath } from '../components/proof-path.tsx'
import { describeFailure, failureOf } from '../failure.ts'
import { formatAgo, formatShare, shorten } from '../format.ts'
import {
  createProofStore,
  type ProofStore,
  type ProofView,
  provenPageOf,
  type ShownProof,
} from '../proof-store.ts'
import { proofTexts } from '../proof-texts.ts'
import { type Session, useSession } from '../session.ts'

/** Results that are newer than the block are asked for again: blocks come every few seconds. */
const NEXT_BLOCK_MS = 5_000
/** A minute is no age for a block: between two there may be nothing to order. */
const SHOWN_AGE_MS = 60_000
/** All peer ids begin alike. */
const PEER_LETTERS = { head: 8, tail: 8 }

const stores = new WeakMap<Session, ProofStore>()

/** One for the page: the line above the results and their badges show the same. */
function useProofs(): ProofStore {
  const session = useSession()
  const known = stores.get(session)
  if (known !== undefined) return known
  const store = createProofStore(session.tabland, session.state.machine)
  stores.set(session, store)
  return store
}

function lineOf(view: ProofView): string {
  switch (view.status) {
    case 'own':
      return proofTexts.own
    case 'checking':
      return proofTexts.checking
    case 'nobody':
      return proofTexts.nobody
    case 'failed':
      return describeFailure(view.failure).says
    case 'done': {
      const { total, block } = view.page
      if (total === 0) return proofTexts.verifiedNone(block.height)
      return total === 1 ? proofTexts.verifiedOne(block.height) : proofTexts.verified(block.height, total)
    }
  }
}

/** How far the results are proven: under which block, who was refused, and what an orderer did wrong. */
export function ProofLine({
  particle,
  total,
}: {
  readonly particle: string
  /** results that this tab knows: when there are more, the block may have them too */
  readonly total: number
}): JSX.Element {
  const session = useSession()
  const proofs = useProofs()
  const { isNamed, refused, forks, falseStakes, other } = session.state.machine.value
  const now = useNow()
  const view = proofs.view.value
  const isBehind = view.status === 'done' && view.page.total < total
  // another number of results is a reason to ask again
  useEffect(() => void proofs.look(particle), [proofs, particle, total, isNamed])
  useEffect(() => {
    if (!isBehind) return
    const timer = setInterval(() => void proofs.look(particle), NEXT_BLOCK_MS)
    return () => clearInterval(timer)
  }, [proofs, particle, isBehind])
  const { search } = session
  useEffect(() => search.prove(provenPageOf(view)), [search, view])
  const fork = forks.at(-1)
  return (
    <div class="proof-line caption" role="status">
      <p>{lineOf(view)}</p>
      {view.status === 'done' && now >= view.page.oldAt ? (
        <p class="proof-old">{proofTexts.old(formatAgo(view.page.block.time, now))}</p>
      ) : null}
      {view.status === 'done' && view.page.stakes === 'unchecked' ? (
        <p class="proof-old">{proofTexts.unchecked}</p>
      ) : null}
      {falseStakes.map(({ block: { hash, height, orderer }, failure }) => (
        <p key={hash} class="proof-refused" title={failure.message}>
          {proofTexts.falseStakes(height, shorten(orderer))}
        </p>
      ))}
      {refused.map(({ peer, at, failure }) => (
        <p key={`${peer} ${at}`} class="proof-refused" title={failure.message}>
          {proofTexts.refused(shorten(peer, PEER_LETTERS))}
        </p>
      ))}
      {fork === undefined ? null : (
        <p class="proof-refused proof-forked">
          <span>{proofTexts.forked(fork.height)}</span>
          <Button kind="quiet" onClick={() => session.open('rank')}>
            {proofTexts.forkedMore}
          </Button>
        </p>
      )}
      {other === undefined ? null : <p class="proof-refused">{proofTexts.other}</p>}
    </div>
  )
}

/** Is this result's rank verified? Opened, it shows how. */
export function RankBadge({ cid }: { readonly cid: string }): JSX.Element | null {
  const view = useProofs().view.value
  const [open, setOpen] = useState(false)
  const now = useNow()
  if (view.status !== 'done') return null
  const { block, oldAt } = view.page
  const { height } = block
  if (!view.results.has(cid)) return <span class="proof-later">{proofTexts.later(height)}</span>
  return (
    <>
      <button
        type="button"
        class={now >= oldAt ? 'proof proof-old' : 'proof'}
        title={proofTexts.badgeHow}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="verified" size={14} />
        <span>
          {now - block.time < SHOWN_AGE_MS
            ? proofTexts.badge(height)
            : proofTexts.badgeAt(height, formatAgo(block.time, now))}
        </span>
      </button>
      {open ? <OpenProof key={height} cid={cid} /> : null}
    </>
  )
}

function OpenProof({ cid }: { readonly cid: string }): JSX.Element {
  const proofs = useProofs()
  const [shown, setShown] = useState<ShownProof>()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    let gone = false
    proofs.open(cid).then(
      (proof) => {
        if (!gone) setShown(proof)
      },
      (error: unknown) => {
        if (!gone) setFailure(failureOf(error))
      },
    )
    return () => {
      gone = true
    }
  }, [proofs, cid])
  return (
    <div class="proof-text">
      {failure !== undefined ? (
        <FailureNote failure={failure} />
      ) : shown === undefined ? (
        <p>{proofTexts.loading}</p>
      ) : (
        <ProofFacts shown={shown} />
      )}
    </div>
  )
}

function ProofFacts({ shown: { saved, verified } }: { readonly shown: ShownProof }): JSX.Element {
  const session = useSession()
  const now = useNow()
  const [copied, setCopied] = useState(false)
  const { share, rank, index, treeSize, root, block } = verified
  const { rows } = proofTexts
  const view = useProofs().view.value
  return (
    <>
      <p>{proofTexts.how}</p>
      <ProofPath verified={verified} />
      <dl class="rows">
        <Row name={rows.rank}>
          <span title={`${rank} · 2⁻⁶²`}>{formatShare(share)}</span>
        </Row>
        <Row name={rows.number}>{proofTexts.numberOf(index, treeSize)}</Row>
        {block === undefined ? null : (
          <>
            <Row name={rows.block}>{proofTexts.blockAt(block.height, formatAgo(block.time, now))}</Row>
            <Row name={rows.orderer}>
              <Copyable value={block.orderer} what={rows.orderer} />
            </Row>
          </>
        )}
        {view.status === 'done' ? (
          <Row name={rows.stakes}>
            {proofTexts.stakes[view.page.stakes]}
            {block?.stakesAt === undefined ? null : proofTexts.asOf(formatAgo(1_000 * block.stakesAt, now))}
          </Row>
        ) : null}
        <Row name={rows.root}>
          <Copyable value={root} what={rows.root} />
        </Row>
      </dl>
      <Button onClick={() => void copyText(session, JSON.stringify(saved, undefined, 2)).then(setCopied)}>
        {copied ? proofTexts.copied : proofTexts.checkIt}
      </Button>
      <p class="caption">{proofTexts.checkItHow}</p>
    </>
  )
}
