import { effect, type Signal } from '@preact/signals'
import { watchAnnouncedWallets } from '#chain/wallet/announced-wallets.ts'
import { authoriseDevice } from '#chain/wallet/authorise-device.ts'
import { connectInjected } from '#chain/wallet/injected-wallet.ts'
import { walletError } from '#chain/wallet/wallet-errors.ts'
import type { WalletKeys } from '#chain/wallet/wallet-keys.ts'
import { formatAddress } from '#core/delegation.ts'
import type { IdentityHolder } from './identity-holder.ts'
import type { PurseCommands, PurseState } from './wallet-types.ts'

export interface PurseComponents {
  readonly keys: WalletKeys
  readonly identity: IdentityHolder
  readonly state: Signal<PurseState>
  /** where wallets of the browser announce themselves: its window */
  readonly announcements: EventTarget
}

/** The wallets of a tab: which there are, which one is in use. */
export function openPurse({ keys, identity, state, announcements }: PurseComponents): PurseCommands {
  const announced = watchAnnouncedWallets(announcements)
  effect(() => {
    const offers = announced.wallets.value.map(({ provider: _, ...offer }) => offer)
    state.value = { ...state.peek(), offers }
  })

  return {
    async protect(passphrase) {
      await keys.protect(passphrase)
      await identity.reopen()
    },
    async connect(rdns) {
      const offered = announced.wallets.peek().find((wallet) => wallet.rdns === rdns)
      if (offered === undefined) {
        throw walletError(
          'WALLET_GONE',
          `This browser offers no wallet "${String(rdns).slice(0, 60)}". Unlock or install it, then reload.`,
        )
      }
      const wallet = await connectInjected(offered)
      await authoriseDevice(wallet, rdns, { ...(await keys.device()), connected: keys.connected })
      await identity.reopen()
      return formatAddress(wallet.address)
    },
    async disconnect() {
      await keys.connected.put(undefined)
      await identity.reopen()
    },
  }
}
