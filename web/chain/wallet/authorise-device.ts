import { equalBytes } from '#core/bytes.ts'
import { encodeDelegation, sealDelegation } from '#core/delegation.ts'
import { deviceFields, isUsable } from '../profile-identity.ts'
import type { ConnectedIdentityInit } from './connected-identity.ts'
import type { InjectedWallet } from './injected-wallet.ts'

/**
 * Has a wallet of the browser authorise this device by one EIP-712 signature ([CH16]) and uses it from then on:
 * links and builds are signed for it, and what it authorised before is not asked again.
 *
 * @throws WALLET_REJECTED, WALLET_BUSY, WALLET_GONE, DELEGATION_CONTRACT_WALLET
 */
export async function authoriseDevice(
  wallet: Pick<InjectedWallet, 'name' | 'address' | 'chainId' | 'signDelegation'>,
  rdns: string,
  init: ConnectedIdentityInit,
): Promise<void> {
  const before = await init.connected.get()
  const isSame = before !== undefined && equalBytes(before.address, wallet.address)
  const delegations = isSame ? before.delegations : undefined
  const known = delegations?.[init.machineHex]
  if (known !== undefined && isUsable(known, init)) return
  const fields = deviceFields(wallet.address, init, await wallet.chainId())
  const delegation = encodeDelegation(sealDelegation(fields, await wallet.signDelegation(fields)))
  await init.connected.put({
    rdns,
    name: wallet.name,
    address: wallet.address,
    delegations: { ...delegations, [init.machineHex]: delegation },
  })
}
