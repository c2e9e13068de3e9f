import { describe, expect, it } from 'vitest'
import { type Bytes, concat } from '#core/bytes.ts'
import { protocolsOf } from '#core/network.ts'
import { machineOfGenesis } from '#graph/machine/genesis.ts'
import { signGraphBlock } from '#graph/machine/graph-block.ts'
import type { RelevanceMachine } from '#graph/machine/relevance-machine.ts'
import { type BlockSource, createBlocksHandler, syncBlocks } from '#peer/protocols/blocks.ts'
import { fakeChain, fakeGenesis, fakeOrderer, openFakeMachine, stateOf } from '#test/fakes/machine.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const genesis = await fakeGenesis()
const id = machineOfGenesis(genesis)
const { machine: whole, blocks } = await fakeChain(genesis, 7)
const { blocks: protocol } = protocolsOf('test')

/** A peer that serves these blocks, and one that asks it. */
async function twoPeers(source: BlockSource) {
  const network = createFakeNetwork(1n)
  const [server, asker] = [network.add('server'), network.add('asker')]
  network.connect('server', 'asker')
  server.requests.handle(protocol, createBlocksHandler(id, source))
  const progress: string[] = []
  const sync = (machine: RelevanceMachine, of: Bytes = id) =>
    syncBlocks('server', {
      transport: asker,
      protocol,
      timers: createFakeTimers(),
      machine,
      id: of,
      signal: new AbortController().signal,
      onProgress: ({ done, total }) => progress.push(`${done}/${total}`),
    })
  return { network, sync, progress }
}

/** The same blocks with one of them another. */
function withBlock(height: number, bundle: Bytes): BlockSource {
  return {
    tip: whole.tip,
    bundle: (asked) => (asked === height ? Promise.resolve(bundle) : whole.bundle(asked)),
  }
}

describe('[KG23] blocks from a peer', () => {
  it('[KG23] bring a newcomer to the same state, with progress', async () => {
    const { sync, progress } = await twoPeers(whole)
    const machine = await openFakeMachine({ genesis })
    expect(await sync(machine)).toBe(7)
    await machine.whenRanked()
    expect(stateOf(machine)).toEqual(stateOf(whole))
    expect(progress).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7'])
    expect(await sync(machine)).toBe(7)
    expect(progress.at(-1)).toBe('7/7')
  })

  it('[KG23] go on where they were broken off', async () => {
    const { network, sync, progress } = await twoPeers(whole)
    const machine = await openFakeMachine({ genesis })
    network.breakAfter({ peer: 'server', protocol, frames: 4 })
    await expect(sync(machine)).rejects.toThrow()
    expect(machine.status().height).toBe(3)
    expect(await sync(machine)).toBe(7)
    expect(progress).toEqual(['1/7', '2/7', '3/7', '3/7', '4/7', '5/7', '6/7', '7/7'])
  })

  it('[KG23] are refused when one is wrong, and its sender is named; the ones before it stay', async () => {
    const fourth = blocks[3]!
    const { height, prev, parameters } = fourth.desc
    const head = { machine: id, height, prev, parameters, timeUs: fourth.timeUs }
    const lie = await signGraphBlock(
      { head, state: { ...fourth.desc, rankRoot: new Uint8Array(32) }, batches: fourth.batches },
      await fakeOrderer(genesis),
    )
    const stranger = fourth.bundle.map((byte, at) => (at === 300 ? byte ^ 1 : byte))
    for (const bundle of [
      lie.bundle,
      stranger,
      concat(fourth.bundle, Uint8Array.of(0)),
      blocks[2]!.bundle.slice(0, 50),
    ]) {
      const { sync } = await twoPeers(withBlock(4, bundle))
      const machine = await openFakeMachine({ genesis })
      await expect(sync(machine)).rejects.toMatchObject({
        code: 'SYNC_MISBEHAVIOUR',
        message: expect.stringContaining('server'),
      })
      expect(machine.status().height).toBe(3)
    }
  })

  it('[KG3] of another branch show that the orderer signed two of one height', async () => {
    const { sync } = await twoPeers(whole)
    const machine = await openFakeMachine({ genesis })
    const [first] = blocks
    const head = { machine: id, height: 1, prev: undefined, parameters: 1, timeUs: first!.timeUs + 9 }
    const other = await signGraphBlock(
      { head, state: first!.desc, batches: first!.batches },
      await fakeOrderer(genesis),
    )
    await machine.apply(other)
    await expect(sync(machine)).rejects.toMatchObject({ code: 'BLOCK_FORKED' })
    expect(await machine.forks()).toEqual([{ height: 1, bundles: [other.bundle, first!.bundle] }])
  })

  it('[KG1] of another machine are none', async () => {
    const { sync } = await twoPeers(whole)
    expect(await sync(await openFakeMachine({ genesis }), new Uint8Array(32))).toBe(0)
  })
})
