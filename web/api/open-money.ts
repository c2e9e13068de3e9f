import { effect, type Signal, untracked } from '@preact/signals'
import { useFaucet } from '#chain/wallet/faucet.ts'
import type { InjectedWallet } from '#chain/wallet/injected-wallet.ts'
import type { OpenedChain } from '#chain/wallet/open-write-chain.ts'
import type { TransactionStore } from '#chain/wallet/transaction-store.ts'
import type { Wallet } from '#chain/wallet/wallet-types.ts'
import { createWriteService, toTransactionState, type WriteService } from '#chain/wallet/write-service.ts'
import { toHex } from '#core/bytes.ts'
import { formatAddress, parseAddress } from '#core/delegation.ts'
import type { Timers } from '#core/timers.ts'
import type { ModelFacts } from './chain-types.ts'
import type { IdentityHolder } from './identity-holder.ts'
import { readClaim } from './open-claims.ts'
import { lowerHex, openModels, toModelFacts } from './open-models.ts'
import { readAuctionFacts, readParcelFacts } from './open-parcels.ts'
import { readPortalFacts, readPortalsNear } from './open-portals.ts'
import { readSaleFacts } from './open-sales.ts'
import { createPurseWrites } from './purse-writes.ts'
import type { Balances, PurseCommands, PurseState } from './wallet-types.ts'

export interface MoneyComponents extends OpenedChain {
  readonly store: TransactionStore
  readonly timers: Timers
  readonly identity: IdentityHolder
  readonly state: Signal<PurseState>
  /** the wallet in use; may ask its person */
  readonly wallet: (service: WriteService) => Promise<Wallet | InjectedWallet>
}

export type MoneyCommands = Pick<
  PurseCommands,
  | 'balance'
  | 'write'
  | 'answerWrite'
  | 'settled'
  | 'faucet'
  | 'parcel'
  | 'auctions'
  | 'models'
  | 'governance'
  | 'portal'
  | 'portals'
  | 'sale'
  | 'readClaim'
>

const BEHIND_MS = 1_000

/** What a tab holds, sends and has sent, where a chain is configured. */
export async function openMoney(components: MoneyComponents): Promise<MoneyCommands> {
  const { chain, ask, reader, store, timers, identity, state, wallet } = components
  const newId = () => crypto.randomUUID()
  const service = createWriteService({ chain, ask, reader, store, timers, now: Date.now, newId })
  const writes = createPurseWrites({ service, state, wallet: () => wallet(service) })
  const { id, name, coin, isTest } = chain
  state.value = { ...state.peek(), chain: { id, name, coin, isTest } }

  const land = { chain, ask, reader, own: () => identity.state.peek()?.address }
  const models = openModels(land)

  async function readModels(parcels: readonly number[] | undefined): Promise<readonly ModelFacts[]> {
    const own = land.own()
    const me = own === undefined ? undefined : lowerHex(own)
    if (models === undefined) return []
    const found = await (parcels === undefined ? models.heldBy(me) : models.standingOn(new Set(parcels)))
    return found.map((each) => toModelFacts(each, { reader, me }))
  }

  async function balance(): Promise<Balances> {
    const { neuron } = await identity.get()
    try {
      const balances = { address: `0x${toHex(neuron)}`, ...(await service.balances(neuron)) }
      const { failure: _, ...rest } = state.peek()
      state.value = { ...rest, balances }
      return balances
    } catch (error) {
      const { code = 'UNKNOWN', message } = error as { readonly code?: string; readonly message: string }
      state.value = { ...state.peek(), failure: { code, message } }
      throw error
    }
  }
  let cancelRefresh = () => {}
  /** What is shown follows by itself; a wallet is made for nobody who only looks. */
  const refresh = (): void => {
    if (identity.state.peek() === undefined) return
    balance().then(
      ({ block }) => {
        // a header that was asked for before our write came into its block does not show it yet
        const newest = Math.max(0, ...state.peek().transactions.map((each) => each.block ?? 0))
        if (block >= newest) return
        // each write and each wallet asks anew: together they wait once
        cancelRefresh()
        cancelRefresh = timers.after(BEHIND_MS, refresh)
      },
      () => {}, // told by the state
    )
  }

  effect(() => {
    const transactions = service.log.transactions.value.map(toTransactionState)
    untracked(() => {
      state.value = { ...state.peek(), transactions }
      refresh()
    })
  })
  effect(() => {
    // another wallet is in use
    if (identity.state.value !== undefined) untracked(refresh)
  })
  await service.log.start().catch(() => {}) // a browser without storage says so when something is written

  return {
    balance,
    write: writes.write,
    answerWrite: writes.answer,
    parcel: (x, y) => readParcelFacts({ x, y }, land),
    auctions: () => readAuctionFacts(land),
    // few visits look at votes
    governance: async () => (await import('./open-governance.ts')).openGovernance({ ...land, now: Date.now }),
    models: readModels,
    portal: (x, y) => readPortalFacts({ x, y }, land),
    portals: (x, y, proven) => readPortalsNear({ x, y }, proven, land),
    sale: (object, author) => readSaleFacts(object, author, land),
    readClaim: async (list, parcel) =>
      readClaim(list, { parcel, owner: formatAddress((await identity.get()).neuron) }, land),
    settled: async (transaction) => toTransactionState(await service.log.settled(transaction)),
    async faucet() {
      const { address } = identity.state.peek() ?? { address: `0x${toHex((await identity.get()).neuron)}` }
      await useFaucet(`0x${toHex(parseAddress(address))}`, chain, ask)
      await balance()
    },
  }
}
