import { signal } from '@preact/signals'
import { describe, expect, it, vi } from 'vitest'
import type { ParcelToken } from '#api/access-types.ts'
import { lazyDistricts } from '#api/lazy-districts.ts'
import { openDistricts } from '#api/open-districts.ts'
import type { LandState, ParcelBuild } from '#api/types.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { DISTRICTS_LIST, dataSlot } from '#chain/storage-slots.ts'
import { birthCell } from '#core/land-rule.ts'
import { createFakeChain, type FakeNode, fetchNodes } from '../../fakes/fake-chain.ts'
import { FAKE_OTHER } from '../../fakes/fake-facts.ts'
import { hastyTimers } from '../../fakes/timers.ts'

const DISTRICTS: Hex = '0x00000000000000000000000000000000000000d1'
const LONG = 'A name of more than thirty-one bytes'

/** A ring of a category, as Solidity lays it out. */
function ringStorage(
  rings: readonly { readonly category: bigint; readonly inner: bigint; readonly outer: bigint }[],
) {
  const first = dataSlot(DISTRICTS_LIST)
  const storage = new Map([[DISTRICTS_LIST, BigInt(rings.length)]])
  for (const [i, { category, inner, outer }] of rings.entries()) {
    const slot = first + 3n * BigInt(i)
    storage.set(slot, category | (inner << 8n) | (outer << 24n))
    // the first has a name that does not fit into its slot
    if (i === 0) {
      storage.set(slot + 2n, BigInt(2 * LONG.length + 1))
      const text = Buffer.from(LONG.padEnd(64, '\0'))
      for (const at of [0, 1])
        storage.set(
          dataSlot(slot + 2n) + BigInt(at),
          BigInt(`0x${text.toString('hex', 32 * at, 32 * at + 32)}`),
        )
    } else storage.set(slot + 2n, (BigInt(`0x${Buffer.from('Red').toString('hex')}`) << 232n) | 6n)
  }
  return { balanceWei: 0n, nonce: 1n, storage }
}

const cellOfDistance = (distance: number) => ({ x: distance, y: 0 })
const build = (parcel: number, distance: number, mine = false): ParcelBuild => ({
  parcel,
  cell: distance === 0 ? birthCell(parcel + 1) : cellOfDistance(distance),
  root: 'Qm',
  placement: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
  neuron: FAKE_OTHER,
  time: 0,
  mine,
})
/** by parcel: in the adult ring, in the gambling one, in one that nobody knows, outside, one's own in the adult ring */
const LAND: LandState = {
  builds: new Map(
    [build(1, 105), build(2, 85), build(3, 65), build(4, 40), build(5, 106, true)].map((each) => [
      each.parcel,
      each,
    ]),
  ),
}
const RINGS = [
  { category: 1n, inner: 100n, outer: 110n },
  { category: 2n, inner: 80n, outer: 90n },
  { category: 9n, inner: 60n, outer: 70n },
]

function setUp(memory = new Map<string, string>()) {
  const chain = createFakeChain()
  chain.mine([[DISTRICTS, ringStorage(RINGS)]])
  const node: { -readonly [K in keyof FakeNode]: FakeNode[K] } = { chain }
  const open = () => {
    const reader = createChainReader({
      endpoints: createEndpoints(['http://node/'], fetchNodes({ node })),
      timers: hastyTimers,
      now: () => 0,
    })
    const store = {
      getItem: (key: string) => memory.get(key) ?? null,
      setItem: (key: string, value: string) => void memory.set(key, value),
    }
    const view = openDistricts({ reader, address: DISTRICTS, chainId: 31_337, memory: store })
    const seen = () => [...view.visible(LAND).builds.keys()]
    const until = (kind: string) => vi.waitFor(() => expect(view.state.value.kind).toBe(kind))
    return { reader, view, seen, until }
  }
  return { chain, node, open }
}

