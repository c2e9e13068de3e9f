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
  /** Asks `open` again: the wallet is another one from now on, or is kept differently. */
  reopen(): Promise<Identity>
}

export interface OpenedIdentity {
  readonly identity: Identity
  readonly burner: boolean
  /** is the phrase sealed by a passphrase of its own? @default false */
  readonly sealed?: boolean
  /** what the browser's wallet calls itself */
  readonly wallet?: string
  /** the burner's recovery phrase */
  phrase(): Promise<string>
}

/** One opening for all callers; a failed one is tried again by the next. */
export function createIdentityHolder(open: () => Promise<OpenedIdentity>): IdentityHolder {
  const state = signal<WalletState | undefined>()
  let opening: Promise<OpenedIdentity> | undefined

  function opened(): Promise<OpenedIdentity> {
    opening ??= openNow()
    return opening
  }

  /** Whoever waits for an opening that another one has taken the place of gets what that one finds. */
  function openNow(): Promise<OpenedIdentity> {
    const own: Promise<OpenedIdentity> = open().then(
      (result) => {
        if (opening !== own) return opened()
        state.value = toWalletState(result)
        return result
      },
      (error: unknown) => {
        if (opening !== own) return opened()
        opening = undefined
        throw error
      },
    )
    return own
  }

  return {
    state,
    get: async () => (await opened()).identity,
    exportPhrase: async () => (await opened()).phrase(),
    async reopen() {
      opening = undefined
      return (await opened()).identity
    },
  }
}

function toWalletState({ identity, burner, sealed = false, wallet }: OpenedIdentity): WalletState {
  return {
    address: formatAddress(identity.neuron),
    device: base58btc.baseEncode(identity.device.publicKey),
    burner,
    sealed,
    ...(wallet === undefined ? {} : { name: wallet }),
  }
}
