/** A round begins so long after the last one's end: disks lose little in a week, and reading costs power. */
export const SCRUB_ROUND_MS = 7 * 24 * 60 * 60 * 1_000
/** After the page opened: joining and drawing come first. */
const START_MS = 15_000
/** Whoever moves blocks has the disk for itself until it was still for so long. */
const BUSY_MS = 5_000
/** How often it is looked whether there is something to do. */
const LOOK_MS = 5_000
/** Bytes per second: a hundredth of what OPFS reads; 10 GB take three hours. */
const SHOWN_RATE = 1024 * 1024
/** While no tab is in front: a device in a pocket should sleep. */
const HIDDEN_RATE = SHOWN_RATE / 4

export interface ScrubMoment {
  /** unix ms */
  readonly now: number
  readonly openedAt: number
  /** when the last whole round ended; undefined = never */
  readonly finishedAt: number | undefined
  /** when a block was last sent, fetched or added here */
  readonly busyAt: number
  /** is this the tab that does the profile's chores? */
  readonly isMine: boolean
}

export type ScrubDecision =
  | { readonly kind: 'read' }
  /** `busy`: something more important uses the disk; `resting`: until the next round; `elsewhere`: another tab reads */
  | { readonly kind: 'wait'; readonly why: 'busy' | 'resting' | 'elsewhere'; readonly ms: number }

/** May the next block be read now? */
export function decideScrub({ now, openedAt, finishedAt, busyAt, isMine }: ScrubMoment): ScrubDecision {
  const wait = (why: 'busy' | 'resting' | 'elsewhere') => ({ kind: 'wait', why, ms: LOOK_MS }) as const
  if (!isMine) return wait('elsewhere')
  // a clock that was ahead must not put the next round off for ever
  if (finishedAt !== undefined && Math.abs(now - finishedAt) < SCRUB_ROUND_MS) return wait('resting')
  const isStill = (since: number, ms: number) => now - since >= ms || now < since
  if (!isStill(openedAt, START_MS) || !isStill(busyAt, BUSY_MS)) return wait('busy')
  return { kind: 'read' }
}

/** The pause behind a block of so many bytes. */
export function scrubPauseMs(bytes: number, shown: boolean): number {
  return Math.ceil((1_000 * bytes) / (shown ? SHOWN_RATE : HIDDEN_RATE))
}
