import { createIdentityHolder } from '#api/identity-holder.ts'
import { createKeyring } from '#chain/keyring.ts'
import { openProfileIdentity } from '#chain/profile-identity.ts'
import { deriveByScrypt, type KeysErrorCode } from '#chain/sealed-secrets.ts'
import { createBrowserSecretStore } from '#chain/secret-store.ts'
import { findConnectedIdentity } from '#chain/wallet/connected-identity.ts'
import { createVisitConnectedStore } from '#chain/wallet/connected-store.ts'
import { AppError } from '#core/errors.ts'
import type { NetworkName } from '#core/network.ts'
import { createDeviceKey } from '#peer/device-key.ts'
import { forMachine, type TabIdentity, toBurner } from './tab-identity.ts'

/** Keys of a page from disk: asked for when first needed, and sealed, for every other such page reads the store. */
export function createAskedIdentity(network: NetworkName): TabIdentity {
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
