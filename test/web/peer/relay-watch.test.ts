import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HEARTBEAT_MS } from '#core/limits.ts'
import { createRelayWatch, type RelayWatch } from '#peer/relay-watch.ts'

let relay: PeerId
let watch: RelayWatch
let speaking: PeerId[]
let identified: number
let hungUp: number
let answer: () => Promise<number>
let asked: number
let known: number
let words: number

beforeEach(async () => {
  vi.useFakeTimers()
  relay = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  ;[speaking, identified, hungUp, asked, known, words] = [[], 0, 0, 0, 0, 0]
  answer = async () => 0
  watch = createRelayWatch(
    {
      libp2p: {
        getConnections: () => [{ status: 'open' } as Connection],
        hangUp: async () => void hungUp++,
      },
      pubsub: { getSubscribers: () => speaking },
      identify: async () => void identified++,
      presence: {
        peers: () => Array.from({ length: known }, () => ({}) as never),
        ask: async () => {
          asked += 1
          return answer()
        },
      },
    },
    { presenceTopic: 'presence', onWord: () => void words++ },
  )
  watch.start()
})
afterEach(() => {
  watch.stop()
  vi.useRealTimers()
})

describe('watch over relays', () => {
  it('[NE3] knows by the word of a relay that nobody else is here', async () => {
    expect(watch.isAlone()).toBe(false)
    watch.reserved(relay.toString())
    await vi.advanceTimersByTimeAsync(0)
    expect([watch.isAlone(), words]).toEqual([true, 1])
    known = 1
    expect(watch.isAlone()).toBe(false)
    known = 0
    watch.lost(relay.toString())
    expect(watch.isAlone()).toBe(false)
  })

  it('does not count as alone while others were told of', async () => {
    answer = async () => 3
    watch.reserved(relay.toString())
    await vi.advanceTimersByTimeAsync(0)
    expect(watch.isAlone()).toBe(false)
  })

  it('asks again as long as nobody is known, also a relay that failed to answer', async () => {
    answer = () => Promise.reject(new Error('slow'))
    watch.reserved(relay.toString())
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS)
    expect([asked, watch.isAlone()]).toEqual([2, false])
    answer = async () => 0
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS)
    expect([asked, watch.isAlone()]).toEqual([3, true])
    known = 1
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS)
    expect(asked).toBe(3)
  })

  it('identifies a relay again that takes no part in gossip, and gives its connection up at last', async () => {
    watch.reserved(relay.toString())
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS)
    expect(identified).toBe(1)
    await vi.advanceTimersByTimeAsync(4 * HEARTBEAT_MS)
    expect([identified, hungUp]).toEqual([5, 0])
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS)
    expect(hungUp).toBe(1)
  })

  it('leaves one alone that speaks', async () => {
    speaking = [relay]
    watch.reserved(relay.toString())
    await vi.advanceTimersByTimeAsync(20 * HEARTBEAT_MS)
    expect([identified, hungUp]).toEqual([0, 0])
  })
})
