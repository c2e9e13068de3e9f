import type { JSX } from 'preact'
import type { SearchResult } from '#api/search-types.ts'
import { Button } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { RankBadge } from '../components/late-proofs.ts'
import { Checking, Proof } from '../components/proof.tsx'
import { SnippetView, useSnippet } from '../components/snippet-view.tsx'
import { formatAgo, formatBytes, formatShare, shorten } from '../format.ts'
import { type Session, useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Who linked a result and when, newest first, in one line. */
export function linkedLine(links: SearchResult['links'], mine: string | undefined, now: number): string {
  const newest = [...links].sort((a, b) => b.time - a.time)[0]
  if (newest === undefined) return ''
  const when = formatAgo(newest.time, now)
  const first =
    newest.neuron === mine
      ? texts.search.linkedByMe(when)
      : texts.search.linkedBy(shorten(newest.neuron), when)
  const others = new Set(links.map(({ neuron }) => neuron)).size - 1
  return others > 0 ? first + texts.search.andOthers(others) : first
}

function mineOf(session: Session): string | undefined {
  return session.state.wallet.value?.address
}

export interface ResultCardProps {
  readonly result: SearchResult
  readonly query: string
  /** unix ms */
  readonly now: number
}

/** One result: what it shows, that it is what it claims to be, its rank, and who linked it. */
export function ResultCard({ result, query, now }: ResultCardProps): JSX.Element {
  const session = useSession()
  const { cid, share, links } = result
  const state = useSnippet(cid)
  const name = state.status === 'done' && state.snippet.text ? state.snippet.text.slice(0, 40) : shorten(cid)
  return (
    <li class="result">
      <SnippetView cid={cid} query={query} />
      <div class="result-foot caption">
        {state.status === 'done' ? (
          <Proof how={texts.search.verifiedHow}>
            <p>
              {`${texts.result.cid} `}
              <Copyable value={cid} what={texts.result.cid} />
              {state.snippet.size === undefined ? null : ` · ${formatBytes(state.snippet.size)}`}
            </p>
          </Proof>
        ) : state.status === 'loading' ? (
          <Checking />
        ) : null}
        <span title={texts.search.rankHow}>{texts.search.shareOf(formatShare(share))}</span>
        <RankBadge cid={cid} />
        <span class="result-linked">{linkedLine(links, mineOf(session), now)}</span>
        <Button kind="quiet" label={texts.search.openOf(name)} onClick={() => session.showResult(cid, query)}>
          {texts.search.open}
        </Button>
        <Button kind="quiet" label={texts.search.graphOf(name)} onClick={() => session.showGraph(cid)}>
          {texts.search.graph}
        </Button>
      </div>
    </li>
  )
}
