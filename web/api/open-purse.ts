import { effect, type Signal } from '@preact/signals'
import { type OfferedWallet, watchAnnouncedWallets } from '#chain/wallet/announced-wallets.ts'
import { authoriseDevice } from '#chain/wallet/authorise-device.ts'
import { connectInjected, createInjectedWallet } from '#chain/wallet/injected-wallet.ts'
import type { OpenedChain } from '#chain/wallet/open-write-chain.ts'
import type { TransactionStore } from '#chain/wallet/transaction-store.ts'
import { walletError } from '#chain/wallet/wallet-errors.ts'
import type { WalletKeys } from '#chain/wallet/wallet-keys.ts'
import type { WriteService } from '#chain/wallet/write-service.ts'
import { formatAddress } from '#core/delegation.ts'
import type { Timers } from '#core/timers.ts'
import { apiError } from './errors.ts'
import type { IdentityHolder } from './identity-holder.ts'
import type { MoneyCommands } from './open-money.ts'
import { requireCell } from './require-cell.ts'
import type { PurseCommands, PurseState } from './wallet-types.ts'

export interface PurseComponents {
  readonly keys: WalletKeys
  readonly identity: IdentityHolder
  readonly state: Signal<PurseState>
  /** where wallets of the browser announce themselves: its window */
  readonly announcements: EventTarget
  readonly timers: Timers
  /** undefined where no chain is configured */
  readonly findChain: () => Promise<OpenedChain | undefined>
  readonly openStore: () => Promise<TransactionStore>
}

/** The wallets of a tab: which there are, which one is in use, and what it does on the chain. */
export function openPurse(components: PurseComponents): PurseCommands {
  const { keys, identity, state, announcements, findChain } = components
  const announced = watchAnnouncedWallets(announcements)
  effect(() => {
    const offers = announced.wallets.value.map(({ provider: _, ...offer }) => offer)
    state.value = { ...state.peek(), offers }
  })
  const tellConnected = async (): Promise<void> => {
    const connected = await keys.connected.get()
    const { connected: _, ...rest } = state.peek()
    state.value = connected === undefined ? rest : { ...rest, connected: connected.name }
  }
  tellConnected().catch(() => {}) // a browser without storage keeps none
  const money = findChain().then((found) =>
    found === undefined ? undefined : openMoneyOf(components, found, requireOffer),
  )
  money.catch(() => {}) // told by each command
  const requireMoney = async (): Promise<MoneyCommands> => {
    const opened = await money
    if (opened !== undefined) return opened
    throw apiError(
      'CHAIN_NONE',
      'No chain is configured for this page, so there is no land to own and nothing to pay with.',
    )
  }

  function requireOffer(rdns: string): OfferedWallet {
    const offered = announced.wallets.peek().find((wallet) => wallet.rdns === rdns)
    if (offered !== undefined) return offered
    throw walletError(
      'WALLET_GONE',
      `This browser offers no wallet "${String(rdns).slice(0, 60)}". Unlock or install it, then reload.`,
    )
  }

  return {
    async protect(passphrase) {
      await keys.protect(passphrase)
      await identity.reopen()
    },
    async connect(rdns) {
      const wallet = await connectInjected(requireOffer(rdns))
      await authoriseDevice(wallet, rdns, { ...(await keys.device()), connected: keys.connected })
      await tellConnected()
      await identity.reopen()
      return formatAddress(wallet.address)
    },
    async disconnect() {
      await keys.connected.put(undefined)
      await tellConnected()
      await identity.reopen()
    },
    balance: async () => (await requireMoney()).balance(),
    write: async (intent) => (await requireMoney()).write(intent),
    answerWrite: async (answer) => (await requireMoney()).answerWrite(answer),
    settled: async (id) => (await requireMoney()).settled(id),
    faucet: async () => (await requireMoney()).faucet(),
    parcel: async (x, y) => {
      const cell = requireCell(x, y)
      return (await money)?.parcel(...cell)
    },
    auctions: async () => (await money)?.auctions() ?? [],
    governance: async () => (await requireMoney()).governance(),
    models: async (parcels) => (await money)?.models(parcels) ?? [],
    portal: async (x, y) => {
      const cell = requireCell(x, y)
      return (await money)?.portal(...cell)
    },
    portals: async (x, y, proven) => {
      const cell = requireCell(x, y)
      return (await money)?.portals(...cell, proven) ?? []
    },
    sale: async (...args) => (await money)?.sale(...args),
    readClaim: async (...args) => (await requireMoney()).readClaim(...args),
  }
}

/** Most pages that are opened write nothing: what signs and encodes comes with the first chain that is found. */
async function openMoneyOf(
  components: PurseComponents,
  opened: OpenedChain,
  offerOf: (rdns: string) => OfferedWallet,
): Promise<MoneyCommands> {
  const { keys, identity, state, timers, openStore } = components
  const [{ openMoney }, { createBurnerWallet }] = await Promise.all([
    import('./open-money.ts'),
    import('#chain/wallet/burner-wallet.ts'),
  ])
  const wallet = async ({ broadcast }: WriteService) => {
    const connected = await keys.connected.get()
    if (connected === undefined) return createBurnerWallet({ ...(await keys.burner()), broadcast })
    const offered = offerOf(connected.rdns)
    await connectInjected(offered) // unlocks it; what it allowed before it allows unasked
    return createInjectedWallet(offered, connected.address)
  }
  return openMoney({ ...opened, store: await openStore(), timers, identity, state, wallet })
}
