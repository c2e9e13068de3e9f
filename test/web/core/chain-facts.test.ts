import { describe, expect, it } from 'vitest'
import { parseChainFacts } from '#core/chain-facts.ts'

const GRID = '0x00000000000000000000000000000000000000A7'
const facts = { chainId: 31_337, rpc: ['http://127.0.0.1:8545'], contracts: { landGrid: GRID } }

describe('what a relay says of a chain', () => {
  it('is read, addresses in lower case', () => {
    expect(parseChainFacts(facts)).toEqual({ ...facts, contracts: { landGrid: GRID.toLowerCase() } })
    expect(parseChainFacts({ ...facts, rpc: [] })).toMatchObject({ rpc: [] })
  })

  it('is read without endpoints and contracts that are none', () => {
    const rpc = [
      'ws://node/',
      `http://${'a'.repeat(3_000)}/`,
      ...Array.from({ length: 9 }, (_, i) => `http://node/${i}`),
    ]
    const read = parseChainFacts({ ...facts, rpc, contracts: { land: '0x12', landGrid: GRID } })
    expect(read?.rpc).toHaveLength(8)
    expect(read?.contracts).toEqual({ landGrid: GRID.toLowerCase() })
    expect(parseChainFacts({ ...facts, contracts: null })?.contracts).toEqual({})
  })

  it.each([
    ['nothing', undefined],
    ['a text', 'chain'],
    ['no chain id', { ...facts, chainId: '1' }],
    ['a chain id of 0', { ...facts, chainId: 0 }],
  ])('is not read from %s', (_, value) => {
    expect(parseChainFacts(value)).toBeUndefined()
  })
})
