import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { MAX_RELAYS, MAX_TOLD_BY_ONE, MAX_TOLD_RELAYS } from '#core/limits.ts'
import { addresses, fake, peers, settle, setUpRelays, start, statuses } from './relays-fixtures.ts'

setUpRelays()

describe('a relay that stops', () => {
  const notice = { draining: true, relays: [] }

  it('[RE8] is kept until another one is reserved and everything is led around it', async () => {
    const [first, second] = peers as [PeerId, PeerId]
    const relays = start({ addresses: addresses.slice(0, 2) })
    fake.full.add(String(second))
    await settle()
    expect(statuses(relays)).toEqual(['reserved', 'refused'])
    const led = Promise.withResolvers<void>()
    const left: string[] = []
    fake.leave = (relay) => {
      left.push(relay)
      return led.promise
    }
    relays.heed(String(first), notice)
    await settle()
    expect(relays.states()[0]).toMatchObject({ status: 'reserved', draining: true })
    expect([left, fake.hungUp.includes(String(first))]).toEqual([[], false])
    fake.full.clear()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(statuses(relays)).toEqual(['reserved', 'reserved'])
    expect([left, fake.hungUp.includes(String(first))]).toEqual([[String(first)], false])
    led.resolve()
    await settle()
    expect(fake.hungUp).toContain(String(first))
    fake.disconnect(first)
    expect(relays.states()[0]).toMatchObject({ status: 'waiting' })
    expect(relays.states()[0]?.draining).toBeUndefined()
  })

  it('[RE8] makes room for another one at once, also when three are reserved', async () => {
    const relays = start({ addresses: addresses.slice(0, 4) })
    await settle()
    fake.leave = () => new Promise(() => {})
    relays.heed(String(peers[0]), notice)
    await settle()
    expect(statuses(relays)).toEqual(['reserved', 'reserved', 'reserved', 'reserved'])
  })

  it('is believed of itself alone', async () => {
    const relays = start({ addresses: addresses.slice(0, 2) })
    await settle()
    relays.heed(String(peers[4]), notice)
    await settle()
    expect(relays.states().some(({ draining }) => draining)).toBe(false)
  })
})

