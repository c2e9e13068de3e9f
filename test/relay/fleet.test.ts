import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import { encodeRelayNotice } from '#peer/protocols/relay-notice.ts'
import { relaysCid } from '#peer/rendezvous.ts'
import { createTransport } from '#peer/transport.ts'
import { addressOf, createPeerFixtures, isReserved, others, until } from '#test/web/peer/peer-fixtures.ts'

const fixtures = createPeerFixtures()
afterEach(() => fixtures.stop())

const connectedRelays = (relay: { stats(): { fleet: number } }) => relay.stats().fleet

describe('[RE8] relays that know one another', () => {
  it('bring tabs of different relays together, and name themselves to each', async () => {
    const first = await fixtures.relay()
    const second = await fixtures.relay(['--relays', addressOf(first.relay)])
    const third = await fixtures.relay([
      '--relays',
      [first, second].map((one) => addressOf(one.relay)).join(),
    ])
    await expect.poll(() => connectedRelays(third.relay), { timeout: 10_000 }).toBe(2)
    const a = await fixtures.join({ relays: [addressOf(first.relay)] })
    const b = await fixtures.join({ relays: [addressOf(third.relay)] })
    const met = (self: string) => (state: Parameters<typeof others>[0]) =>
      others(state).some(({ peerId }) => peerId !== self)
    await Promise.all([a, b].map(({ state }) => until(state, met(state.value.peerId))))
    // b's relay told it of the other two
    const { relays } = await until(
      b.state,
      (state) => state.relays.filter(({ status }) => status === 'reserved').length === 3,
    )
    expect(relays.map(({ address }) => address).sort()).toEqual(
      [first, second, third].map(({ relay }) => addressOf(relay)).sort(),
    )
  })

  it('dial one that was down again, and pass over themselves', async () => {
    const first = await fixtures.relay()
    const address = addressOf(first.relay)
    const { port } = first.relay
    const second = await fixtures.relay(['--relays', address])
    await expect.poll(() => connectedRelays(second.relay), { timeout: 10_000 }).toBe(1)
    await first.relay.stop()
    await expect.poll(() => connectedRelays(second.relay), { timeout: 10_000 }).toBe(0)
    const again = await fixtures.relay(['--port', String(port), '--data', first.dataDir, '--relays', address])
    await expect.poll(() => connectedRelays(second.relay), { timeout: 20_000 }).toBe(1)
    // not told of the other, it finds it in the DHT, and never itself
    await expect.poll(() => connectedRelays(again.relay), { timeout: 30_000 }).toBe(1)
  })
})

const reservedAt = (count: number) => (state: Parameters<typeof others>[0]) =>
  state.relays.filter(({ status }) => status === 'reserved').length === count

describe('[RE8] relays find one another in the DHT', () => {
  it('so that three of which each is given only one other make one fleet, and tell it', async () => {
    const first = await fixtures.relay()
    const others = [
      await fixtures.relay(['--relays', addressOf(first.relay)]),
      await fixtures.relay(['--relays', addressOf(first.relay)]),
    ]
    const all = [first, ...others]
    for (const { relay } of all)
      await expect.poll(() => connectedRelays(relay), { timeout: 90_000, interval: 100 }).toBe(2)
    for (const { relay } of all) {
      const facts = (await (await fetch(new URL('/tabland.json', relay.httpUrl))).json()) as object
      const told = all.filter((other) => other.relay !== relay).map((other) => addressOf(other.relay))
      expect(facts).toMatchObject({ relays: expect.arrayContaining(told) })
    }
  }, 120_000)

  it('and tabs find them there, though a relay of theirs lies', async () => {
    const liar = await fixtures.relay()
    const honest = await fixtures.relay(['--relays', addressOf(liar.relay)])
    const isProvided = async () => {
      for await (const { id } of liar.relay.libp2p.contentRouting.findProviders(relaysCid('test'))) {
        if (id.equals(honest.relay.peerId)) return true
      }
      return false
    }
    await expect.poll(isProvided, { timeout: 30_000 }).toBe(true)
    const tab = await fixtures.join({ relays: [addressOf(liar.relay)] })
    await until(tab.state, isReserved)
    const ids = await Promise.all(Array.from({ length: 8 }, () => generateKeyPair('Ed25519')))
    const [, address = ''] = /^(.*)\/p2p\//.exec(addressOf(honest.relay)) ?? []
    const lies = [
      `/ip4/127.0.0.1/tcp/1/ws/p2p/${honest.relay.peerId}`, // that relay is elsewhere
      ...ids.map((key) => `${address}/p2p/${peerIdFromPrivateKey(key)}`), // another one is there
    ].slice(0, 8)
    const { requests } = createTransport(liar.relay.libp2p, { network: 'test' })
    const notice = encodeRelayNotice({ draining: false, relays: lies.map((text) => multiaddr(text)) })
    const protocol = protocolsOf('test').relayNotice
    for await (const _ of requests.request(tab.libp2p.peerId.toString(), protocol, notice)) break
    const { relays } = await until(tab.state, reservedAt(2))
    expect(relays.find(({ peerId }) => peerId === String(honest.relay.peerId))?.address).toBe(
      addressOf(honest.relay),
    )
  }, 120_000)
})
