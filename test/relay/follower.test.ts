import { describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import { machineOfGenesis } from '#graph/machine/genesis.ts'
import { signGraphBlock } from '#graph/machine/graph-block.ts'
import { type BlockSource, createBlocksHandler } from '#peer/protocols/blocks.ts'
import { createFollower } from '#relay/follower.ts'
import { TEST_NOW } from '#test/fakes/identity.ts'
import { fakeChain, fakeGenesis, fakeOrderer, openFakeMachine } from '#test/fakes/machine.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const genesis = await fakeGenesis()
const id = machineOfGenesis(genesis)
const { machine: whole, blocks } = await fakeChain(genesis, 4)
const { blocks: protocol } = protocolsOf('test')
const POLL_MS = 2_000

/** A follower and its neighbours in their order; `tab` speaks no such protocol. */
async function setup(sources: Readonly<Record<string, BlockSource>>) {
  const network = createFakeNetwork(1n)
  const transport = network.add('follower')
  const asked: string[] = []
  for (const [name, source] of Object.entries(sources)) {
    const handler = createBlocksHandler(id, source)
    network.add(name).requests.handle(protocol, (request, from) => {
      asked.push(name)
      return handler(request, from)
    })
    network.connect('follower', name)
  }
  const machine = await openFakeMachine({ genesis })
  const timers = createFakeTimers()
  const failures: string[] = []
  let clock = TEST_NOW
  const follower = createFollower({
    ...{ machine, id, transport, protocol, timers, pollMs: POLL_MS, now: () => clock },
    hasBlocks: async (peer) => peer !== 'tab',
    onFailure: ({ message }) => failures.push(message),
  })
  return { network, machine, timers, follower, asked, failures, later: (ms: number) => (clock += ms) }
}

/** The chain as it was after some of its blocks. */
function upTo(height: number): BlockSource {
  return { tip: { ...whole.tip, height }, bundle: (asked) => whole.bundle(asked) }
}

describe('[KG16a] a follower', () => {
  it('takes what the neighbour with the most blocks has, and asks no tab', async () => {
    const { machine, follower, asked } = await setup({ tab: whole, behind: upTo(2), ahead: whole })
    await follower.look()
    expect(machine.tip.height).toBe(4)
    await follower.look()
    // a height and blocks of each that had more, then a height of each
    expect(asked).toEqual(['behind', 'behind', 'ahead', 'ahead', 'behind', 'ahead'])
  })

  it('looks every so often while it runs, never twice at once', async () => {
    const { machine, follower, timers, asked } = await setup({ relay: whole })
    follower.start()
    timers.advance(POLL_MS - 1)
    expect(asked).toEqual([])
    timers.advance(1)
    timers.advance(POLL_MS)
    await expect.poll(() => machine.tip.height).toBe(4)
    expect(asked).toEqual(['relay', 'relay'])
    await follower.stop()
    expect(timers.pending).toBe(0)
  })

  it('leaves a neighbour for an hour that sent a wrong block, names it, and goes on with others', async () => {
    const second = blocks[1]!
    const { height, prev, parameters } = second.desc
    const lie = await signGraphBlock(
      {
        head: { machine: id, height, prev, parameters, timeUs: second.timeUs },
        state: { ...second.desc, rankRoot: new Uint8Array(32) },
        batches: second.batches,
      },
      await fakeOrderer(genesis),
    )
    const liar: BlockSource = {
      tip: whole.tip,
      bundle: async (asked) => (asked === 2 ? lie.bundle : whole.bundle(asked)),
    }
    const { machine, follower, asked, failures, later } = await setup({ liar, honest: whole })
    await follower.look()
    expect(machine.tip.height).toBe(4)
    expect(failures).toEqual([expect.stringContaining('liar')])
    await follower.look()
    expect(asked.filter((peer) => peer === 'liar')).toHaveLength(2)
    later(2 * 3_600_000)
    await follower.look()
    expect(asked.filter((peer) => peer === 'liar')).toHaveLength(3)
  })

  it('[KG3] tells once of two blocks of one height, and keeps its own', async () => {
    const [first] = blocks
    const head = { machine: id, height: 1, prev: undefined, parameters: 1, timeUs: first!.timeUs + 9 }
    const other = await signGraphBlock(
      { head, state: first!.desc, batches: first!.batches },
      await fakeOrderer(genesis),
    )
    const { machine, follower, failures } = await setup({ relay: whole })
    await machine.apply(other)
    await follower.look()
    await follower.look()
    expect(failures).toEqual([expect.stringContaining('signed two blocks 1')])
    expect(machine.tip.hash).toEqual(other.hash)
  })
})
