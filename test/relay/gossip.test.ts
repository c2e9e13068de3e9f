import { afterEach, describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import { GRAYLIST_SCORE } from '#peer/gossip-allowance.ts'
import type { Relay } from '#relay/relay.ts'
import { fakeIdentity } from '../fakes/identity.ts'
import { createFeed, link } from '../fakes/links.ts'
import { createFixtures, type TestPeer } from './fixtures.ts'

const fixtures = createFixtures()
afterEach(() => fixtures.stop())
const { linksTopic, placementsTopic } = protocolsOf('local')

async function scoreOf(relay: Relay, peer: TestPeer): Promise<number> {
  // Not part of gossipsub's public type.
  const { score } = relay.libp2p.services.pubsub as unknown as { score: { score(peer: string): number } }
  return score.score(peer.peerId.toString())
}

/** A peer that is in the mesh of the relay, and how many messages it heard. */
async function join(relay: Relay) {
  const peer = await fixtures.peer([relay])
  const heard: Uint8Array[] = []
  const { pubsub } = peer.services
  pubsub.addEventListener('message', ({ detail }) => heard.push(detail.data))
  pubsub.subscribe(linksTopic)
  await expect.poll(() => pubsub.getSubscribers(linksTopic).length, { timeout: 10_000 }).toBeGreaterThan(0)
  await expect
    .poll(() => relay.libp2p.services.pubsub.getSubscribers(linksTopic).some((id) => id.equals(peer.peerId)))
    .toBe(true)
  return { peer, heard, publish: (data: Uint8Array, topic = linksTopic) => pubsub.publish(topic, data) }
}

describe('[RE7] gossip', () => {
  it('cuts off who sends what is invalid, and nobody else behind its address', async () => {
    const { relay } = await fixtures.relay()
    const [spammer, honest, listener] = [await join(relay), await join(relay), await join(relay)]
    for (let i = 0; i < 12; i++)
      await spammer.publish(new Uint8Array([i]), i % 2 ? linksTopic : placementsTopic)
    await expect
      .poll(() => scoreOf(relay, spammer.peer), { timeout: 10_000 })
      .toBeLessThan(GRAYLIST_SCORE / 2)
    for (let i = 0; i < 12; i++) await spammer.publish(new Uint8Array([i, i]))
    await expect.poll(() => scoreOf(relay, spammer.peer), { timeout: 10_000 }).toBeLessThan(GRAYLIST_SCORE)
    const { envelope } = await createFeed(await fakeIdentity(1)).next([link('a', 'b')])
    await spammer.publish(envelope)
    const other = await createFeed(await fakeIdentity(2)).next([link('b', 'c')])
    await honest.publish(other.envelope)
    await expect.poll(() => listener.heard.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(listener.heard).toEqual([other.envelope])
    expect(await scoreOf(relay, honest.peer)).toBe(0)
    expect(relay.stats().gossipMessages.get(linksTopic)).toBe(1)
    const { accept, reject } = relay.stats().gossipVerdicts
    expect(accept).toBe(1)
    expect(reject).toBeGreaterThan(8)
  })

  it('a flood of valid messages is forwarded up to what one peer may say', async () => {
    const { relay } = await fixtures.relay()
    const [flooder, honest, listener] = [await join(relay), await join(relay), await join(relay)]
    const { envelope } = await createFeed(await fakeIdentity(1)).next([link('a', 'b')])
    const startedAt = performance.now()
    for (let i = 0; i < 400; i++) await flooder.publish(envelope)
    const other = await createFeed(await fakeIdentity(2)).next([link('b', 'c')])
    await honest.publish(other.envelope)
    await expect
      .poll(() => listener.heard.some((data) => Buffer.compare(data, other.envelope) === 0), {
        timeout: 10_000,
      })
      .toBe(true)
    const seconds = (performance.now() - startedAt) / 1_000
    expect(listener.heard.length).toBeLessThanOrEqual(256 + Math.ceil(4 * seconds) + 1)
  })
})
