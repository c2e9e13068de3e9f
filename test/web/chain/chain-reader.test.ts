import { describe, expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import {
  createFakeChain,
  type FakeChain,
  type FakeNode,
  type Forge,
  fetchNodes,
} from '../../fakes/fake-chain.ts'
import { hastyTimers } from '../../fakes/timers.ts'

const RICH = '0x00000000000000000000000000000000000000b8'
const account = (balanceWei: bigint) => ({ balanceWei, nonce: 0n, storage: new Map([[3n, 5n]]) })

function chainOf(balanceWei: bigint): FakeChain {
  const chain = createFakeChain()
  chain.mine([[RICH, account(balanceWei)]])
  return chain
}

function readerOf(nodes: Readonly<Record<string, FakeNode>>) {
  let now = 1_000_000
  const fetch = fetchNodes(nodes)
  const endpoints = createEndpoints(
    Object.keys(nodes).map((host) => `http://${host}/`),
    fetch,
  )
  const reader = createChainReader({ endpoints, timers: hastyTimers, now: () => now })
  return {
    reader,
    calls: fetch.calls,
    statusOf: (name: string) => reader.state.value.endpoints.find((state) => state.name === name)?.status,
    wait: (ms: number) => {
      now += ms
    },
  }
}

/** Forges one method's answer by changing one text in it. */
function forging(method: string, from: (result: never) => string, to: (text: string) => string): Forge {
  return (asked, result) => {
    if (asked !== method) return result
    const text = from(result as never)
    return JSON.parse(JSON.stringify(result).replaceAll(`"${text}"`, `"${to(text)}"`))
  }
}

const flipLast = (text: string) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')

describe('[CH13] a header', () => {
  it('is accepted when the majority tells it, at the height that the majority has reached', async () => {
    const chain = chainOf(5n)
    const behind = chainOf(5n)
    chain.mine()
    const { reader } = readerOf({ a: { chain }, b: { chain }, c: { chain: behind } })
    expect(await reader.head()).toMatchObject({ number: 2, hash: chain.head.hash })
    expect(reader.state.value).toMatchObject({ head: { kind: 'accepted', agreeing: 2 }, sources: 3 })
  })

  it('told by one endpoint alone rests on 1 source', async () => {
    const { reader } = readerOf({ only: { chain: chainOf(5n) } })
    await reader.head()
    expect(reader.state.value).toMatchObject({ sources: 1, head: { kind: 'accepted', agreeing: 1 } })
  })

  it('is not accepted when endpoints disagree: the camps are shown', async () => {
    const { reader } = readerOf({ a: { chain: chainOf(5n) }, b: { chain: chainOf(6n) } })
    await expect(reader.head()).rejects.toMatchObject({
      code: 'HEADER_DISPUTED',
      message: expect.stringMatching(/disagree about block 1: a: 0x.*; b: 0x.*Neither is believed/),
    })
    const { head, accepted } = reader.state.value
    expect(head).toMatchObject({ kind: 'disputed', camps: [{ endpoints: ['a'] }, { endpoints: ['b'] }] })
    expect(accepted).toBeUndefined()
  })

  it('is one source’s word where a relay names its endpoints, however many they are', async () => {
    const [chain, forged] = [chainOf(5n), chainOf(6n)]
    const fetch = fetchNodes({ own: { chain }, x: { chain: forged }, y: { chain: forged } })
    const urls = ['http://own/', 'http://x/', 'http://y/']
    const told = createEndpoints(urls.slice(1), fetch, urls)
    const led = createChainReader({ endpoints: told, timers: hastyTimers, now: () => 0 })
    expect((await led.head()).hash).toBe(forged.head.hash)
    expect(led.state.value).toMatchObject({ sources: 1, head: { agreeing: 1 } })
    // beside one's own they do not outvote it
    const reader = createChainReader({
      endpoints: createEndpoints(urls, fetch, urls.slice(1)),
      timers: hastyTimers,
      now: () => 0,
    })
    await expect(reader.head()).rejects.toMatchObject({
      code: 'HEADER_DISPUTED',
      message: expect.stringContaining('x (named by the relay), y (named by the relay): 0x'),
    })
    expect(reader.state.value).toMatchObject({ sources: 2, accepted: undefined })
  })

  it('is not accepted of a relay’s endpoints that disagree among themselves', async () => {
    const fetch = fetchNodes({ x: { chain: chainOf(5n) }, y: { chain: chainOf(6n) } })
    const urls = ['http://x/', 'http://y/']
    const reader = createChainReader({
      endpoints: createEndpoints(urls, fetch, urls),
      timers: hastyTimers,
      now: () => 0,
    })
    await expect(reader.head()).rejects.toMatchObject({ code: 'HEADER_DISPUTED' })
  })

  it('of the minority is shown beside that of the majority', async () => {
    const chain = chainOf(5n)
    const { reader } = readerOf({ a: { chain }, b: { chain: chainOf(6n) }, c: { chain } })
    expect((await reader.head()).hash).toBe(chain.head.hash)
    const { head } = reader.state.value
    expect(head).toMatchObject({ camps: [{ endpoints: ['a', 'c'] }, { endpoints: ['b'] }] })
  })

  it('with a forged field makes its sender a liar, who is named, dropped and counts no more', async () => {
    const chain = chainOf(5n)
    const forge = forging('eth_getBlockByNumber', (block: { stateRoot: string }) => block.stateRoot, flipLast)
    const { reader, statusOf, calls } = readerOf({ liar: { chain, forge }, b: { chain }, c: { chain } })
    expect((await reader.head()).hash).toBe(chain.head.hash)
    expect(statusOf('liar')).toMatchObject({ kind: 'liar', failure: expect.stringMatching(/hash to/) })
    const asked = calls.get('liar')
    await reader.head()
    expect(calls.get('liar')).toBe(asked)
    expect(reader.state.value.sources).toBe(2)
  })

  it('is unknown while too few answer, and the last one stays', async () => {
    const chain = chainOf(5n)
    const nodes: Record<string, FakeNode> = { a: { chain }, b: { chain } }
    const { reader, wait, statusOf, calls } = readerOf(nodes)
    await reader.head()
    nodes.b!.down = true
    await expect(reader.head()).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    expect(reader.state.value).toMatchObject({
      head: { kind: 'short', answered: 1, needed: 2 },
      accepted: { number: 1 },
    })
    expect(statusOf('b')).toMatchObject({ kind: 'waiting' })
    nodes.b!.down = false
    const asked = calls.get('b')
    await expect(reader.head()).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    expect(calls.get('b')).toBe(asked)
    wait(1_000)
    expect((await reader.head()).number).toBe(1)
    expect(statusOf('b')).toEqual({ kind: 'good' })
  })

  it('is not taken back by an endpoint that fell a little behind, for half a minute', async () => {
    const [chain, behind] = [chainOf(5n), chainOf(5n)]
    chain.mine()
    const nodes: Record<string, FakeNode> = { a: { chain } }
    const { reader, wait } = readerOf(nodes)
    await reader.head()
    nodes.a = { chain: behind }
    wait(29_000)
    expect((await reader.head()).number).toBe(2)
    wait(1_000)
    expect((await reader.head()).number).toBe(1)
    expect(reader.state.value.accepted?.number).toBe(1)
  })

  it('gives way at once to one of a chain that was begun anew', async () => {
    const [chain, anew] = [chainOf(5n), chainOf(5n)]
    for (let i = 0; i < 4; i++) chain.mine()
    const nodes: Record<string, FakeNode> = { a: { chain } }
    const { reader } = readerOf(nodes)
    expect((await reader.head()).number).toBe(5)
    nodes.a = { chain: anew }
    expect((await reader.head()).number).toBe(1)
  })
})

describe('[CH13] an account', () => {
  it('is proved by whoever can, and a liar is named and replaced', async () => {
    for (const [what, forge] of [
      ['balance', forging('eth_getProof', (proof: { balance: string }) => proof.balance, flipLast)],
      ['storage', forging('eth_getProof', (proof: { storageHash: string }) => proof.storageHash, flipLast)],
      [
        'node',
        forging('eth_getProof', ({ accountProof: [node] }: { accountProof: [string] }) => node, flipLast),
      ],
    ] as const) {
      const chain = chainOf(0x5fn)
      const { reader, statusOf } = readerOf({ liar: { chain, forge }, b: { chain }, c: { chain } })
      const header = await reader.head()
      const proven = await reader.account(header, RICH, { slots: [3n, 4n] })
      expect(proven, what).toMatchObject({ account: { balanceWei: 0x5fn }, slots: [5n, 0n] })
      expect(statusOf('liar'), what).toMatchObject({ kind: 'liar' })
      expect(statusOf('b')).toEqual({ kind: 'good' })
    }
  })

  it('is asked for in parts when many slots are', async () => {
    const chain = chainOf(5n)
    const { reader, calls } = readerOf({ a: { chain } })
    const header = await reader.head()
    const before = calls.get('a')!
    const { slots } = await reader.account(header, RICH, {
      slots: Array.from({ length: 250 }, (_, i) => BigInt(i)),
    })
    expect(slots).toHaveLength(250)
    expect(slots[3]).toBe(5n)
    expect(calls.get('a')).toBe(before + 3)
  })

  it('is told of nobody when all lie or are gone', async () => {
    const chain = chainOf(0x5fn)
    const forge = forging('eth_getProof', (proof: { balance: string }) => proof.balance, flipLast)
    const { reader } = readerOf({ liar: { chain, forge } })
    const header = await reader.head()
    await expect(reader.account(header, RICH)).rejects.toMatchObject({
      code: 'RPC_UNREACHABLE',
      message: expect.stringMatching(/liar: An endpoint says that the balance is 80, but its proof shows 95/),
    })
  })
})
