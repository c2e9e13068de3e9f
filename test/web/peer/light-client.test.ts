import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { protocolsOf } from '#core/network.ts'
import type { RequestHandler } from '#core/transport.ts'
import type { ProvenAnswer } from '#graph/machine/answer.ts'
import { type MachineGenesis, machineOfGenesis } from '#graph/machine/genesis.ts'
import type { StakeSource } from '#graph/machine/stake-source.ts'
import type { KnownMachine } from '#peer/genesis-pin.ts'
import { createLightClient } from '#peer/light-client.ts'
import { createAnswersHandler } from '#peer/protocols/answers.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { digestOf } from '#test/fakes/links.ts'
import {
  fakeBatches,
  fakeChain,
  fakeFork,
  fakeGenesis,
  fakeOrderer,
  makeBlock,
  openFakeMachine,
} from '#test/fakes/machine.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { createFakeStakes, FAKE_STAKES } from '#test/fakes/stakes.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const HOUR = 3_600_000
const genesis = await fakeGenesis()
const id = machineOfGenesis(genesis)
const [{ machine }, { machine: earlier }, fork] = [
  await fakeChain(genesis, 6),
  await fakeChain(genesis, 4),
  await fakeFork(genesis, 6),
]
const protocols = protocolsOf('test')
const { answers: protocol } = protocols
const { signal } = new AbortController()

type Source = Parameters<typeof createAnswersHandler>[1]

/** The same machine, whose answers are changed on their way. */
function changed(change: (answer: ProvenAnswer) => Partial<ProvenAnswer>): Source {
  return {
    async answer(from) {
      const proven = (await machine.answer(from))!
      return { ...proven, answer: { ...proven.answer, ...change(proven.answer) } }
    },
  }
}

const shorter = changed(({ targets }) => ({ targets: targets.slice(1) }))

interface SetupChange {
  readonly relay?: string
  readonly machine?: KnownMachine
  readonly stakes?: StakeSource
}

/** A tab and its neighbours, in their order; undefined: a peer that has no such protocol. */
function setup(
  sources: Readonly<Record<string, Source | RequestHandler | undefined>>,
  { relay, machine: known = { genesis, id }, stakes }: SetupChange = {},
) {
  const network = createFakeNetwork(1n)
  const tab = network.add('tab')
  const asked: string[] = []
  const shunned: string[] = []
  const timers = createFakeTimers()
  let clock = TEST_NOW + HOUR
  for (const [name, source] of Object.entries(sources)) {
    const { requests } = network.add(name)
    network.connect('tab', name)
    if (source === undefined) continue
    const handler = typeof source === 'function' ? source : createAnswersHandler(known.id, source)
    requests.handle(protocol, (request, from) => {
      asked.push(name)
      return handler(request, from)
    })
  }
  const client = createLightClient({
    machine: known,
    ...{ transport: tab, protocols, timers },
    now: () => clock,
    kindOf: (peer) => (peer === relay ? 'relay' : 'tab'),
    onMisbehaviour: (peer) => shunned.push(peer),
    async openStakes() {
      if (stakes !== undefined) return stakes
      throw new AppError('STAKES_UNKNOWN', 'No chain is known here.')
    },
  })
  return {
    ...{ client, asked, shunned, timers },
    ask: (word = 'word 1') => client.ask(digestOf(word), signal),
    setClock: (time: number) => {
      clock = time
    },
  }
}

