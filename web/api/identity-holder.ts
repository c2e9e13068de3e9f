import { type ReadonlySignal, signal } from '@preact/signals'
import { base58btc } from 'multiformats/bases/base58'
import { formatAddress } from '#core/delegation.ts'
import type { Identity } from '#core/identity.ts'
import type { WalletState } from './types.ts'

/** Who signs for this peer; made at first need ([CH16]) and kept by whoever implements `open`. */
export interface IdentityHolder {
  readonly state: ReadonlySignal<WalletState | undefined>
  /** @throws DEVICE_KEY_UNSUPPORTED when this browser cannot keep a key */
  get(): Promise<Identity>
  exportPhrase(): Promise<string>
}

export interface OpenedIdentity {
  readonly identity: Identity
  readonly burner: boolean
  /** the burner's recovery phrase */
  phrase(): Promise<string>
}

/** One opening for all callers; a failed one is tried again by the next. */
export function createIdentityHolder(open: () => Promise<OpenedIdentity>): IdentityHolder {
  const state = signal<WalletState | undefined>()
  let opening: Promise<OpenedIdentity> | undefined

  function opened(): Promise<OpenedIdentity> {
    opening ??= open().then(
      (result) => {
        const { identity, burner } = result
        state.value = {
          address: formatAddress(identity.neuron),
          device: base58btc.baseEncode(identity.device.publicKey),
          burner,
        }
        return result
      },
      (error: unknown) => {
        opening = undefined
        throw error
      },
    )
    return opening
  }

  return {
    state,
    get: async () => (await opened()).identity,
    exportPhrase: async () => (await opened()).phrase(),
  }
}
