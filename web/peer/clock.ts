/** A wall clock that differs from ours by more than this was set, or this device slept; less is drift. */
const JUMP_MS = 10_000
/** Peers whose times are remembered to tell which of two clocks is right, and for how long. */
const MAX_WITNESSES = 32
const WITNESS_MS = 60_000

export interface ClockInit {
  /** unix ms, as the device believes: people and time servers set it */
  readonly wall: () => number
  /** ms that only ever grow, and stand still while some devices sleep */
  readonly steady: () => number
}

/** The time that this peer tells others: the device's, unless that was set wrong while the peer ran. */
export interface Clock {
  /** unix ms */
  now(): number
  /** A peer's signed word of what time it is, unix ms. */
  hear(peer: string, time: number): void
  /** Compares the clocks; true when this device's wall clock jumped since the last call, or it slept. */
  check(): boolean
}

/**
 * A jump of the wall clock has two causes that look alike: the device slept (then the new time is right) or somebody
 * set the clock (then either may be). The times in the heartbeats that are heard from then on decide; until then the
 * device is believed. Nothing but these two clocks is ever taken, so that others can lie about no more than which.
 */
export function createClock({ wall, steady }: ClockInit): Clock {
  // each is a wall clock less the steady one
  let device = wall() - steady()
  let kept = device
  let used = device
  const witnesses = new Map<string, { readonly offset: number; readonly heardAt: number }>()

  /** Do most of those who were heard lately agree more with the one than with the other? */
  function prefer(one: number, other: number): boolean {
    const since = steady() - WITNESS_MS
    const heard = [...witnesses.values()].filter(({ heardAt }) => heardAt >= since)
    const votes = heard.filter(({ offset }) => Math.abs(offset - one) < Math.abs(offset - other))
    return votes.length * 2 > heard.length
  }

  return {
    now: () => Math.round(steady() + used),

    hear(peer, time) {
      witnesses.delete(peer)
      witnesses.set(peer, { offset: time - steady(), heardAt: steady() })
      const [oldest] = witnesses.keys()
      if (witnesses.size > MAX_WITNESSES && oldest !== undefined) witnesses.delete(oldest)
    },

    check() {
      const before = device
      device = wall() - steady()
      const jumped = Math.abs(device - before) > JUMP_MS
      if (jumped) witnesses.clear() // what was heard before a sleep says nothing
      if (Math.abs(device - kept) <= JUMP_MS || prefer(device, kept)) kept = device
      used = prefer(kept, device) ? kept : device
      return jumped
    },
  }
}
