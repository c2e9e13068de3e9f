import { afterEach, describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import type { PeerNode } from '#peer/types.ts'
import { addressOf, createPeerFixtures, others, until } from './peer-fixtures.ts'

const fixtures = createPeerFixtures()
afterEach(() => fixtures.stop())

const { whoIsHere } = protocolsOf('test')

/** Asks again and again until `over`; resolves with the number of answers, rejects at the first that fails. */
async function keepAsking(from: PeerNode, to: PeerNode, over: AbortSignal): Promise<number> {
  let answers = 0
  while (!over.aborted) {
    const answer = from.transport.requests.request(to.libp2p.peerId.toString(), whoIsHere, new Uint8Array())
    for await (const _ of answer) answers++
  }
  return answers
}

const reservedAt = (count: number) => (state: PeerNode['state']['value']) =>
  state.relays.filter(({ status, draining }) => status === 'reserved' && !draining).length === count

describe('[RE8] one of three relays drains', () => {
  it('its clients move to the others, and none is unreachable at any moment', async () => {
    const relays = await Promise.all(['1h', '0s', '0s'].map((time) => fixtures.relay(['--drain-time', time])))
    const addresses = relays.map(({ relay }) => addressOf(relay))
    const [first, second, third] = addresses as [string, string, string]
    // None knows all three, so that each must find a new place while the old one ends.
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
    const answers = await Promise.all(asking)
    console.log(`${answers.join(' and ')} questions were answered while a relay drained.`)
    expect(Math.min(...answers)).toBeGreaterThan(1)
    for (const { state } of nodes) expect(reservedAt(1)(state.value)).toBe(true)
  })
})