describe('relays that another relay names', () => {
  const publicAddress = (peer: PeerId) => `/dns4/relay.example.org/tcp/443/tls/ws/p2p/${peer}`
  const notice = (texts: readonly string[]) => ({
    draining: false,
    relays: texts.map((text) => multiaddr(text)),
  })

  it('[RE8] are reserved too, after those of the own list', async () => {
    const relays = start({ addresses: addresses.slice(0, 1) })
    await settle()
    relays.heed(String(peers[0]), notice(addresses.slice(1, 3)))
    await settle()
    expect(statuses(relays)).toEqual(['reserved', 'reserved', 'reserved'])
  })

  it('[RE8] are told apart from those of the page and of its person, on later pages too', async () => {
    const values = new Map<string, string>()
    const store = {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
    }
    const choices = (relays: ReturnType<typeof start>) => relays.states().map(({ choice }) => choice)
    const relays = start({ addresses: addresses.slice(0, 1) }, store)
    await settle()
    relays.heed(String(peers[0]), notice(addresses.slice(1, 2)))
    relays.add(addresses[2] as string)
    await settle()
    expect(choices(relays)).toEqual(['page', undefined, 'added'])
    relays.stop()
    const later = start({ addresses: addresses.slice(3, 4) }, store)
    const orderOf = (at: number) => later.states().find(({ address }) => address === addresses[at])?.choice
    expect([0, 1, 2, 3].map(orderOf)).toEqual([undefined, undefined, 'added', 'page'])
    // one that was told of is a person's own once it is added by hand
    later.add(addresses[1] as string)
    expect(orderOf(1)).toBe('added')
  })

  it('[RE8] are taken from nobody else, and from nobody in private mode', async () => {
    const relays = start({ addresses: addresses.slice(0, 1) })
    const alone = start({ addresses: addresses.slice(0, 1), takesTold: false })
    await settle()
    relays.heed(String(peers[3]), notice(addresses.slice(1, 3)))
    alone.heed(String(peers[0]), notice(addresses.slice(1, 3)))
    await settle()
    expect([relays.states().length, alone.states().length]).toEqual([1, 1])
  })

  it('[RE8] lead nowhere into the network around a tab whose relays are outside', async () => {
    const relays = start({ addresses: [publicAddress(peers[0] as PeerId)] })
    await settle()
    const inside = `/dns4/router.local/tcp/443/tls/ws/p2p/${peers[2]}`
    const circuit = `${addresses[3]}/p2p-circuit/p2p/${peers[4]}`
    relays.heed(String(peers[0]), notice([addresses[1] as string, inside, circuit]))
    await settle()
    expect(relays.states()).toHaveLength(1)
    relays.heed(String(peers[0]), notice([publicAddress(peers[1] as PeerId)]))
    await settle()
    expect(statuses(relays)).toEqual(['reserved', 'reserved'])
  })

  it('[RE8] that do not exist neither push others out nor fill the list', async () => {
    const relays = start({ addresses: addresses.slice(0, 2) })
    await settle()
    const invented = await Promise.all(
      Array.from({ length: MAX_RELAYS }, async (_, i) => {
        const peer = String(peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
        fake.down.add(peer)
        return `/ip4/127.0.0.1/tcp/${i + 1}/ws/p2p/${peer}`
      }),
    )
    // One of them claims to be at the place of a good one.
    relays.heed(String(peers[0]), notice([`/ip4/127.0.0.1/tcp/9/ws/p2p/${peers[1]}`, ...invented]))
    await settle()
    expect(relays.states()).toHaveLength(2 + MAX_TOLD_BY_ONE)
    expect(relays.states()[1]).toMatchObject({ address: addresses[1], status: 'reserved' })
    for (let i = 2 + MAX_TOLD_BY_ONE; i < MAX_RELAYS; i++) {
      const peer = String(peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
      fake.down.add(peer)
      relays.add(`/ip4/127.0.0.1/tcp/1/ws/p2p/${peer}`)
    }
    await settle()
    relays.add(addresses[2] as string) // the list is full: one that was only heard of makes room
    await vi.advanceTimersByTimeAsync(1_000)
    expect(relays.states()).toHaveLength(MAX_RELAYS)
    expect(relays.states().filter(({ status }) => status === 'reserved')).toHaveLength(3)
  })

  it('[RE8] that liars name harm nobody: 1,000 addresses, wrong ids, places inside', async () => {
    const relays = start({ addresses: addresses.slice(0, 1), told: [] })
    await settle()
    const invented = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const peer = String(peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
        fake.down.add(peer)
        return publicAddress(peer as unknown as PeerId)
      }),
    )
    const wrong = publicAddress(peers[2] as PeerId) // that relay is elsewhere
    fake.wrong.add(wrong)
    relays.learn(String(peers[0]), [wrong, ...invented])
    await settle()
    expect(relays.states()).toHaveLength(1 + MAX_TOLD_BY_ONE)
    relays.learn('dht', [addresses[2] as string, addresses[3] as string]) // what honest ones know
    await settle()
    expect(statuses(relays).filter((status) => status === 'reserved')).toHaveLength(3)
    expect(fake.dialled.length).toBeLessThan(3 + 2 * MAX_TOLD_BY_ONE)
    const before = fake.dialled.length
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    expect(fake.dialled).toHaveLength(before) // three are reserved: nobody needs the lies
    expect(relays.states().length).toBeLessThanOrEqual(1 + MAX_TOLD_RELAYS)
  })

  it('[RE8] and never answer are forgotten; what was named at a wrong place is found at the right one', async () => {
    const relays = start({ addresses: addresses.slice(0, 1) })
    await settle()
    const [, , good, absent] = peers as [PeerId, PeerId, PeerId, PeerId]
    fake.down.add(String(absent))
    fake.wrong.add(`/ip4/127.0.0.1/tcp/1/ws/p2p/${good}`)
    relays.learn(String(peers[0]), [`/ip4/127.0.0.1/tcp/1/ws/p2p/${good}`, addresses[3] as string])
    await settle()
    relays.learn('dht', [addresses[2] as string])
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    expect(relays.states().map(({ address, status }) => [address, status])).toEqual([
      [addresses[0], 'reserved'],
      [addresses[2], 'reserved'],
    ])
  })

  it('[RE8] lead nowhere inside by the DHT or a page, unless all relays of the own list are there', async () => {
    const outside = start({ addresses: [publicAddress(peers[0] as PeerId)], told: addresses.slice(1, 3) })
    const both = start({ addresses: [publicAddress(peers[0] as PeerId), addresses[1] as string] })
    const inside = start({ addresses: addresses.slice(0, 1), told: addresses.slice(1, 2) })
    const hidden = start({ addresses: addresses.slice(0, 1), told: addresses.slice(1, 2), takesTold: false })
    for (const relays of [outside, both, inside, hidden]) relays.learn('dht', addresses.slice(2, 3))
    await settle()
    expect([outside, both, inside, hidden].map((relays) => relays.states().length)).toEqual([1, 2, 3, 1])
    expect([inside.hasRoom(), outside.hasRoom()]).toEqual([false, true])
  })
})
