import { createIdentityHolder, type IdentityHolder } from '#api/identity-holder.ts'
import { createKeyring, type Keyring } from '#chain/keyring.ts'
import { createPhraseGuard } from '#chain/phrase-guard.ts'
import {
  type DeviceOnMachine,
  findProfileIdentity,
  openProfileIdentity,
  type ProfileIdentity,
} from '#chain/profile-identity.ts'
import { deriveByScrypt, type KeysErrorCode } from '#chain/sealed-secrets.ts'
import { createBrowserSecretStore } from '#chain/secret-store.ts'
import { findConnectedIdentity } from '#chain/wallet/connected-identity.ts'
import { createBrowserConnectedStore, createVisitConnectedStore } from '#chain/wallet/connected-store.ts'
import type { WalletKeys } from '#chain/wallet/wallet-keys.ts'
import { createBrowserWalletStore } from '#chain/wallet-store.ts'
import { toHex } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import type { DeviceKey, Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import { createDeviceKey, openDeviceKey } from '#peer/device-key.ts'

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

/** Who signs in this tab. Keys of a page from disk are asked for and sealed, those of others the browser keeps. */
export function createTabIdentity(network: NetworkName, fromDisk: boolean): TabIdentity {
  return fromDisk ? createAskedIdentity(network) : createKeptIdentity(network)
}

/** A profile that signed before shows its wallet soon; a new one is made when it first signs. Nothing waits for it. */
function createKeptIdentity(network: NetworkName): TabIdentity {
  const store = createBrowserWalletStore()
  const connected = createBrowserConnectedStore()
  const guard = createPhraseGuard({ store, derive: deriveByScrypt })
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

function createAskedIdentity(network: NetworkName): TabIdentity {
  const keyring = createKeyring({ store: createBrowserSecretStore(), derive: deriveByScrypt })
  const connected = createVisitConnectedStore()
  const onMachine = async () => {
    const { seed } = await keyring.open()
    return { ...forMachine(network), device: await createDeviceKey(seed) }
  }
  const open = async () =>
    openProfileIdentity({ ...(await onMachine()), store: (await keyring.open()).wallet })
  const identity = createIdentityHolder(
    async () => (await findConnectedIdentity({ ...(await onMachine()), connected })) ?? open(),
  )
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
    keys: {
      connected,
      device: onMachine,
      burner: async () => toBurner(await open()),
      // all that this page keeps lies sealed as it is
      protect: async () => {},
    },
    openIdentity,
    device: () =>
      openIdentity().then(
        ({ device }) => device,
        () => undefined,
      ),
  }
}

function toBurner({ identity, phrase }: ProfileIdentity) {
  return { address: identity.neuron, phrase }
}

function forMachine(network: NetworkName) {
  const machine = machineOf(network)
  return { machine, machineHex: toHex(machine), now: Date.now }
}
