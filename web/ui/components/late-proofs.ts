import { late } from './late.tsx'

const load = () => import('../panels/search-proofs.tsx')

/** How far results are proven, above them. */
export const ProofLine = late(async () => (await load()).ProofLine)
/** Whether one result's rank is proven, and how. */
export const RankBadge = late(async () => (await load()).RankBadge)

/** How much may still be linked, where a link is made. */
export const BandwidthMeter = late(async () => (await import('../panels/bandwidth-meter.tsx')).BandwidthMeter)

/** Fetches their code ahead of need; without it the results are complete all the same. */
export async function preloadProofs(): Promise<void> {
  await load().catch(() => {})
}
