import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ProvenParcel } from '#api/land-types.ts'
import type { Cell } from '#core/land.ts'
import { chainTexts } from '../chain-texts.ts'
import { Copyable } from '../components/copy.tsx'
import { useNow } from '../components/now.ts'
import { Row } from '../components/panel.tsx'
import { formatAgo } from '../format.ts'
import { ownershipTexts } from '../ownership-texts.ts'
import { useSession } from '../session.ts'

/** Who owned a plot when the chain last answered, and when that was ([CH15]); nothing where nothing was kept. */
export function KeptParcel({ cell: { x, y } }: { readonly cell: Cell }): JSX.Element | null {
  const session = useSession()
  const now = useNow()
  const [kept, setKept] = useState<ProvenParcel>()
  const land = session.state.chain.value
  useEffect(() => {
    let isGone = false
    void session.tabland.then((tabland) => {
      if (!isGone) setKept(tabland.land.proven(x, y))
    })
    return () => {
      isGone = true
    }
  }, [session, x, y, land])
  if (kept === undefined) return null
  return (
    <div class="stack">
      <dl class="rows">
        <Row name={ownershipTexts.owner}>
          <Copyable value={kept.owner} what={ownershipTexts.ownerAddress} />
        </Row>
      </dl>
      <p class="caption">{chainTexts.keptPlot(kept.block, formatAgo(kept.blockTime * 1_000, now))}</p>
    </div>
  )
}
