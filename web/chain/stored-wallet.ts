import type { Bytes } from '#core/bytes.ts'
import type { Address } from '#core/identity.ts'
import type { SealedSecrets } from './sealed-secrets.ts'

/** What a profile keeps of its burner wallet. */
export interface StoredWallet {
  /** sealed once its person has set a passphrase ([CH16]) */
  readonly phrase: string | SealedSecrets
  readonly address: Address
  /** encoded delegations by machine id (hexadecimal) */
  readonly delegations: Readonly<Record<string, Bytes>>
}

/** Where a profile's wallet lies: IndexedDB in a tab, a file in Node.js. */
export interface WalletStore {
  get(): Promise<StoredWallet | undefined>
  put(wallet: StoredWallet): Promise<void>
  /** Runs `task` while no other tab or process of the profile does. */
  exclusive<T>(task: () => Promise<T>): Promise<T>
}

/** The phrase of a wallet whose store guards it as a whole, so that it is never sealed by itself. */
export function plainPhrase({ phrase }: StoredWallet): string {
  if (typeof phrase === 'string') return phrase
  throw new Error('A sealed phrase came where the store itself is what guards it.')
}
