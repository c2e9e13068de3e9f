import { signal } from '@preact/signals'
import { expect, it } from 'vitest'
import type { ModelFacts } from '#api/chain-types.ts'
import { type ChainLandState, NO_CHAIN, type ProvenParcel } from '#api/land-types.ts'
import type { LandState, ParcelBuild, WalletState } from '#api/types.ts'
import { followWalletPins } from '#api/wallet-pins.ts'
import { EMPTY_PURSE, type PurseState } from '#api/wallet-types.ts'
import { AppError } from '#core/errors.ts'
import { plotAt } from '#core/plots.ts'
import type { WalletPin } from '#core/seeding.ts'
import { settle } from '#test/fakes/seed-profile.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const ME = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const CELL = { x: 1, y: 40 }
const MODEL: ModelFacts = {
  id: 7,
  holder: ME,
  mine: true,
  isAccepted: true,
  author: ME,
  royalty: 0,
  root: 'QmModel',
  isRestricted: false,
  proof: { block: 1, at: 0, agreeing: 1, sources: 1 },
}
const { root: _, ...NO_FILE } = MODEL

function setUp() {
  const build = { parcel: plotAt(CELL)!, cell: CELL, root: 'QmBuild' } as ParcelBuild
  const wallet = signal<WalletState | undefined>({ address: ME, device: '', burner: true, sealed: false })
  const land = signal<LandState>({ builds: new Map([[build.parcel, build]]) })
  const state = signal<ChainLandState>({ ...NO_CHAIN, kind: 'proven' })
  const purse = signal<PurseState>(EMPTY_PURSE)
  const timers = createFakeTimers()
  const failures: unknown[] = []
  const followed: (readonly WalletPin[])[] = []
  const world: { parcels: readonly Partial<ProvenParcel>[]; placed: ModelFacts[]; held: ModelFacts[] } = {
    parcels: [{ id: 3, cell: CELL }],
    placed: [{ ...MODEL, id: 5, root: 'QmPlaced', mine: false }],
    held: [MODEL, { ...MODEL, id: 8, root: 'QmGift', isAccepted: false }, { ...NO_FILE, id: 9 }],
  }
  const answer: { failure?: Error } = {}
  const stop = followWalletPins({
    ...{ wallet, land, timers },
    chainLand: {
      api: { owned: (address: string) => (address === ME ? world.parcels : []) } as never,
      state,
    },
    purse: {
      state: purse,
      commands: {
        async models(parcels) {
          if (answer.failure !== undefined) throw answer.failure
          return parcels === undefined ? world.held : world.placed
        },
      },
    },
    seeder: { followWallet: async (pins) => void followed.push(pins) },
    onFailure: (error) => failures.push(error),
  })
  const pass = async (ms: number) => {
    timers.advance(ms)
    await settle()
  }
  return { wallet, land, state, purse, timers, failures, followed, world, answer, stop, pass }
}

it('[SE3] land, what stands on it and accepted models are pinned; gifts that nobody accepted are not', async () => {
  const { followed, pass, failures } = setUp()
  await pass(2_000)
  expect(followed).toEqual([
    [
      { cid: 'QmBuild', reason: 'land', name: 'Model on plot 1, 40' },
      { cid: 'QmPlaced', reason: 'land', name: 'Model No. 5' },
      { cid: 'QmModel', reason: 'model', name: 'Model No. 7' },
    ],
  ])
  expect(failures).toEqual([])
})

it('[SE3] a sale, another wallet and a minute are looked at; without the chain all stays as it is', async () => {
  const { followed, pass, failures, world, land, wallet, answer, state, stop } = setUp()
  await pass(2_000)
  world.parcels = []
  world.held = []
  land.value = { builds: new Map() }
  await pass(2_000)
  expect(followed.at(-1)).toEqual([])
  world.held = [MODEL]
  await pass(60_000)
  expect(followed.at(-1)).toHaveLength(1)

  const before = followed.length
  answer.failure = new AppError('RPC_UNREACHABLE', 'Nobody answers.')
  await pass(60_000)
  delete answer.failure
  state.value = { ...NO_CHAIN, kind: 'cached' }
  await pass(2_000)
  wallet.value = undefined
  state.value = { ...NO_CHAIN, kind: 'proven' }
  await pass(60_000)
  expect([followed.length, failures]).toEqual([before, []])
  answer.failure = new Error('broken')
  wallet.value = { address: ME, device: '', burner: true, sealed: false }
  await pass(2_000)
  expect(failures).toHaveLength(1)
  stop()
  delete answer.failure
  await pass(120_000)
  expect(followed.length).toBe(before)
})
