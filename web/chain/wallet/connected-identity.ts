import { type DeviceOnMachine, isUsable, type ProfileIdentity } from '../profile-identity.ts'
import type { ConnectedStore, ConnectedWallet } from './connected-store.ts'
import { walletError } from './wallet-errors.ts'

export interface ConnectedIdentityInit extends DeviceOnMachine {
  readonly connected: ConnectedStore
}

/**
 * The identity of the browser's wallet that is in use; undefined while the burner is. Asks nobody.
 *
 * @throws WALLET_AUTHORISE when its authorisation of this device has ended: nothing is signed for another wallet then
 */
export async function findConnectedIdentity(
  init: ConnectedIdentityInit,
): Promise<ProfileIdentity | undefined> {
  const wallet = await init.connected.get()
  if (wallet === undefined) return undefined
  const delegation = wallet.delegations[init.machineHex]
  if (delegation === undefined || !isUsable(delegation, init, 0)) {
    throw walletError(
      'WALLET_AUTHORISE',
      `${wallet.name} has not authorised this browser here, or no longer does. Connect it again in the wallet panel.`,
    )
  }
  return {
    identity: { neuron: wallet.address, device: init.device, delegation },
    burner: false,
    sealed: false,
    wallet: wallet.name,
    phrase: () => Promise.reject(noPhrase(wallet)),
  }
}

function noPhrase({ name }: ConnectedWallet) {
  return walletError(
    'WALLET_NO_PHRASE',
    `${name} keeps its own recovery phrase; this page never sees it. Back it up there.`,
  )
}
