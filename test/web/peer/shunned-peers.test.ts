import { expect, it } from 'vitest'
import { createShunnedPeers } from '#peer/shunned-peers.ts'

it('shuns a peer for a while, whatever the clock is set to, and remembers so many', () => {
  let now = 1_000_000
  const shunned = createShunnedPeers({ ms: 1_000, maxPeers: 2, now: () => now })
  expect(shunned.has('a')).toBe(false)
  expect(shunned.add('a')).toBe(true)
  expect(shunned.add('a')).toBe(false)
  now += 999
  expect(shunned.has('a')).toBe(true)
  now += 1
  expect(shunned.has('a')).toBe(false)
  expect(shunned.add('a')).toBe(true)
  now -= 500_000
  expect(shunned.has('a')).toBe(false)
  for (const peer of ['b', 'c', 'd']) shunned.add(peer)
  expect(['b', 'c', 'd'].map((peer) => shunned.has(peer))).toEqual([false, true, true])
})
