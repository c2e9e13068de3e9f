import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { ParcelToken } from '#api/access-types.ts'
import { followTokens } from '#api/follow-tokens.ts'
import type { Purse } from '#api/lazy-purse.ts'
import type { OpenedObject } from '#api/object-types.ts'
import type { WalletState } from '#api/types.ts'
import { type Hex, hexOf } from '#chain/hex.ts'
import { ACCESS_OFFERS, ACCESS_PAID, LAND_BUILDERS, mappingSlot } from '#chain/storage-slots.ts'
import { openWriteChain } from '#chain/wallet/open-write-chain.ts'
import { utf8 } from '#core/bytes.ts'
import type { Cell } from '#core/land.ts'
import { birthCell, serialOf } from '#core/land-rule.ts'
import { BIRTH_PLACES, type ParcelPlaces, plotAt } from '#core/plots.ts'
import { dataObjectId, formatObjectId } from '#objects/object-id.ts'
import { createFakeChain, type FakeAccount, type FakeNode, fetchNodes } from '#test/fakes/fake-chain.ts'
import { addressOf, type FakeParcel, GRID, landAccount, makeLand } from '#test/fakes/land.ts'
import { type FakeModel, MODEL, MODEL_ROOT, modelAccount } from '#test/fakes/models.ts'
import { settle } from '#test/fakes/seed-profile.ts'
import { createFakeTimers, hastyTimers } from '../../fakes/timers.ts'

const LAND: Hex = '0x00000000000000000000000000000000000000b4'
const ACCESS: Hex = '0x00000000000000000000000000000000000000b5'
const [ALICE, BOB, CAROL] = [0xa11cen, 0xb0bn, 0xca701n]
const HOME = 11
/** how long a look takes at most to come, ms */
const LOOK_MS = 2_000

function account(storage: readonly (readonly [bigint, bigint])[]): FakeAccount {
  return { balanceWei: 0n, nonce: 1n, storage: new Map(storage) }
}

/** `Land._builders[owner][parcel][builder]` */
function builder(owner: bigint, parcel: number, who: bigint): bigint {
  const ofOwner = mappingSlot(addressOf(owner), LAND_BUILDERS)
  return mappingSlot(addressOf(who), mappingSlot(BigInt(parcel), ofOwner))
}

interface Given {
  readonly models: readonly FakeModel[]
  readonly parcels?: ReadonlyMap<number, FakeParcel>
  readonly land?: FakeAccount
  readonly access?: FakeAccount
  readonly me?: bigint
  /** what objects are to this profile; rejects for those that nobody has */
  readonly open?: () => Promise<Pick<OpenedObject, 'restricted'>>
}

function setUp({ models, parcels = new Map([[HOME, { owner: ALICE }]]), land, access, me, open }: Given) {
  const chain = createFakeChain()
  const node: { -readonly [K in keyof FakeNode]: FakeNode[K] } = { chain }
  const fetch = fetchNodes({ node })
  const contracts = { landGrid: GRID, land: LAND, model: MODEL, access: ACCESS }
  const opened = openWriteChain(
    { chainId: 31_337, rpc: ['http://node/'], contracts },
    { timers: hastyTimers, fetch },
  )
  const state = { parcels, at: birthCell(HOME) as Cell | undefined }
  const places = signal<ParcelPlaces | undefined>(BIRTH_PLACES)
  const proven = (x: number, y: number) => {
    const found = [...state.parcels].find(([id, parcel]) => {
      const cell = { ...birthCell(id), ...parcel }
      return cell.x === x && cell.y === y
    })
    return found && { id: found[0], owner: addressOf(found[1].owner), cell: { x, y } }
  }
  const wallet = signal<WalletState | undefined>(
    me === undefined ? undefined : { address: addressOf(me), device: '', burner: true, sealed: false },
  )
  const tokens = signal<readonly ParcelToken[]>([])
  const timers = createFakeTimers()
  const said: (readonly number[])[] = []
  tokens.subscribe((each) => said.push(each.map(({ id }) => id)))
  const document = { hidden: false }
  const purse = { state: signal({ transactions: [] as { readonly block?: object }[] }) }
  followTokens({
    ...{ opened, wallet, tokens, timers, document },
    purse: purse as unknown as Pick<Purse, 'state'>,
    objects: { open: (open ?? (() => Promise.reject(new Error('Nobody has it.')))) as never },
    chainLand: { places, api: { proven: proven as never } },
    position: () => state.at,
  })
  /** Mines what changes, has the tab look at the chain, and lets time pass. */
  const look = async (...changes: readonly (readonly [Hex, FakeAccount])[]) => {
    if (changes.length > 0) chain.mine(changes)
    await opened.reader.head().catch(() => {})
    timers.advance(LOOK_MS)
    await settle()
    return tokens.value.map(({ id }) => id)
  }
  chain.mine([
    [GRID, landAccount(makeLand(parcels))],
    [LAND, land ?? account([])],
    [ACCESS, access ?? account([])],
    [MODEL, modelAccount(models)],
  ])
  const { reader } = opened
  return { reader, node, fetch, state, places, tokens, timers, said, look, document, purse }
}

