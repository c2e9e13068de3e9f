import type { Tabland } from '#api/types.ts'

/** How often what the chain tells is read again, for others write too. */
export const REFRESH_MS = 15_000
/** A header that was asked for before our write came into its block does not show it yet. */
export const BEHIND_MS = 1_000

export interface LastChainRead {
  /** the last try failed, whatever was read before */
  readonly hasFailed: boolean
  /** block that it was read at, where it tells */
  readonly block: number | undefined
  /** block of the newest of our own writes; 0 without one */
  readonly newest: number
  /** what `newest` was when it was last read by itself */
  readonly followed: number
  /** Infinity for what nobody else changes */
  readonly refreshMs: number
}

/** After how many ms something is read again by itself; undefined for never. A failure is never the last word. */
export function nextReadMs({
  hasFailed,
  block,
  newest,
  followed,
  refreshMs,
}: LastChainRead): number | undefined {
  if (hasFailed) return REFRESH_MS
  if ((block ?? followed) < newest) return BEHIND_MS
  return refreshMs === Number.POSITIVE_INFINITY ? undefined : refreshMs
}

/** Has endpoints asked again that failed or, where there are no others, lied: a person wants to know once more. */
export async function askChainAgain(tabland: Promise<Tabland>): Promise<void> {
  await tabland.then(
    ({ land }) => {
      // what is read next need not wait for the land, and tells by itself what fails
      land.refresh().catch(() => {})
    },
    () => {}, // so it does where the peer never started
  )
}
