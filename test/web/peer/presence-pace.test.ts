import { describe, expect, it } from 'vitest'
import { HEARTBEAT_MS, MAX_HEARTBEAT_MS, MAX_KNOWN_PEERS, PEER_EXPIRY_MS } from '#core/limits.ts'
import { answersNewcomer, expiryMs, heartbeatMs } from '#peer/presence-pace.ts'

describe('the pace of presence', () => {
  it('is five seconds in a small room, and bounds what a full one says in a second', () => {
    expect([0, 1, 19].map(heartbeatMs)).toEqual([HEARTBEAT_MS, HEARTBEAT_MS, HEARTBEAT_MS])
    for (const peers of [20, 40, 80, 240]) expect(peers / (heartbeatMs(peers - 1) / 1_000)).toBe(4)
    expect(heartbeatMs(MAX_KNOWN_PEERS)).toBe(MAX_HEARTBEAT_MS)
  })

  it('waits for four missed heartbeats, of whoever speaks less often', () => {
    expect(expiryMs(3)).toBe(PEER_EXPIRY_MS)
    for (const peers of [40, 80, 240]) expect(expiryMs(peers)).toBeGreaterThan(4 * heartbeatMs(peers))
    expect(expiryMs(3, 12_000)).toBeGreaterThan(4 * 12_000)
    expect(expiryMs(3, Number.MAX_SAFE_INTEGER)).toBe(expiryMs(MAX_KNOWN_PEERS))
  })

  it('lets about four answer a newcomer, however many are here', () => {
    for (const peers of [1, 4, 48, 1_000]) {
      const answers = Array.from({ length: peers }, (_, i) => answersNewcomer(peers, (i + 0.5) / peers))
      expect(answers.filter(Boolean).length).toBe(Math.min(4, peers))
    }
  })
})
