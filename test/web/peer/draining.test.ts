import { afterEach, describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import type { PeerNode } from '#peer/types.ts'
import { addressOf, createPeerFixtures, others, until } from './peer-fixtures.ts'

const fixtures = createPeerFixtures()
afterEach(() => fixtures.stop())

const { whoIsHere } = protocolsOf('test')

interface Asked {
  answered: number
  /** questions that were under way on a circuit that ended: each was asked again */
  cut: number
}

/** Asks again and again until `over`; rejects when a question that was cut is not answered at the second try. */
async function keepAsking(from: PeerNode, to: PeerNode, over: AbortSignal): Promise<Asked> {
  const asked: Asked = { answered: 0, cut: 0 }
  const ask = async () => {
    const peer = to.libp2p.peerId.toString()
    for await (const _ of from.transport.requests.request(peer, whoIsHere, new Uint8Array())) asked.answered++
  }
  while (!over.aborted) {
    await ask().catch(() => {
      asked.cut++
      return ask()
    })
  }
  return asked
}

const reservedAt = (count: number) => (state: PeerNode['state']['value']) =>
  state.relays.filter(({ status, draining }) => status === 'reserved' && !draining).length >= count

describe('[RE8] one of three relays drains', () => {
  it('its clients move to the others, and none is unreachable at any moment', async () => {
    const relays = await Promise.all(['1h', '0s', '0s'].map((time) => fixtures.relay(['--drain-time', time])))
    const addresses = relays.map(({ relay }) => addressOf(relay))
    const [first, second, third] = addresses as [string, string, string]
    // None is given all three, so that each has one left; it may find the other in the DHT meanwhile.
    const nodes = await Promise.all([
      fixtures.join({ relays: [first, second] }),
      fixtures.join({ relays: [first, third] }),
    ])
    const [a, b] = nodes as [PeerNode, PeerNode]
    await Promise.all(nodes.map(({ state }) => until(state, reservedAt(2))))
    const met = (state: PeerNode['state']['value']) =>
      others(state).some(({ transport }) => transport === 'circuit')
    await Promise.all(nodes.map(({ state }) => until(state, met)))

    const over = new AbortController()
    const asking = [keepAsking(a, b, over.signal), keepAsking(b, a, over.signal)]
    await relays[0]?.relay.drain() // without a limit of time: it ends when both have left
    expect(relays[0]?.relay.stats()).toMatchObject({ reservations: 0, circuitsOpen: 0 })
    await relays[0]?.relay.stop()
    over.abort()
    const all = await Promise.all(asking)
    for (const { answered, cut } of all) {
      console.log(
        `While a relay drained ${answered} questions were answered, ${cut} of them at the second try.`,
      )
      expect(answered).toBeGreaterThan(1)
    }
    for (const { state } of nodes) expect(reservedAt(1)(state.value)).toBe(true)
  })
})
