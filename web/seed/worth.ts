export interface WorthInput {
  /** 0..1: its share of the graph's rank */
  readonly rankShare: number
  /** what it takes in the store */
  readonly bytes: number
  /** between the visitor and the nearest build that shows it; undefined: it stands nowhere, so nearness says nothing */
  readonly parcelsAway?: number | undefined
  readonly daysSinceUse: number
}

/** What something that nobody linked is worth beside what is ranked ([SE4]). */
const LEAST_SHARE = 1e-9
const PARCELS_TO_HALF = 8
const DAYS_TO_HALF = 7

export const DAY_MS = 24 * 60 * 60 * 1_000

/** [SE4] (share of rank + 10⁻⁹) / bytes · 2^(−parcels away / 8) · 2^(−days since use / 7) */
export function worthOf({ rankShare, bytes, parcelsAway = 0, daysSinceUse }: WorthInput): number {
  const perByte = (rankShare + LEAST_SHARE) / Math.max(1, bytes)
  return perByte * 2 ** (-parcelsAway / PARCELS_TO_HALF) * 2 ** (-Math.max(0, daysSinceUse) / DAYS_TO_HALF)
}