describe('[CH8] restricted districts', () => {
  it('are proved whole, and hide what stands in them from whoever did not opt in, one’s own excepted', async () => {
    const { open } = setUp()
    const { view, seen, until } = open()
    // nothing of others is shown while nobody knows
    expect(seen()).toEqual([5])
    await until('proven')
    expect(view.state.value.districts.map(({ category, name }) => [category, name])).toEqual([
      ['adult', LONG],
      ['gambling', 'Red'],
      ['other', 'Red'],
    ])
    expect(seen()).toEqual([4, 5])
    view.show('adult', true)
    expect(seen()).toEqual([1, 4, 5])
    view.show('gambling', true)
    view.show('adult', false)
    expect(seen()).toEqual([2, 4, 5])
  })

  it.each([
    ['zork', true],
    ['general', true],
    [undefined, true],
    ['adult', 'yes'],
  ])('are shown for no other category or choice: %s, %s', async (category, isShown) => {
    const { view, until } = setUp().open()
    await until('proven')
    expect(() => view.show(category as never, isShown as never)).toThrow(
      expect.objectContaining({ code: 'CATEGORY_EXPECTED' }),
    )
    expect(view.state.value.shown).toEqual([])
  })

  it('are remembered with the choice, so that the next visit hides them before the chain answers', async () => {
    const { node, open } = setUp()
    const first = open()
    await first.until('proven')
    first.view.show('adult', true)
    node.down = true
    const { view, seen, until } = open()
    expect(view.state.value).toMatchObject({ kind: 'kept', shown: ['adult'] })
    expect(seen()).toEqual([1, 4, 5])
    await vi.waitFor(() => expect(view.state.value.failure?.code).toBe('RPC_UNREACHABLE'))
    await until('kept')
  })

  it('hide nothing where nobody ever proved them and the chain does not answer', async () => {
    const { node, open } = setUp()
    node.down = true
    const { seen, until } = open()
    await until('unknown')
    expect(seen()).toEqual([1, 2, 3, 4, 5])
  })

  it('are read again when a block shows that one changed, whoever looked at the chain', async () => {
    const { chain, open } = setUp()
    const { reader, view, seen, until } = open()
    await until('proven')
    chain.mine([[DISTRICTS, ringStorage(RINGS.slice(1))]])
    await reader.head()
    await vi.waitFor(() => expect(view.state.value.districts).toHaveLength(2))
    expect(seen()).toEqual([1, 4, 5])
  })

  it('hide a plot that moves into one, and show it where it goes from there', async () => {
    const { open } = setUp()
    const { view, until } = open()
    await until('proven')
    const at = (distance: number) => view.visible({ builds: new Map([[4, build(4, distance)]]) }).builds.size
    expect([40, 105, 41].map(at)).toEqual([1, 0, 1])
  })

  it('[CH6] hide the model tokens that others placed there too', async () => {
    const { open } = setUp()
    const { view, until } = open()
    const token = (id: number, distance: number, mine = false): ParcelToken => {
      const { neuron: holder, time: _, ...standing } = build(id, distance, mine)
      return { ...standing, id, holder }
    }
    const land: LandState = {
      builds: new Map(),
      tokens: [token(1, 105), token(2, 40), token(3, 106, true)],
    }
    const seen = () => view.visible(land).tokens?.map(({ id }) => id)
    expect(seen()).toEqual([3])
    await until('proven')
    expect(seen()).toEqual([2, 3])
    view.show('adult', true)
    expect(view.visible(land)).toBe(land)
    const late = lazyDistricts(signal(land), () => Promise.reject(new Error('offline')))
    expect(late.land.value.tokens).toEqual([])
  })

  it('cannot be redrawn or left out by an endpoint', async () => {
    const { node, open } = setUp()
    node.forge = (method, result) =>
      method === 'eth_getProof'
        ? JSON.parse(JSON.stringify(result).replaceAll('"value":"0x3"', '"value":"0x0"'))
        : result
    const { view, until } = open()
    await until('unknown')
    expect(view.state.value.failure?.message).toContain('node')
  })
})

it('a chain without districts hides nothing, and code that does not come neither', async () => {
  const land = signal(LAND)
  expect(lazyDistricts(land).land.value).toBe(LAND)
  const late = lazyDistricts(land, () => Promise.reject(new Error('offline')))
  expect(late.land.value.builds.size).toBe(0)
  await vi.waitFor(() => expect(late.state.value.kind).toBe('unknown'))
  expect(late.land.value).toBe(LAND)
})
