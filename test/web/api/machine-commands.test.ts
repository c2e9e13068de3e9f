import { describe, expect, it } from 'vitest'
import { createMachineState, lazyMachine } from '#api/lazy-machine.ts'
import { createMachineCommands, type MachineCommandsInit } from '#api/machine-commands.ts'
import { toHex } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { protocolsOf } from '#core/network.ts'
import { formatGenesis, machineOfGenesis } from '#graph/machine/genesis.ts'
import { createLightClient } from '#peer/light-client.ts'
import { createAnswersHandler } from '#peer/protocols/answers.ts'
import { createBandwidthHandler } from '#peer/protocols/bandwidth.ts'
import type { KeyValue } from '#peer/relay-memory.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { digestOf } from '#test/fakes/links.ts'
import { fakeChain, fakeFork, fakeGenesis } from '#test/fakes/machine.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { createFakeStakes } from '#test/fakes/stakes.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const genesis = await fakeGenesis()
const id = machineOfGenesis(genesis)
const told = formatGenesis(genesis)
const { machine } = await fakeChain(genesis, 6)
const fork = await fakeFork(genesis, 6)
const { answers: protocol, bandwidth } = protocolsOf('test')
const me = (await fakeIdentity(1)).neuron

type Source = Parameters<typeof createAnswersHandler>[1]

function setup(sources: Readonly<Record<string, Source>> = {}, change: Partial<MachineCommandsInit> = {}) {
  const network = createFakeNetwork(1n)
  const tab = network.add('tab')
  const asked: string[] = []
  for (const [name, source] of Object.entries(sources)) {
    const handler = createAnswersHandler(id, source)
    const { requests } = network.add(name)
    requests.handle(protocol, (request, from) => {
      asked.push(name)
      return handler(request, from)
    })
    requests.handle(bandwidth, createBandwidthHandler(id, machine))
    network.connect('tab', name)
  }
  const values = new Map<string, string>()
  const store: KeyValue = {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  }
  const state = createMachineState()
  const commands = createMachineCommands({
    ...{ network: 'test', store, told, state, transport: tab, timers: createFakeTimers() },
    now: () => TEST_NOW + 3_600_000,
    neuron: async () => me,
    backlinks: async () => ({ results: [] }),
    kindOf: () => 'relay',
    onMisbehaviour: () => {},
    openStakes: async () => createFakeStakes(),
    ...change,
  })
  return { commands, state, asked, store, network }
}

