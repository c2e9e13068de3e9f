import { describe, expect, it } from 'vitest'
import { decideScrub, SCRUB_ROUND_MS, type ScrubMoment, scrubPauseMs } from '#seed/scrub-schedule.ts'

const NOW = 1_795_132_800_000
const IDLE: ScrubMoment = {
  now: NOW,
  openedAt: NOW - 60_000,
  finishedAt: undefined,
  busyAt: Number.NEGATIVE_INFINITY,
  isMine: true,
}

describe('[SE2] reading what is pinned again', () => {
  it.each<readonly [string, Partial<ScrubMoment>, string]>([
    ['nothing else goes on', {}, 'read'],
    ['the last round ended a week ago', { finishedAt: NOW - SCRUB_ROUND_MS }, 'read'],
    ['blocks were still for 5 s', { busyAt: NOW - 5_000 }, 'read'],
    ['another tab does the chores', { isMine: false }, 'elsewhere'],
    ['the last round ended lately', { finishedAt: NOW - SCRUB_ROUND_MS + 1 }, 'resting'],
    ['blocks move', { busyAt: NOW - 4_999 }, 'busy'],
    ['the page just opened', { openedAt: NOW - 14_999 }, 'busy'],
    ['the clock was a month ahead', { finishedAt: NOW + 4 * SCRUB_ROUND_MS }, 'read'],
    ['the clock was set back since', { openedAt: NOW + 60_000, busyAt: NOW + 60_000 }, 'read'],
  ])('when %s', (_, moment, what) => {
    const decision = decideScrub({ ...IDLE, ...moment })
    expect(decision.kind === 'read' ? 'read' : decision.why).toBe(what)
    if (decision.kind === 'wait') expect(decision.ms).toBeGreaterThan(0)
  })

  it('goes at a MiB a second, a quarter of it while hidden', () => {
    expect(scrubPauseMs(256 * 1024, true)).toBe(250)
    expect(scrubPauseMs(256 * 1024, false)).toBe(1_000)
    expect(scrubPauseMs(1, true)).toBe(1)
    expect(scrubPauseMs(0, true)).toBe(0)
  })
})
