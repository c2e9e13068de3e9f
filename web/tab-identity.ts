import { createIdentityHolder, type IdentityHolder } from '#api/identity-holder.ts'
import type { Keyring } from '#chain/keyring.ts'
import { createPhraseGuard } from '#chain/phrase-guard.ts'
import {
  type DeviceOnMachine,
  findProfileIdentity,
  openProfileIdentity,
  type ProfileIdentity,
} from '#chain/profile-identity.ts'
import type { DeriveKey } from '#chain/sealed-secrets.ts'
import { findConnectedIdentity } from '#chain/wallet/connected-identity.ts'
import { createBrowserConnectedStore } from '#chain/wallet/connected-store.ts'
import type { WalletKeys } from '#chain/wallet/wallet-keys.ts'
import { createBrowserWalletStore } from '#chain/wallet-store.ts'
import { toHex } from '#core/bytes.ts'
import type { DeviceKey, Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import { openDeviceKey } from '#peer/device-key.ts'

export interface TabIdentity {
  readonly identity: IdentityHolder
  /** asks for passphrases */
  readonly keyring: Pick<Keyring, 'state' | 'answer'>
  readonly keys: WalletKeys
  /** the Device key when it can be had without asking anybody */
  device(): Promise<DeviceKey | undefined>
  /** Who signs, when that can be had without asking anybody. @throws KEYS_CLOSED */
  openIdentity(): Promise<Identity>
}

/**
 * Who signs in this tab. Keys of a page from disk are asked for and sealed, those of others the browser keeps.
 *
 * @param derive how a served page makes keys of passphrases; scrypt, slow on purpose, when absent
 */
export async function createTabIdentity(
  network: NetworkName,
  fromDisk: boolean,
  derive?: DeriveKey,
): Promise<TabIdentity> {
  if (!fromDisk) return createKeptIdentity(network, derive)
  const { createAskedIdentity } = await import('./asked-identity.ts')
  return createAskedIdentity(network)
}

/** A profile that signed before shows its wallet soon; a new one is made when it first signs. Nothing waits for it. */
function createKeptIdentity(network: NetworkName, derive: DeriveKey | undefined): TabIdentity {
  const store = createBrowserWalletStore()
  const connected = createBrowserConnectedStore()
  const guard = createPhraseGuard({ store, ...(derive === undefined ? {} : { derive }) })
  const onMachine = async () => ({ ...forMachine(network), device: await openDeviceKey() })
  const toInit = (own: DeviceOnMachine) => ({ ...own, store, openPhrase: guard.open })
  const identity = createIdentityHolder(async () => {
    const own = await onMachine()
    return (await findConnectedIdentity({ ...own, connected })) ?? openProfileIdentity(toInit(own))
  })
  const show = async () => {
    const known = (await connected.get()) ?? (await findProfileIdentity(toInit(await onMachine())))
    if (known !== undefined) await identity.get()
  }
  show().catch(() => {}) // a browser without such keys says so when something is to be signed
  return {
    identity,
    keyring: guard,
    keys: {
      connected,
      device: onMachine,
      burner: async () => toBurner(await openProfileIdentity(toInit(await onMachine()))),
      protect: guard.protect,
    },
    device: () => openDeviceKey().catch(() => undefined),
    openIdentity: () => identity.get(),
  }
}

/** As the wallets take it. */
export function toBurner({ identity, phrase }: ProfileIdentity) {
  return { address: identity.neuron, phrase }
}

/** What devices sign for in this network. */
export function forMachine(network: NetworkName) {
  const machine = machineOf(network)
  return { machine, machineHex: toHex(machine), now: Date.now }
}
