import type { Address } from '#core/identity.ts'
import type { DeviceOnMachine } from '../profile-identity.ts'
import type { ConnectedStore } from './connected-store.ts'

/** What the wallets of a tab are opened with; each may ask its person. */
export interface WalletKeys {
  readonly connected: ConnectedStore
  /** @throws DEVICE_KEY_UNSUPPORTED when this browser cannot keep a key */
  device(): Promise<DeviceOnMachine>
  /** The wallet made in this tab, made now if there is none. */
  burner(): Promise<{ readonly address: Address; phrase(): Promise<string> }>
  /** Seals the phrase. @throws KEYS_PASSPHRASE_SHORT, KEYS_NONE */
  protect(passphrase: string): Promise<void>
}
