import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_RELAYS, MAX_TOLD_BY_ONE, MAX_TOLD_RELAYS } from '#core/limits.ts'
import { createRelayMemory, type KeyValue } from '#peer/relay-memory.ts'
import { createRelays, type Relays, type RelaysInit } from '#peer/relays.ts'
import type { Reservations } from '#peer/reservations.ts'

/** Relays that answer, refuse or hang as the test says. */
class FakeRelays extends EventTarget {
  readonly dialled: string[] = []
  /** resolves when the test lets it */
  leave: (relay: string) => Promise<void> = async () => {}
  readonly hungUp: string[] = []
  readonly refreshed: string[] = []
  /** relays that neither answer nor refuse */
  readonly silent = new Set<string>()
  readonly down = new Set<string>()
  /** addresses where another peer answers */
  readonly wrong = new Set<string>()
  readonly full = new Set<string>()
  /** called in the middle of a reservation */
  onReserve: (relay: PeerId) => void = () => {}
  #removed = new Set<(relay: string) => void>()

  readonly libp2p = {
    dial: async (address: { toString(): string }, { signal }: { signal: AbortSignal }) => {
      const relay = idOf(address.toString())
      this.dialled.push(relay)
      if (this.silent.has(relay)) {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      }
      if (this.wrong.has(address.toString())) throw new Error('peer id mismatch')
      if (this.down.has(relay)) throw new Error('connection refused')
    },
    hangUp: async (peer: PeerId) => void this.hungUp.push(peer.toString()),
    addEventListener: this.addEventListener.bind(this),
    removeEventListener: this.removeEventListener.bind(this),
  } as unknown as Pick<Libp2p, 'dial' | 'hangUp' | 'addEventListener' | 'removeEventListener'>

  readonly reservations: Reservations = {
    reserve: async (relay) => {
      this.onReserve(relay)
      if (this.full.has(relay.toString())) throw new Error('reservation failed with status 200')
    },
    circuitLimit: () => undefined,
    remainingMs: () => 600_000,
    refresh: async (relay) => void this.refreshed.push(relay.toString()),
    onRemoved: (listener) => {
      this.#removed.add(listener)
      return () => this.#removed.delete(listener)
    },
  }

  disconnect(peer: PeerId): void {
    this.dispatchEvent(new CustomEvent('peer:disconnect', { detail: peer }))
  }

  identify(peerId: PeerId, protocols: readonly string[]): void {
    this.dispatchEvent(new CustomEvent('peer:identify', { detail: { peerId, protocols } }))
  }

