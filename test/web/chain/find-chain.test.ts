import { describe, expect, it } from 'vitest'
import { findChain, keepEndpoints } from '#chain/find-chain.ts'
import type { ChainFacts } from '#core/chain-facts.ts'

const [CYBR, LAND, OTHER] = ['0x', '0x', '0x'].map(
  (head, i) => `${head}${String(i + 1).repeat(40)}`,
) as `0x${string}`[] as [`0x${string}`, `0x${string}`, `0x${string}`]
const told: ChainFacts = { chainId: 10, rpc: ['https://relay.example/'], contracts: { cybr: CYBR } }

function setUp() {
  const kept = new Map<string, string>()
  const store = {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  return {
    store,
    find: (facts: ChainFacts | undefined) => findChain({ told: facts, network: 'test', store }),
  }
}

describe('[CH13] the chain of a page', () => {
  it('has a person’s own endpoints first, and tells those apart that the relay alone names', () => {
    const { store, find } = setUp()
    keepEndpoints(store, ['https://own.example/'])
    expect(find(told)).toEqual({
      facts: {
        ...told,
        rpc: ['https://own.example/', 'https://relay.example/'],
        told: ['https://relay.example/'],
      },
      change: undefined,
    })
    expect(find({ ...told, rpc: ['https://own.example/'] }).facts?.told).toEqual([])
    expect(find(undefined).facts).toBeUndefined()
  })

  it('is pinned at first use: other contracts or another chain are said and not followed', () => {
    const { store, find } = setUp()
    find(told)
    const moved = find({ ...told, contracts: { cybr: OTHER } })
    expect(moved.facts?.contracts).toEqual({ cybr: CYBR })
    expect(moved.change).toMatchObject({
      code: 'CHAIN_CHANGED',
      message: expect.stringContaining(`cybr ${OTHER} instead of ${CYBR}`),
    })
    const left = find({ ...told, chainId: 31_337 })
    expect(left.facts?.chainId).toBe(10)
    expect(left.change?.message).toContain('chain 31337 instead of 10')
    expect(find(told).change).toBeUndefined()
    // as the sentence says
    store.kept.delete('tabland/chain/test')
    expect(find({ ...told, contracts: { cybr: OTHER } }).facts?.contracts).toEqual({ cybr: OTHER })
  })

  it('takes contracts that came later, and keeps those that a relay leaves out', () => {
    const { find } = setUp()
    find(told)
    const both = { cybr: CYBR, land: LAND }
    expect(find({ ...told, contracts: both })).toMatchObject({
      facts: { contracts: both },
      change: undefined,
    })
    expect(find({ ...told, contracts: {} }).facts?.contracts).toEqual(both)
    expect(find({ ...told, contracts: { land: OTHER } }).facts?.contracts).toEqual(both)
  })

  it('is followed, and said, where it is the local test chain', () => {
    const { find } = setUp()
    const local = { ...told, chainId: 31_337 }
    find(local)
    const moved = find({ ...local, contracts: { cybr: OTHER } })
    expect(moved.facts?.contracts).toEqual({ cybr: OTHER })
    expect(moved.change).toMatchObject({ code: 'CHAIN_FOLLOWED', message: expect.stringMatching(/followed/) })
  })

  it('is what a relay tells where nothing can be kept', () => {
    const refuse = () => {
      throw new DOMException('forbidden', 'SecurityError')
    }
    const store = { getItem: refuse, setItem: refuse }
    expect(findChain({ told, network: 'test', store }).facts).toMatchObject({ ...told, told: told.rpc })
  })
})
