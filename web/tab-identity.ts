import { createIdentityHolder, type IdentityHolder } from '#api/identity-holder.ts'
import { createKeyring, type Keyring } from '#chain/keyring.ts'
import { findProfileIdentity, openProfileIdentity } from '#chain/profile-identity.ts'
import { deriveByScrypt, type KeysErrorCode } from '#chain/sealed-secrets.ts'
import { createBrowserSecretStore } from '#chain/secret-store.ts'
import { createBrowserWalletStore } from '#chain/wallet-store.ts'
import { toHex } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import type { DeviceKey, Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import { createDeviceKey, openDeviceKey } from '#peer/device-key.ts'

export interface TabIdentity {
  readonly identity: IdentityHolder
  /** absent where the browser keeps the keys from other pages */
  readonly keyring?: Keyring
  /** the Device key when it can be had without asking anybody */
  device(): Promise<DeviceKey | undefined>
  /** Who signs, when that can be had without asking anybody. @throws KEYS_CLOSED */
  openIdentity(): Promise<Identity>
}

/** Who signs in this tab. Keys of a page from disk are asked for and sealed, those of others the browser keeps. */
export function createTabIdentity(network: NetworkName, fromDisk: boolean): TabIdentity {
  return fromDisk ? createAskedIdentity(network) : createKeptIdentity(network)
}

/** A profile that signed before shows its wallet soon; a new one is made when it first signs. Nothing waits for it. */
function createKeptIdentity(network: NetworkName): TabIdentity {
  const store = createBrowserWalletStore()
  const init = async () => ({ ...forMachine(network), device: await openDeviceKey(), store })
  const identity = createIdentityHolder(async () => openProfileIdentity(await init()))
  const show = async () => {
    if ((await findProfileIdentity(await init())) !== undefined) await identity.get()
  }
  show().catch(() => {}) // a browser without such keys says so when something is to be signed
  return {
    identity,
    device: () => openDeviceKey().catch(() => undefined),
    openIdentity: () => identity.get(),
  }
}

function createAskedIdentity(network: NetworkName): TabIdentity {
  const keyring = createKeyring({ store: createBrowserSecretStore(), derive: deriveByScrypt })
  const identity = createIdentityHolder(async () => {
    const { seed, wallet } = await keyring.open()
    const device = await createDeviceKey(seed)
    return openProfileIdentity({ ...forMachine(network), device, store: wallet })
  })
  const openIdentity = async () => {
    if (keyring.state.value.kind === 'open') return identity.get()
    throw new AppError<KeysErrorCode>(
      'KEYS_CLOSED',
      'The keys of this page are closed. Open them in the wallet panel, then try again.',
    )
  }
  return {
    identity,
    keyring,
    openIdentity,
    device: () =>
      openIdentity().then(
        ({ device }) => device,
        () => undefined,
      ),
  }
}

function forMachine(network: NetworkName) {
  const machine = machineOf(network)
  return { machine, machineHex: toHex(machine), now: Date.now }
}