describe('tabland.rank over an ordered machine', () => {
  it('[KG16a] proves all that a text links to, in order, and says under which block and who linked it', async () => {
    const { commands, state } = setup({ relay: machine })
    const page = (await commands.prove('word 1'))!
    expect(page).toMatchObject({ particle: textCid('word 1'), peer: 'relay', block: { height: 6 } })
    expect(page).toMatchObject({ stakes: 'fixed', oldAt: page.block.time + 10_000 })
    expect(page.total).toBe(page.results.length)
    expect(page.results.map(({ rank }) => rank)).toEqual(
      page.results.map(({ rank }) => rank).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)),
    )
    for (const { neurons } of page.results) expect(neurons[0]).toMatch(/^0x[0-9a-fA-F]{40}$/)
    expect(await commands.prove('word 1', { limit: 1 })).toMatchObject({
      results: page.results.slice(0, 1),
      total: page.total,
    })
    expect(await commands.prove('nowhere')).toMatchObject({ results: [], total: 0 })
    expect(state.value).toMatchObject({
      isNamed: true,
      machine: { id: toHex(id), rankPeriod: genesis.parameters[0]!.rankPeriod },
      block: { height: 6, rankRoot: page.block.rankRoot },
      forks: [],
    })
  })

  it('[KG20] saves the proof of what was shown without asking again, and checks it', async () => {
    const { commands, asked } = setup({ relay: machine })
    const page = (await commands.prove('word 1'))!
    const [first] = page.results
    const proof = await commands.proof(first!.cid, { from: 'word 1' })
    expect(await commands.proof(first!.cid)).toEqual(proof)
    expect(asked).toHaveLength(1)
    const verified = await commands.verify(proof)
    expect(verified).toMatchObject({
      ...{ cid: first!.cid, rank: first!.rank, index: first!.index, isTrusted: true },
      ...{ root: page.block.rankRoot, block: page.block, machine: toHex(id) },
    })
    expect(verified.path.at(-1)?.hash).toBe(verified.root)
    expect(await commands.verify(JSON.stringify(proof))).toEqual(verified)
    await expect(commands.verify({ ...proof, rank: '7' })).rejects.toMatchObject({ code: 'MERKLE_ROOT' })
  })

  it('[KG20] finds the proof of a rank by what this tab knows to link there', async () => {
    const result = { rank: 0n, share: 0, links: [] }
    const sources: string[] = []
    const { commands } = setup(
      { relay: machine },
      {
        backlinks: async (cid) => {
          sources.push(cid)
          return { results: ['nowhere', 'word 1'].map((word) => ({ ...result, cid: textCid(word) })) }
        },
      },
    )
    const { results } = (await setup({ relay: machine }).commands.prove('word 1'))!
    const proof = await commands.proof(results[0]!.cid)
    expect(proof.cid).toBe(results[0]!.cid)
    expect(sources).toEqual([proof.cid])
    await expect(commands.proof('unheard of', { from: 'word 1' })).rejects.toMatchObject({
      code: 'RANK_UNPROVEN',
    })
  })

  it('trusts no proof of another machine, though it holds', async () => {
    const { commands } = setup({ relay: machine })
    const proof = await commands.proof((await commands.prove('word 1'))!.results[0]!.cid)
    const stranger = setup({}, { told: formatGenesis(await fakeGenesis({ orderers: [new Uint8Array(20)] })) })
    expect(await stranger.commands.verify(proof)).toMatchObject({ machine: toHex(id), isTrusted: false })
    const { block: _, genesis: __, ...plain } = proof
    expect(await commands.verify(plain)).toMatchObject({ cid: proof.cid, isTrusted: false })
  })

  it('[KG16a] hands on what it checked, to be checked again, and nothing else', async () => {
    const { commands, network } = setup({ relay: machine })
    const other = network.add('other')
    network.connect('other', 'tab')
    const askTab = createLightClient({
      ...{ machine: { genesis, id }, transport: other, protocols: protocolsOf('test') },
      ...{ timers: createFakeTimers(), now: () => TEST_NOW + 3_600_000 },
      ...{
        kindOf: () => 'tab' as const,
        onMisbehaviour: () => {},
        openStakes: async () => createFakeStakes(),
      },
    })
    const { signal } = new AbortController()
    expect(await askTab.ask(digestOf('word 1'), signal)).toBeUndefined()
    const page = await commands.prove('word 1')
    const answer = await askTab.ask(digestOf('word 1'), signal)
    expect(answer).toMatchObject({ peer: 'tab', block: { desc: { height: 6 } } })
    expect(answer?.answer.targets).toHaveLength(page!.total)
    expect(await askTab.ask(digestOf('word 2'), signal)).toBeUndefined()
    expect(askTab.refused).toEqual([])
  })

  it('[KG5] tells what a link costs, what is left, and when it is back', async () => {
    const { commands } = setup({ relay: machine })
    const mine = (await commands.bandwidth())!
    const { height, cost, remaining, max } = machine.bandwidth(me)
    expect(mine).toMatchObject({ height: 7, cost, remaining, max, peer: 'relay', sufficesAt: height })
    const perBlock = max / BigInt(genesis.parameters[0]!.recoveryPeriod)
    expect(mine.fullAt).toBe(height + Math.ceil(Number(max - remaining) / Number(perBlock)))
    const newcomer = await commands.bandwidth({ neuron: `0x${'0'.repeat(40)}` })
    expect(newcomer).toMatchObject({ remaining: max, max, fullAt: height })
    expect(await setup({}).commands.bandwidth()).toBeUndefined()
    await expect(setup({}, { told: undefined }).commands.bandwidth()).rejects.toMatchObject({
      code: 'MACHINE_NONE',
    })
  })

  it('[KG3] shows two signed blocks of one height, each to be checked by anybody', async () => {
    const { commands, state } = setup({ one: machine, two: fork })
    const { forks, block } = await commands.machine()
    expect(forks).toHaveLength(1)
    const [first, second] = forks[0]!.blocks
    expect([first.height, second.height, first.orderer]).toEqual([6, 6, second.orderer])
    expect(first.hash).not.toBe(second.hash)
    expect(first.signed).not.toBe(second.signed)
    expect(block?.height).toBe(6)
    expect(state.value.forks).toBe(forks)
  })

  it('[KG16a] names whose answer was refused', async () => {
    const liar: Source = {
      async answer(from) {
        const proven = (await machine.answer(from))!
        return { ...proven, answer: { ...proven.answer, targets: proven.answer.targets.slice(1) } }
      },
    }
    const { commands, state } = setup({ liar, relay: machine })
    expect(await commands.prove('word 1')).toMatchObject({ peer: 'relay' })
    expect(state.value.refused).toMatchObject([{ peer: 'liar', failure: { code: 'SYNC_MISBEHAVIOUR' } }])
  })

  it('[KG1] believes another machine only when it is told to', async () => {
    const theirs = formatGenesis(await fakeGenesis({ orderers: [new Uint8Array(20)] }))
    const { store } = setup({}, { told: theirs })
    const { commands, state } = setup({ relay: machine }, { store })
    expect(state.value.other?.id).toBe(toHex(id))
    await expect(commands.prove('word 1')).rejects.toMatchObject({
      code: 'RANK_UNPROVEN', // the relay has no such machine
      message: expect.stringContaining('Nobody who is connected'),
    })
    await expect(commands.trust('00'.repeat(32))).rejects.toMatchObject({ code: 'MACHINE_OTHER' })
    expect(await commands.trust(`0x${toHex(id).toUpperCase()}`)).toMatchObject({ machine: { id: toHex(id) } })
    expect(state.value).not.toHaveProperty('other')
    expect(await commands.prove('word 1')).toMatchObject({ block: { height: 6 } })
  })

  it('says why nothing is proved while nobody is connected', async () => {
    await expect(setup({}).commands.prove('word 1')).rejects.toMatchObject({
      code: 'RANK_UNPROVEN',
      message: expect.stringContaining('Nobody is connected'),
    })
  })

  it('says that there is no machine where no relay named one', async () => {
    const { commands, state } = setup({}, { told: undefined })
    expect(state.value).toEqual({ isNamed: false, forks: [], falseStakes: [], refused: [] })
    for (const asked of [commands.prove('moon'), commands.proof('moon')])
      await expect(asked).rejects.toMatchObject({ code: 'MACHINE_NONE' })
    expect(await commands.machine()).toEqual(state.value)
  })
})

it('commands whose code could not be fetched are tried again by the next call', async () => {
  const { commands } = setup({ relay: machine })
  let tries = 0
  const lazy = lazyMachine(async () => {
    if (++tries === 1) throw new TypeError('Failed to fetch')
    return commands
  })
  await expect(lazy.machine()).rejects.toThrow('Failed to fetch')
  expect(await lazy.prove('word 1')).toMatchObject({ block: { height: 6 } })
  await lazy.machine()
  expect(tries).toBe(2)
})