describe('[CH6] model tokens on parcels around the visitor', () => {
  it('are told as the world draws them: what, where and whose', async () => {
    const pose = { x: 1_500, y: -250, z: -2_000, yaw: 90_000, scale: 500_000 }
    const { look, tokens } = setUp({
      models: [
        { holder: ALICE, parcel: HOME, pose },
        { holder: ALICE, parcel: HOME, on: 'planet' },
        { holder: ALICE },
      ],
      me: ALICE,
    })
    await look()
    const cell = birthCell(HOME)
    expect(tokens.value).toEqual([
      {
        ...{ id: 1, cell, parcel: plotAt(cell), root: MODEL_ROOT, mine: true },
        holder: expect.stringMatching(/^0x/),
        placement: { x: 1.5, y: -0.25, z: -2, yawDegrees: 90, scale: 0.5 },
      },
    ])
  })

  it('are asked for only where a world is drawn, and again only when something changed', async () => {
    const { look, state, fetch, said } = setUp({ models: [{ holder: ALICE, parcel: HOME }] })
    state.at = undefined
    expect(await look()).toEqual([])
    state.at = birthCell(HOME)
    expect(await look()).toEqual([1])
    const asked = fetch.calls.get('node') as number
    // the chain's head alone
    await look()
    expect(fetch.calls.get('node')).toBe(asked + 1)
    // a block that changes no model costs one proof
    await look([ACCESS, account([[1n, 1n]])])
    expect(fetch.calls.get('node')).toBe(asked + 3)
    expect(said).toEqual([[], [1]])
  })

  it('come and go with the block that places them or takes them away', async () => {
    const { look } = setUp({ models: [{ holder: ALICE, parcel: HOME }, { holder: ALICE }] })
    expect(await look()).toEqual([1])
    const both = modelAccount([1, 2].map(() => ({ holder: ALICE, parcel: HOME })))
    expect(await look([MODEL, both])).toEqual([2, 1])
    expect(await look([MODEL, modelAccount([{ holder: ALICE }, { holder: ALICE, parcel: HOME }])])).toEqual([
      2,
    ])
  })

  it('are gone from a plot that changed hands, at once', async () => {
    const { look, state, places } = setUp({
      models: [
        { holder: ALICE, parcel: HOME },
        { holder: BOB, parcel: HOME },
      ],
    })
    expect(await look()).toEqual([1])
    state.parcels = new Map([[HOME, { owner: BOB }]])
    places.value = { ...BIRTH_PLACES }
    expect(await look([GRID, landAccount(makeLand(state.parcels))])).toEqual([2])
  })

  it('of those whom an owner lets build stand until that ends', async () => {
    const named = account([[builder(ALICE, HOME, BOB), 1n]])
    const { look } = setUp({ models: [{ holder: BOB, parcel: HOME }], land: named })
    expect(await look()).toEqual([1])
    expect(await look([LAND, account([])])).toEqual([])
    expect(await look([LAND, named])).toEqual([1])
  })

  it('stand where their parcel lies now, and nowhere when it has no place', async () => {
    const { look, state, places, tokens } = setUp({ models: [{ holder: ALICE, parcel: HOME }] })
    expect(await look()).toEqual([1])
    const cell = { x: birthCell(HOME).x + 2, y: birthCell(HOME).y }
    const moved = { owner: ALICE, ...cell }
    state.parcels = new Map([[HOME, moved]])
    const parcelOn = (at: Cell) => (at.x === cell.x && at.y === cell.y ? serialOf(HOME) : undefined)
    places.value = { parcelOn, cellOf: (serial) => (serial === serialOf(HOME) ? cell : undefined) }
    expect(await look([GRID, landAccount(makeLand(state.parcels))])).toEqual([1])
    expect(tokens.value[0]).toMatchObject({ cell, parcel: plotAt(cell) })
    state.parcels = new Map()
    places.value = { parcelOn: () => undefined, cellOf: () => undefined }
    const gone = new Map([[HOME, { ...moved, state: 2n }]])
    expect(await look([GRID, landAccount(makeLand(gone))])).toEqual([])
  })

  it('are those within reach, nearest first, eight to a plot and sixty-four in all, the owner’s before others’', async () => {
    const ids = Array.from({ length: 400 }, (_, index) => index + 1)
    const here = birthCell(HOME)
    const far = (id: number) => Math.hypot(birthCell(id).x - here.x, birthCell(id).y - here.y)
    const parcels = new Map(ids.map((id) => [id, { owner: ALICE }] as const))
    const near = ids.toSorted((a, b) => far(a) - far(b) || a - b)
    const beyond = near.find((id) => far(id) > 34) as number
    // earlier owners left any number here
    const left = Array.from({ length: 20 }, () => ({ holder: BOB, parcel: HOME }))
    const models = [
      { holder: ALICE, parcel: beyond },
      ...near.slice(1, 12).flatMap((parcel) => Array.from({ length: 9 }, () => ({ holder: ALICE, parcel }))),
      ...Array.from({ length: 2 }, () => ({ holder: ALICE, parcel: HOME })),
      ...left,
    ]
    const { look, tokens, state } = setUp({ models, parcels })
    await look()
    const on = (id: number) => tokens.value.filter(({ parcel }) => parcel === plotAt(birthCell(id))).length
    expect(tokens.value).toHaveLength(64)
    expect(near.slice(0, 9).map(on)).toEqual([2, 8, 8, 8, 8, 8, 8, 8, 6])
    expect(tokens.value.slice(0, 2).every(({ parcel }) => parcel === plotAt(here))).toBe(true)
    // another place, another reading: a step or two is none
    const before = tokens.value
    state.at = { x: here.x + 2.5, y: here.y }
    await look()
    expect(tokens.value).toBe(before)
    state.at = birthCell(beyond)
    expect(await look()).toContain(1)
  })

  it('stay as they are while the chain does not answer, and are read again once it does', async () => {
    const { look, node, reader, fetch } = setUp({ models: [{ holder: ALICE, parcel: HOME }] })
    expect(await look()).toEqual([1])
    node.forge = (method, result) => (method === 'eth_getProof' ? {} : result)
    expect(await look([MODEL, modelAccount([{ holder: ALICE }])])).toEqual([1])
    // whoever failed is left alone for some looks, longer each time
    for (const looks of [5, 10]) {
      for (let i = 0; i < looks; i++) {
        reader.retry()
        const asked = fetch.calls.get('node') as number
        expect(await look()).toEqual([1])
        // the chain's head alone
        expect(fetch.calls.get('node')).toBe(asked + 1)
      }
      reader.retry()
      if (looks === 10) delete node.forge
      await look()
    }
    expect(await look()).toEqual([])
  })

  it('are not asked for while nobody looks', async () => {
    const { look, document } = setUp({ models: [{ holder: ALICE, parcel: HOME }] })
    document.hidden = true
    expect(await look()).toEqual([])
    document.hidden = false
    expect(await look()).toEqual([1])
  })
})

