import { late } from './late.tsx'

/** How far results are proven, above them. */
export const ProofLine = late(async () => (await import('../panels/search-proofs.tsx')).ProofLine)
/** Whether one result's rank is proven, and how. */
export const RankBadge = late(async () => (await import('../panels/search-proofs.tsx')).RankBadge)
