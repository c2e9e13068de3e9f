import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it, vi } from 'vitest'
import { MAX_RELAYS } from '#core/limits.ts'
import { createRelayMemory, type KeyValue } from '#peer/relay-memory.ts'
import { addresses, fake, idOf, peers, settle, setUpRelays, start, statuses } from './relays-fixtures.ts'

setUpRelays()

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
