import { computed, type ReadonlySignal } from '@preact/signals'
import { plotAt } from '#core/plots.ts'
import type { WalletPin } from '#core/seeding.ts'
import { every, type Timers } from '#core/timers.ts'
import type { ModelFacts } from './chain-types.ts'
import type { LoadedChainLand } from './lazy-chain-land.ts'
import type { Purse } from './lazy-purse.ts'
import type { Seeder } from './seeder-types.ts'
import type { LandState, ParcelBuild, WalletState } from './types.ts'

export interface WalletPinsComponents {
  readonly wallet: ReadonlySignal<WalletState | undefined>
  readonly land: ReadonlySignal<LandState>
  readonly chainLand: Pick<LoadedChainLand, 'api' | 'state'>
  readonly purse: { readonly state: Purse['state']; readonly commands: Pick<Purse['commands'], 'models'> }
  readonly seeder: Pick<Seeder, 'followWallet'>
  readonly timers: Timers
  readonly onFailure: (error: unknown) => void
}

/** Others' transactions: a gift is accepted, a model sold, from another browser. */
const LOOK_MS = 60_000
/** What changes together, as builds do while a page opens, is looked at once. */
const SETTLE_MS = 2_000

/**
 * Keeps pinned what the wallet in use owns ([SE3]): what stands on its land, and what its model tokens show, those that it
 * was given and did not accept excepted. Returns the end of it.
 */
export function followWalletPins(components: WalletPinsComponents): () => void {
  const { wallet, land, chainLand, purse, seeder, timers, onFailure } = components
  let cancelLook = () => {}

  async function look(): Promise<void> {
    try {
      const pins = await findPins(components)
      if (pins !== undefined) await seeder.followWallet(pins)
    } catch (error) {
      // without the chain all stays as it is
      if (!isChainSilent(error)) onFailure(error)
    }
  }

  const mined = computed(
    () => purse.state.value.transactions.filter(({ block }) => block !== undefined).length,
  )
  // whatever of these changes may change what the wallet owns
  const seen = computed(
    () => [wallet.value?.address, land.value, chainLand.state.value.kind, mined.value] as const,
  )
  const stopWatching = seen.subscribe(([address]) => {
    cancelLook()
    if (address !== undefined) cancelLook = timers.after(SETTLE_MS, () => void look())
  })
  const stopLooking = every(timers, LOOK_MS, () => void look())
  return () => {
    stopWatching()
    stopLooking()
    cancelLook()
  }
}

/** What the wallet's tokens lead to, its land first; undefined while that is not known. */
async function findPins({
  wallet,
  land,
  chainLand,
  purse,
}: WalletPinsComponents): Promise<readonly WalletPin[] | undefined> {
  const address = wallet.peek()?.address
  if (address === undefined || chainLand.state.peek().kind !== 'proven') return undefined
  const parcels = chainLand.api.owned(address)
  const { builds } = land.peek()
  const standing = parcels.flatMap(({ cell }) => {
    const plot = cell === undefined ? undefined : plotAt(cell)
    return plot === undefined ? [] : (builds.get(plot) ?? [])
  })
  const placed = parcels.length === 0 ? [] : await purse.commands.models(parcels.map(({ id }) => id))
  const held = await purse.commands.models()
  if (wallet.peek()?.address !== address) return undefined // another one is in use by now
  return [
    ...standing.map(pinOfBuild),
    ...placed.flatMap((model) => pinOfModel(model, 'land')),
    ...held.filter(({ isAccepted }) => isAccepted).flatMap((model) => pinOfModel(model, 'model')),
  ]
}

function pinOfBuild({ root, cell }: ParcelBuild): WalletPin {
  return { cid: root, reason: 'land', name: `Model on plot ${cell.x}, ${cell.y}` }
}

function pinOfModel({ id, root }: ModelFacts, reason: WalletPin['reason']): readonly WalletPin[] {
  return root === undefined ? [] : [{ cid: root, reason, name: `Model No. ${id}` }]
}

function isChainSilent(error: unknown): boolean {
  const { code } = error as { readonly code?: string }
  return code === 'RPC_UNREACHABLE' || code === 'RPC_ANSWER_INVALID' || code === 'HEADER_DISPUTED'
}