describe('[CH6] models that anybody may change by each block', () => {
  const none = { holder: ALICE }
  const here = { holder: ALICE, parcel: HOME }

  it('are looked through once a minute; meanwhile what stands is proved anew', async () => {
    const { look } = setUp({ models: [here, none, here] })
    expect(await look()).toEqual([3, 1])
    const other = { holder: BOB }
    expect(await look([MODEL, modelAccount([here, none, here, other])])).toEqual([3, 1])
    expect(await look([MODEL, modelAccount([here, here, none, other])])).toEqual([1])
    // nothing else happens on the chain
    for (let i = 0; i < 28; i++) expect(await look()).toEqual([1])
    expect(await look()).toEqual([2, 1])
  })

  it('are looked through at once for what this profile did', async () => {
    const { look, purse } = setUp({ models: [none, none] })
    await look()
    await look([MODEL, modelAccount([none, none, none])])
    expect(await look([MODEL, modelAccount([here, none, none])])).toEqual([])
    purse.state.value = { transactions: [{}] }
    expect(await look()).toEqual([])
    purse.state.value = { transactions: [{ block: {} }] }
    expect(await look()).toEqual([1])
  })

  it('are looked through again when that broke off', async () => {
    const { look, node, reader } = setUp({ models: [here, none] })
    expect(await look()).toEqual([1])
    await look([MODEL, modelAccount([here, none, none])])
    expect(await look([MODEL, modelAccount([here, here, none])])).toEqual([1])
    node.forge = (method, result) => (method === 'eth_call' ? '0x' : result)
    for (let i = 0; i < 30; i++) await look()
    delete node.forge
    reader.retry()
    for (let i = 0; i < 6; i++) await look()
    expect(await look()).toEqual([2, 1])
  })
})

