import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ContentRouting, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_PROVIDED } from '#core/limits.ts'
import { NETWORK_NAMES } from '#core/network.ts'
import { createProviding } from '#peer/providing.ts'
import { createRendezvous, relaysCid, rendezvousCid } from '#peer/rendezvous.ts'
import { systemTimers } from '#peer/system-timers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('rendezvous', () => {
  it('[NE9] is another content in each network', () => {
    expect(
      new Set(NETWORK_NAMES.flatMap((network) => [rendezvousCid(network), relaysCid(network)]).map(String))
        .size,
    ).toBe(6)
  })

  it('[NE4] finds peers by their provider records, while there are too few', async () => {
    const id = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const asked: string[] = []
    const found: PeerId[] = []
    let wanted = true
    const routing = {
      async *findProviders(cid: CID) {
        asked.push(cid.toString())
        for (let i = 0; i < 100; i++) yield { id, multiaddrs: [], routing: 'dht' }
      },
    } as Pick<ContentRouting, 'findProviders'>
    const rendezvous = createRendezvous(routing, {
      cid: rendezvousCid('test'),
      timers: systemTimers,
      isWanted: () => wanted,
      onFound: (peer) => void found.push(peer),
      random: () => 0,
    })
    rendezvous.start()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(asked).toEqual([rendezvousCid('test').toString()])
    expect(found).toHaveLength(64)
    wanted = false
    await vi.advanceTimersByTimeAsync(180_000)
    expect(asked).toHaveLength(1)
    wanted = true
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveLength(2)
    rendezvous.stop()
    await vi.advanceTimersByTimeAsync(180_000)
    expect(asked).toHaveLength(2)
  })

  it('is looked for at times that differ from tab to tab', async () => {
    const times: number[] = []
    const rendezvous = createRendezvous(
      {
        async *findProviders() {
          times.push(Date.now())
          yield* []
        },
      },
      {
        cid: rendezvousCid('test'),
        timers: systemTimers,
        isWanted: () => true,
        onFound: () => {},
        random: () => 0.5,
      },
    )
    const startedAt = Date.now()
    rendezvous.start()
    await vi.advanceTimersByTimeAsync(100_000)
    expect(times.map((time) => time - startedAt)).toEqual([1_500, 4_500, 10_500, 22_500, 46_500, 91_500])
    rendezvous.soon() // somebody new can be asked
    await vi.advanceTimersByTimeAsync(1_500)
    expect(times).toHaveLength(7)
    rendezvous.stop()
    rendezvous.soon()
    await vi.advanceTimersByTimeAsync(100_000)
    expect(times).toHaveLength(7)
  })
})

describe('providing', () => {
  const cidOf = (text: string) => rendezvousCid(text as never)

  it('waits for a relay, and tells it everything, the latest first', async () => {
    let reserved = false
    const told: string[] = []
    const providing = createProviding(
      { provide: async (cid) => void told.push(cid.toString()) },
      () => reserved,
    )
    const cids = ['a', 'b', 'c'].map(cidOf)
    for (const cid of cids) await providing.provide(cid)
    expect(told).toEqual([])
    reserved = true
    await providing.repeat()
    expect(told).toEqual(cids.map(String).reverse())
  })

  it('goes on after one that fails, keeps a bounded number, and ends when stopped', async () => {
    let calls = 0
    const providing = createProviding(
      {
        provide: async () => {
          calls += 1
          throw new Error('no')
        },
      },
      () => false,
    )
    for (let i = 0; i < MAX_PROVIDED + 50; i++) await providing.provide(cidOf(String(i)))
    await providing.repeat()
    expect(calls).toBe(MAX_PROVIDED)
    providing.stop()
    await providing.repeat()
    expect(calls).toBe(MAX_PROVIDED)
  })
})
