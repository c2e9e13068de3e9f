import { afterEach, describe, expect, it } from 'vitest'
import { addressOf, createPeerFixtures, others, until } from '#test/web/peer/peer-fixtures.ts'

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
    // b's relay told it of the other two; a's relay was dialled by them and has no list of its own
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
    expect(connectedRelays(again.relay)).toBe(0)
  })
})
