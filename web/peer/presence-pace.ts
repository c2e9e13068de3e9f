import { HEARTBEAT_MS, MAX_HEARTBEAT_MS, PEER_EXPIRY_MS } from '#core/limits.ts'

/**
 * Heartbeats that a room makes in a second, however many are in it: each is checked and forwarded by everybody, which
 * at a hundred a second leaves a small machine no time for anything else.
 */
const ROOM_PER_SECOND = 4
/** Missed heartbeats after which a peer is gone, as PEER_EXPIRY_MS has them. */
const MISSED = 4
/** How many of those who are here answer a newcomer, on average: the relays tell it of all others. */
const ANSWERS = 4

/** ms between two heartbeats of a peer that knows `others`: longer in a full room. */
export function heartbeatMs(others: number): number {
  return Math.min(MAX_HEARTBEAT_MS, Math.max(HEARTBEAT_MS, ((others + 1) * 1_000) / ROOM_PER_SECOND))
}

/**
 * ms of silence after which a peer is gone.
 *
 * @param others how many are known here
 * @param gapMs between the peer's last two heartbeats: it may know of more peers, and speak less often for it
 */
export function expiryMs(others: number, gapMs = 0): number {
  const period = Math.min(MAX_HEARTBEAT_MS, Math.max(heartbeatMs(others), gapMs))
  return PEER_EXPIRY_MS + MISSED * (period - HEARTBEAT_MS)
}

/** Is it this peer's turn to answer a newcomer? @param chance from 0 to below 1 */
export function answersNewcomer(others: number, chance: number): boolean {
  return chance * others < ANSWERS
}