describe('[CH7] a restricted model token', () => {
  const object = dataObjectId(utf8('what it shows'))
  const CYBR = 10n ** 18n
  const of = (mapping: bigint) => mappingSlot(1n, mappingSlot(MODEL, mapping))
  const paid = (who: bigint, until: bigint): readonly [bigint, bigint] => [
    mappingSlot(addressOf(who), of(ACCESS_PAID)),
    until,
  ]
  const sold = {
    ...{ holder: ALICE, parcel: HOME, object: BigInt(hexOf(object)), access: BigInt(ACCESS) },
  }
  const priced = account([[of(ACCESS_OFFERS), 5n * CYBR]])

  it('is drawn for its holder, its author and who has paid, from the object that it shows, and for nobody else', async () => {
    for (const [me, shown] of [
      [ALICE, [1]],
      [CAROL, [1]],
      [BOB, []],
      [undefined, []],
    ] as const) {
      const { look, tokens } = setUp({
        models: [{ ...sold, author: CAROL }],
        access: priced,
        ...(me === undefined ? {} : { me }),
      })
      expect(await look()).toEqual(shown)
      if (shown.length > 0) expect(tokens.value[0]?.object).toBe(formatObjectId(object))
    }
  })

  it('appears with the payment, and goes when its time is over', async () => {
    const { look } = setUp({ models: [sold], access: priced, me: BOB })
    expect(await look()).toEqual([])
    const until = BigInt(1_750_000_000 + 3)
    const bought = account([...priced.storage, paid(BOB, until)])
    expect(await look([ACCESS, bought])).toEqual([1])
    expect(await look([LAND, account([[1n, 1n]])])).toEqual([])
  })

  it('of another contract’s rule is left out, and one that names no object is drawn by its file', async () => {
    const { look, tokens } = setUp({
      models: [
        { ...sold, access: 0xabcn },
        { holder: ALICE, parcel: HOME, access: 0xabcn },
      ],
      me: BOB,
    })
    expect(await look()).toEqual([2])
    expect(tokens.value[0]).not.toHaveProperty('object')
  })

  it('without a price is drawn from its object for who may read that, and for nobody else', async () => {
    const { access: _, ...kept } = sold
    const failure = { code: 'OBJECT_KEY_REFUSED', message: 'No.' }
    for (const [restricted, shown] of [
      [undefined, { root: MODEL_ROOT }],
      [{ readable: true }, { object: formatObjectId(object) }],
      [{ readable: false, failure }, undefined],
    ] as const) {
      const { look, tokens } = setUp({
        models: [kept],
        open: async () => (restricted === undefined ? {} : { restricted }),
      })
      await look()
      expect(tokens.value).toMatchObject(shown === undefined ? [] : [shown])
      expect(tokens.value.every((token) => 'object' in token)).toBe(restricted !== undefined)
    }
  })
})
