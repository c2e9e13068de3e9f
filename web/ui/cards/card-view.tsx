import type { JSX } from 'preact'
import { useSession } from '../session.ts'
import { ParcelCard } from './parcel-card.tsx'
import { ResultDetails } from './result-details.tsx'

/** The card at the right: a plot or a result. */
export function CardView(): JSX.Element | null {
  const card = useSession().card.value
  if (card === undefined) return null
  return card.kind === 'parcel' ? (
    <ParcelCard key={card.parcel} parcel={card.parcel} />
  ) : (
    <ResultDetails key={card.cid} cid={card.cid} query={card.query} />
  )
}