  expire(peer: PeerId): void {
    for (const listener of this.#removed) listener(peer.toString())
  }
}

const idOf = (address: string) => address.slice(address.lastIndexOf('/') + 1)

let fake: FakeRelays
let peers: PeerId[]
let addresses: string[]
let running: Relays[]

beforeEach(async () => {
  vi.useFakeTimers()
  fake = new FakeRelays()
  running = []
  const keys = await Promise.all(Array.from({ length: 5 }, () => generateKeyPair('Ed25519')))
  peers = keys.map((key) => peerIdFromPrivateKey(key))
  addresses = peers.map((peer, i) => `/ip4/127.0.0.1/tcp/${8_000 + i}/ws/p2p/${peer}`)
})
afterEach(() => {
  for (const relays of running) relays.stop()
  vi.useRealTimers()
})

function start(init: Partial<RelaysInit> = {}, store?: KeyValue): Relays {
  const memory = store === undefined ? {} : { memory: createRelayMemory(store, 'test') }
  const relays = createRelays(
    {
      libp2p: fake.libp2p,
      reservations: fake.reservations,
      leave: (relay) => fake.leave(relay),
      ...memory,
    },
    { network: 'test', addresses, random: () => 0, ...init },
  )
  running.push(relays)
  relays.start()
  return relays
}

const settle = () => vi.advanceTimersByTimeAsync(0)
const statuses = (relays: Relays) => relays.states().map(({ status }) => status)

describe('relays', () => {
  it('[NE2] three are reserved at once, the others rest', async () => {
    const relays = start()
    await settle()
    expect(statuses(relays)).toEqual(['reserved', 'reserved', 'reserved', 'waiting', 'waiting'])
    expect(relays.states()[0]?.reservedUntil).toBeGreaterThan(Date.now())
    expect(relays.states()[3]?.retryAt).toBeUndefined()
    expect(fake.dialled).toHaveLength(3)
    expect(relays.isRelay(String(peers[4]))).toBe(true)
    expect(relays.isRelay('somebody')).toBe(false)
  })

  it('[NE2] one that is lost is replaced, and dialled again when there is room', async () => {
    const relays = start()
    await settle()
    fake.down.add(String(peers[0]))
    fake.disconnect(peers[0] as PeerId)
    await settle()
    expect(statuses(relays)).toEqual(['waiting', 'reserved', 'reserved', 'reserved', 'waiting'])
  })

  it('one that does not answer is tried again and again, each time later, within 2.5 s when alone', async () => {
    fake.down.add(String(peers[0]))
    const relays = start({ addresses: [addresses[0] as string] })
    await settle()
    expect(relays.states()[0]).toMatchObject({
      status: 'waiting',
      retryAt: Date.now() + 250,
      failure: { code: 'RELAY_UNREACHABLE', message: expect.stringContaining('does not answer') },
    })
    const tries: number[] = []
    for (let ms = 0; ms < 10_000; ms += 50) {
      await vi.advanceTimersByTimeAsync(50)
      if (fake.dialled.length > tries.length + 1) tries.push(ms + 50)
    }
    expect(tries).toEqual([250, 750, 1_750, 3_750, 6_250, 8_750])
    fake.down.clear()
    await vi.advanceTimersByTimeAsync(2_500)
    expect(statuses(relays)).toEqual(['reserved'])
    expect(relays.states()[0]?.failure).toBeUndefined()
  })

  it('one that refuses a reservation is hung up and shown as refused', async () => {
    fake.full.add(String(peers[0]))
    const relays = start({ addresses: [addresses[0] as string] })
    await settle()
    expect(relays.states()[0]).toMatchObject({ status: 'refused', failure: { code: 'RELAY_REFUSED' } })
    expect(fake.hungUp).toEqual([String(peers[0])])
  })

  it('one that refuses is asked ever more seldom, a minute apart in the end, though there is no other', async () => {
    const [address = ''] = addresses
    fake.full.add(idOf(address))
    start({ addresses: [address] })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(fake.dialled.length).toBeGreaterThanOrEqual(5) // a place may soon be free
    await vi.advanceTimersByTimeAsync(600_000)
    const before = fake.dialled.length
    await vi.advanceTimersByTimeAsync(600_000)
    expect(fake.dialled.length - before).toBe(10)
  })

  it('a reservation that libp2p loses is made again while the connection stands', async () => {
    const relays = start({ addresses: [addresses[0] as string] })
    await settle()
    fake.expire(peers[0] as PeerId)
    expect(statuses(relays)).toEqual(['waiting'])
    await vi.advanceTimersByTimeAsync(250)
    expect(statuses(relays)).toEqual(['reserved'])
  })

  it('[NE9] one of another network is refused, one of no network is taken', async () => {
    const relays = start({ addresses: addresses.slice(0, 2) })
    await settle()
    fake.identify(peers[0] as PeerId, ['/ipfs/ping/1.0.0'])
    fake.identify(peers[1] as PeerId, ['/tabland/main/kad/1.0.0'])
    expect(relays.states()).toMatchObject([
      { status: 'reserved' },
      { status: 'refused', failure: { code: 'RELAY_OTHER_NETWORK' } },
    ])
    expect(fake.hungUp).toEqual([String(peers[1])])
  })

  it.each([
    ['gives', false],
    ['breaks off', true],
  ])(
    '[NE9] one of another network that %s its reservation stays refused for that reason',
    async (_, breaks) => {
      const [relay] = peers as [PeerId]
      if (breaks) fake.full.add(String(relay))
      fake.onReserve = () => fake.identify(relay, ['/tabland/main/kad/1.0.0'])
      const relays = start({ addresses: [addresses[0] as string] })
      await settle()
      expect(relays.states()).toMatchObject([{ status: 'refused', failure: { code: 'RELAY_OTHER_NETWORK' } }])
      expect(fake.hungUp).toEqual([String(relay)])
    },
  )

  it('one that reserves and drops at once is tried ever later, one that held is tried soon', async () => {
    const [relay] = peers as [PeerId]
    start({ addresses: [addresses[0] as string] })
    await settle()
    for (let ms = 0; ms < 10_000; ms += 50) {
      fake.disconnect(relay)
      await vi.advanceTimersByTimeAsync(50)
    }
    expect(fake.dialled).toHaveLength(7)
    await vi.advanceTimersByTimeAsync(10_000)
    fake.disconnect(relay)
    await vi.advanceTimersByTimeAsync(250)
    expect(fake.dialled).toHaveLength(9)
  })

  it('[NE2] no more than three are reserved by a retry or by adding another', async () => {
    fake.down.add(String(peers[0]))
    const relays = start({ addresses: addresses.slice(0, 4) })
    await settle()
    expect(statuses(relays)).toEqual(['waiting', 'reserved', 'reserved', 'reserved'])
    fake.down.clear()
    relays.retry()
    relays.add(addresses[4] as string)
    await settle()
    expect(statuses(relays)).toEqual(['waiting', 'reserved', 'reserved', 'reserved', 'waiting'])
    expect(fake.dialled).toHaveLength(4)
    fake.disconnect(peers[1] as PeerId)
    await settle()
    expect(statuses(relays)).toEqual(['reserved', 'waiting', 'reserved', 'reserved', 'waiting'])
  })

  it('after the loss of the last one those that waited long are tried soon', async () => {
    fake.down.add(String(peers[1]))
    const relays = start({ addresses: addresses.slice(0, 2) })
    await vi.advanceTimersByTimeAsync(120_000)
    fake.down.clear()
    fake.down.add(String(peers[0]))
    fake.disconnect(peers[0] as PeerId)
    await vi.advanceTimersByTimeAsync(2_500)
    expect(statuses(relays)[1]).toBe('reserved')
  })

  it('retry tries at once whatever waits', async () => {
    fake.down.add(String(peers[0]))
    const relays = start({ addresses: [addresses[0] as string] })
    await vi.advanceTimersByTimeAsync(5_000)
    fake.down.clear()
    relays.retry()
    await settle()
    expect(statuses(relays)).toEqual(['reserved'])
  })

  it('one is added while running, the same one only once, and not without end', async () => {
    const relays = start({ addresses: [] })
    relays.add(addresses[0] as string)
    relays.add(addresses[0] as string)
    await settle()
    expect(statuses(relays)).toEqual(['reserved'])
    expect(() => relays.add('nowhere')).toThrow(expect.objectContaining({ code: 'RELAY_ADDRESS_INVALID' }))
    for (let i = 1; i < MAX_RELAYS; i++) {
      relays.add(`/ip4/127.0.0.1/tcp/1/ws/p2p/${peerIdFromPrivateKey(await generateKeyPair('Ed25519'))}`)
    }
    expect(() => relays.add(addresses[1] as string)).toThrow(
      expect.objectContaining({ code: 'RELAY_TOO_MANY' }),
    )
  })

  it('[NE2] addresses that cannot be dialled from here are shown as refused, and the others go on', async () => {
    const good = `/dns4/relay.example.org/tcp/443/wss/p2p/${peers[0]}`
    const plain = `/ip4/203.0.113.1/tcp/80/ws/p2p/${peers[1]}`
    const broken = '/ip4/1.2.3.4/tcp/80/ws/p2p/QmFoo'
    const relays = start({ addresses: [broken, plain, good], pageProtocol: 'https:' })
    await settle()
    const failure = { code: 'RELAY_ADDRESS_INVALID' }
    expect(relays.states()).toMatchObject([
      { address: good, status: 'reserved' },
      { address: broken, status: 'refused', failure },
      { address: plain, status: 'refused', failure },
    ])
    expect(() => relays.add(plain)).toThrow(expect.objectContaining(failure))
    expect(fake.dialled).toEqual([String(peers[0])])
  })

  it('nothing is dialled any more once it is stopped', async () => {
    fake.down.add(String(peers[0]))
    const relays = start({ addresses: [addresses[0] as string] })
    await settle()
    relays.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(fake.dialled).toHaveLength(1)
  })

  it('[NE2] the last good ones are remembered and tried after those that were given', async () => {
    const values = new Map<string, string>()
    const store: KeyValue = {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
    }
    start({ addresses: [addresses[0] as string] }, store)
    await settle()
    const later = start({ addresses: [addresses[1] as string] }, store)
    expect(later.states().map(({ address }) => address)).toEqual([addresses[1], addresses[0]])
    expect(createRelayMemory(store, 'main').load()).toEqual([])
    const broken: KeyValue = {
      getItem: () => {
        throw new Error('forbidden')
      },
      setItem: () => {
        throw new Error('full')
      },
    }
    const forgetful = createRelayMemory(broken, 'test')
    forgetful.save('/relay')
    expect(forgetful.load()).toEqual([])
  })

  it('[NE7] a reservation is made anew at half its time, again and again', async () => {
    const relays = start({ addresses: [addresses[0] as string] })
    await settle()
    await vi.advanceTimersByTimeAsync(299_000)
    expect(fake.refreshed).toEqual([])
    await vi.advanceTimersByTimeAsync(2_000)
    await vi.advanceTimersByTimeAsync(300_000)
    expect(fake.refreshed).toEqual([String(peers[0]), String(peers[0])])
    fake.down.add(String(peers[0]))
    fake.disconnect(peers[0] as PeerId)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(fake.refreshed).toHaveLength(2)
    expect(statuses(relays)).not.toContain('reserved')
  })

  it('[NE5] a dial into a network that is down is given up in time for being back within 10 s', async () => {
    fake.silent.add(String(peers[0]))
    const relays = start({ addresses: [addresses[0] as string] })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(fake.dialled.length).toBeGreaterThan(5)
    fake.silent.clear()
    await vi.advanceTimersByTimeAsync(8_500)
    expect(statuses(relays)).toEqual(['reserved'])
  })

  it('[NE7] a restart begins a dial anew that hangs, and ends waits', async () => {
    fake.silent.add(String(peers[0]))
    fake.down.add(String(peers[1]))
    const relays = start({ addresses: addresses.slice(0, 2) })
    await vi.advanceTimersByTimeAsync(100)
    fake.silent.clear()
    fake.down.clear()
    expect(statuses(relays)).toEqual(['connecting', 'waiting'])
    relays.restart()
    await settle()
    expect(statuses(relays)).toEqual(['reserved', 'reserved'])
    expect(relays.states().map(({ failure }) => failure)).toEqual([undefined, undefined])
  })
})

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
