import { describe, expect, it } from 'vitest'
import { ByteWriter } from '#core/bytes.ts'
import { protocolsOf } from '#core/network.ts'
import type { RequestHandler } from '#core/transport.ts'
import { askBandwidth, createBandwidthHandler, type ToldBandwidth } from '#peer/protocols/bandwidth.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const machine = new Uint8Array(32).fill(1)
const neuron = new Uint8Array(20).fill(2)
const { bandwidth: protocol } = protocolsOf('test')
const told: ToldBandwidth = { height: 7, cost: 250n, remaining: 2n ** 63n, max: 2n ** 64n - 1n }

function setup(handler: RequestHandler) {
  const network = createFakeNetwork(1n)
  const [relay, tab] = [network.add('relay'), network.add('tab')]
  network.connect('relay', 'tab')
  relay.requests.handle(protocol, handler)
  const { signal } = new AbortController()
  const ask = (id = machine, who = neuron) =>
    askBandwidth('relay', who, { transport: tab, protocol, timers: createFakeTimers(), machine: id, signal })
  return { ask }
}

const honest = createBandwidthHandler(machine, {
  bandwidth: (asked) => (asked[0] === 2 ? told : { ...told, remaining: 0n }),
})

function frame({ height, cost, remaining, max }: ToldBandwidth): RequestHandler {
  return async function* () {
    yield new ByteWriter(28).u32(height).u64(cost).u64(remaining).u64(max).finish()
  }
}

describe("[KG5] a neuron's bandwidth, asked of a peer", () => {
  it('is told for the neuron that is asked for, and for no other machine', async () => {
    const { ask } = setup(honest)
    expect(await ask()).toEqual(told)
    expect(await ask(machine, new Uint8Array(20))).toMatchObject({ remaining: 0n })
    expect(await ask(new Uint8Array(32))).toBeUndefined()
    await expect(ask(machine, new Uint8Array(19))).rejects.toThrow()
  })

  it.each([
    [
      'has too few bytes',
      async function* () {
        yield new Uint8Array(27)
      } satisfies RequestHandler,
    ],
    ['leaves more than there is', frame({ ...told, remaining: 9n, max: 8n })],
    ['makes links free', frame({ ...told, cost: 0n })],
  ])('names a peer whose word %s', async (_, liar) => {
    await expect(setup(liar).ask()).rejects.toMatchObject({
      code: 'SYNC_MISBEHAVIOUR',
      message: expect.stringContaining('relay'),
    })
  })
})
