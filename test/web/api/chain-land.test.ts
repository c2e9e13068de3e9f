import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { describeChainLand } from '#api/chain-land.ts'
import { lazyChainLand } from '#api/lazy-chain-land.ts'
import type { ChainState } from '#chain/chain-reader.ts'
import { findChain, keepEndpoints } from '#chain/find-chain.ts'
import type { LandReading } from '#chain/land/land-service.ts'
import { birthCell } from '#core/land-rule.ts'
import { addressOf, makeLand } from '../../fakes/land.ts'

const table = makeLand(
  new Map([
    [1, { owner: 5n, x: 3, y: -4 }],
    [2, { owner: 5n, state: 2n }],
    [3, { owner: 6n, x: 9, y: 9 }],
  ]),
  new Map([[5n, 1_790_000_000]]),
)
const NONE: LandReading = { land: { kind: 'none' }, source: undefined, refusals: [], failure: undefined }
const cached = { kind: 'cached', table, root: '0x01', block: 7, blockTime: 1_750_000_007 } as const

function setUp() {
  const state = signal<LandReading>(NONE)
  const chain = signal<ChainState>({
    head: { kind: 'unknown' },
    accepted: undefined,
    endpoints: [{ name: 'node', status: { kind: 'liar', failure: 'It lied.' } }],
    sources: 1,
  })
  const asked: string[] = []
  const service = { state, refresh: async () => void asked.push('refresh') }
  return {
    state,
    chain,
    asked,
    land: describeChainLand({ service, chain, retry: () => asked.push('retry') }),
  }
}

describe('[CH14] the land for page and devtools', () => {
  it('says what to give where a cell or an address is none, before its code is here too', async () => {
    const { land } = setUp()
    const here = lazyChainLand({ load: async () => land })
    await here.api.refresh()
    for (const { api } of [lazyChainLand(), lazyChainLand({ load: () => new Promise(() => {}) }), here]) {
      const cell = expect.objectContaining({ code: 'CELL_EXPECTED' })
      expect(() => api.proven('a' as unknown as number, 4)).toThrow(cell)
      const address = expect.objectContaining({ code: 'ADDRESS_INVALID' })
      expect(() => api.owned('0xzz')).toThrow(address)
      expect(() => api.owned(undefined as unknown as string)).toThrow(address)
    }
  })

  it('is told by cell and by owner, and marked as stale until it is confirmed', () => {
    const { state, land } = setUp()
    expect(land.api.proven(3, -4)).toBeUndefined()
    expect(land.api.owned(addressOf(5n))).toEqual([])
    state.value = { ...NONE, land: cached }
    expect(land.api.proven(3, -4)).toEqual({
      id: 1,
      owner: addressOf(5n),
      cell: { x: 3, y: -4 },
      warnings: 0,
      lastWarningAt: 0,
      aliveUntil: 1_790_000_000,
      block: 7,
      blockTime: 1_750_000_007,
      stale: true,
    })
    expect(land.api.proven(0, 40)).toBeUndefined()
    expect(land.api.owned(addressOf(5n).toUpperCase().replace('X', 'x')).map(({ id }) => id)).toEqual([1, 2])
    state.value = { ...NONE, land: { ...cached, kind: 'proven' } }
    expect(land.api.proven(9, 9)).toMatchObject({ id: 3, stale: false, aliveUntil: 0 })
  })

  it('[CH13] says who tells it, who lied, and why it is not newer', async () => {
    const { state, land, asked } = setUp()
    state.value = { ...NONE, land: cached, failure: { code: 'RPC_UNREACHABLE', message: 'Nobody answers.' } }
    expect(land.state.value).toMatchObject({
      kind: 'cached',
      parcels: 2,
      block: 7,
      sources: 1,
      endpoints: [{ name: 'node', status: 'liar', failure: 'It lied.' }],
      failure: { code: 'RPC_UNREACHABLE' },
    })
    expect(await land.api.refresh()).toBe(land.state.value)
    expect(asked).toEqual(['retry', 'refresh'])
  })

  it('[CH4] says where parcels lie: moved, without a place, or not minted yet', () => {
    const { state, land } = setUp()
    expect(land.places.value).toBeUndefined()
    state.value = { ...NONE, land: cached }
    const places = land.places.value!
    expect([0, 1, 2, 3].map((serial) => places.cellOf(serial))).toEqual([
      { x: 3, y: -4 },
      undefined,
      { x: 9, y: 9 },
      birthCell(4),
    ])
    expect([{ x: 9, y: 9 }, birthCell(1), birthCell(2), birthCell(4)].map(places.parcelOn)).toEqual([
      2,
      undefined,
      undefined,
      3,
    ])
    // the same land keeps the same places
    state.value = { ...NONE, land: { ...cached, kind: 'proven', block: 8 } }
    expect(land.places.value).toBe(places)
  })

  it('is absent without a chain, and tells why its code cannot read one', async () => {
    expect(lazyChainLand().state.value.kind).toBe('absent')
    const { land } = setUp()
    const lazy = lazyChainLand({ load: async () => land })
    expect(lazy.state.value.kind).toBe('reading')
    await lazy.api.refresh()
    expect(lazy.state.value).toBe(land.state.value)
    const failing = lazyChainLand({
      load: () => Promise.reject(Object.assign(new Error('No node.'), { code: 'RPC_ENDPOINTS' })),
    })
    expect(await failing.api.refresh()).toMatchObject({ failure: { code: 'RPC_ENDPOINTS' } })
    expect([failing.api.proven(1, 1), failing.api.owned(addressOf(5n))]).toEqual([undefined, []])
  })

  it('[CH13] says all along what a relay tells otherwise than this browser knew', async () => {
    const { land, state } = setUp()
    const changed = { code: 'CHAIN_CHANGED', message: 'The relay names another.' }
    const lazy = lazyChainLand({ load: async () => land, changed })
    expect(lazy.api.chain()).toMatchObject({ kind: 'reading', changed })
    await lazy.api.refresh()
    state.value = { ...NONE, land: cached }
    expect(lazy.state.value).toMatchObject({ kind: 'cached', changed })
  })

  it('[CH13] keeps endpoints of one’s own for the next start, and takes no others', () => {
    const kept = new Map<string, string>()
    const store = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
    }
    const told = { chainId: 1, rpc: ['https://relay.example/'], contracts: {} }
    const { api } = lazyChainLand({ keep: (urls) => keepEndpoints(store, urls) })
    api.setEndpoints(['https://node.example/', 'http://127.0.0.1:8545'])
    expect(findChain({ told, network: 'test', store }).facts?.rpc).toEqual([
      'https://node.example/',
      'http://127.0.0.1:8545',
      'https://relay.example/',
    ])
    expect(() => api.setEndpoints(['node'])).toThrow(/Expected up to 8 addresses of RPC endpoints/)
    api.setEndpoints([])
    expect(findChain({ told, network: 'test', store }).facts?.rpc).toEqual(told.rpc)
  })
})