describe('[KG16a] a tab that keeps no chain', () => {
  it('[KG16a] takes the answer under the newest block of those that it asks', async () => {
    const { client, ask } = setup({ old: earlier, new: machine })
    const answer = await ask()
    expect(answer).toMatchObject({ peer: 'new', block: { desc: { height: 6 } } })
    expect(answer?.answer.targets.length).toBeGreaterThan(1)
    expect(client.newest?.desc.height).toBe(6)
    expect(client.refused).toEqual([])
  })

  it('asks relays first, and goes on where nobody has such a protocol', async () => {
    const sources = { a: undefined, b: undefined, c: undefined, d: undefined, relay: machine }
    const first = setup(sources, { relay: 'relay' })
    expect((await first.ask())?.peer).toBe('relay')
    const last = setup(sources)
    expect((await last.ask())?.peer).toBe('relay')
    expect(await setup({ a: undefined }).ask()).toBeUndefined()
    expect(await setup({}).ask()).toBeUndefined()
  })

  it.each([
    ['leaves a result out', shorter],
    ['leaves a link out', changed(({ links }) => ({ links: links.slice(52) }))],
    [
      'slips a link in',
      changed(({ links }) => ({ links: new Uint8Array([...links, ...links.slice(0, 52)]) })),
    ],
    [
      'gives another rank',
      changed(({ targets: [first, ...rest] }) => ({ targets: [{ ...first!, rank: 1n }, ...rest] })),
    ],
  ])('[KG16a] refuses and names a peer that %s, and asks it nothing for an hour', async (_, liar) => {
    const { client, asked, shunned, ask, setClock } = setup({ liar, honest: machine })
    expect((await ask())?.peer).toBe('honest')
    expect(shunned).toEqual(['liar'])
    expect(client.refused).toMatchObject([{ peer: 'liar', error: { code: 'SYNC_MISBEHAVIOUR' } }])
    expect(client.refused[0]?.error.message).toContain('liar')
    await ask()
    expect(asked.filter((peer) => peer === 'liar')).toHaveLength(1)
    setClock(TEST_NOW + 3 * HOUR)
    await ask()
    expect(asked.filter((peer) => peer === 'liar')).toHaveLength(2)
  })

  it('has no answer when all that it could ask lie', async () => {
    const { ask, shunned } = setup({ liar: shorter, other: shorter })
    expect(await ask()).toBeUndefined()
    expect(shunned.sort()).toEqual(['liar', 'other'])
  })

  it('[KG3] shows two signed blocks of one height, and holds the first for the newest', async () => {
    const { client, ask } = setup({ one: machine, two: fork })
    await ask()
    expect(client.forks).toHaveLength(1)
    const [{ height, blocks }] = client.forks as [(typeof client.forks)[0]]
    expect(height).toBe(6)
    expect(blocks.map(({ desc }) => desc.height)).toEqual([6, 6])
    expect(blocks[0].hash).not.toEqual(blocks[1].hash)
    expect(client.refused).toEqual([])
  })

  it('blames nobody for blocks that are ahead of its own clock', async () => {
    const { ask, client, setClock } = setup({ honest: machine })
    setClock(TEST_NOW - HOUR)
    expect(await ask()).toBeUndefined()
    expect(client.refused).toEqual([])
    setClock(TEST_NOW + HOUR)
    expect((await ask())?.peer).toBe('honest')
  })

  it('asks one question at a time, as peers answer no second one before the first', async () => {
    const { ask, asked } = setup({ honest: machine })
    const answers = await Promise.all(['word 1', 'word 2', 'nowhere'].map((word) => ask(word)))
    expect(answers.map((answer) => answer?.peer)).toEqual(['honest', 'honest', 'honest'])
    expect(asked).toHaveLength(3)
  })

  it('tells who waits of an abort at once, and goes on with the next question', async () => {
    const { client, ask } = setup({ honest: machine })
    const aborted = AbortSignal.abort(new Error('enough'))
    await expect(client.ask(digestOf('word 1'), aborted)).rejects.toThrow('enough')
    const stopping = new AbortController()
    const first = client.ask(digestOf('word 1'), stopping.signal)
    stopping.abort(new Error('typed on'))
    await expect(first).rejects.toThrow('typed on')
    expect((await ask())?.peer).toBe('honest')
  })

  it('leaves a peer whose answer comes byte by byte, and calls it no liar', async () => {
    let sent = 0
    const { client, ask, timers } = setup({
      async *slow() {
        for (; sent < 1_000; sent++) {
          yield new Uint8Array(1)
          timers.advance(10_000)
        }
      },
      honest: machine,
    })
    expect((await ask())?.peer).toBe('honest')
    expect(sent).toBeLessThan(10)
    expect(client.refused).toEqual([])
  })
})

describe('[KG7] a tab under blocks with stakes of a chain', () => {
  const start = async (stakes: StakeSource, ofChain: MachineGenesis) => {
    const machine = await openFakeMachine({ genesis: ofChain, change: { stakes } })
    const [batches = []] = await fakeBatches(1)
    await makeBlock(machine, await fakeOrderer(ofChain), batches)
    return machine
  }
  const setUpChain = async () => {
    const ofChain = await fakeGenesis({ stakes: FAKE_STAKES })
    const [truth, lies] = [createFakeStakes(), createFakeStakes()]
    for (const device of [1, 2, 3]) truth.stake((await fakeIdentity(device)).neuron, 1_000_000n)
    for (const device of [3, 2, 1]) lies.stake((await fakeIdentity(device)).neuron, 1_000_000n * 2n)
    const known = { genesis: ofChain, id: machineOfGenesis(ofChain) }
    return { ofChain, known, truth, lies }
  }

  it('[KG7] says whether the chain proves whose stake counts', async () => {
    const { ofChain, known, truth } = await setUpChain()
    const honest = await start(truth, ofChain)
    const proved = setup({ honest }, { machine: known, stakes: truth })
    expect(await proved.ask('word 0')).toMatchObject({ peer: 'honest', stakes: 'proved' })
    const unchecked = setup({ honest }, { machine: known })
    expect(await unchecked.ask('word 0')).toMatchObject({ stakes: 'unchecked' })
    truth.isAway = true
    expect(await setup({ honest }, { machine: known, stakes: truth }).ask('word 0')).toMatchObject({
      stakes: 'unchecked',
    })
  })

  it('[KG7] refuses what an orderer signed with other stakes, names it, and takes an honest block', async () => {
    const { ofChain, known, truth, lies } = await setUpChain()
    const [honest, biased] = [await start(truth, ofChain), await start(lies, ofChain)]
    const { client, ask, shunned } = setup({ biased, honest }, { machine: known, stakes: truth })
    expect(await ask('word 0')).toMatchObject({ peer: 'honest', stakes: 'proved' })
    const orderer = toHex((await fakeOrderer(ofChain)).neuron)
    expect(client.falseStakes).toMatchObject([
      { block: { desc: { height: 1 } }, error: { code: 'BLOCK_STAKES', details: { orderer } } },
    ])
    expect(client.falseStakes[0]?.error.message).toContain(`0x${orderer}`)
    // whoever hands it on did not make it
    expect(shunned).toEqual([])
    await ask('word 0')
    expect(client.falseStakes).toHaveLength(1)
  })
})
