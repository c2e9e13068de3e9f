import { type ReadonlySignal, signal } from '@preact/signals'
import type { KeyAnswer, KeysState } from '#api/types.ts'
import type { Bytes } from '#core/bytes.ts'
import { AppError, isAppError } from '#core/errors.ts'
import {
  createSealer,
  type DeriveKey,
  type KeysErrorCode,
  type Sealer,
  type Secrets,
} from './sealed-secrets.ts'
import type { SecretStore } from './secret-store.ts'
import type { WalletStore } from './stored-wallet.ts'

export interface KeyringInit {
  readonly store: SecretStore
  readonly derive: DeriveKey
}

/** What a page needs to sign, once a person has opened it. */
export interface OpenKeys {
  /** of the Device key, 32 bytes */
  readonly seed: Bytes
  readonly wallet: WalletStore
}

/** The keys of a page whose storage others can read: sealed by a passphrase, or kept in memory only. */
export interface Keyring {
  readonly state: ReadonlySignal<KeysState>
  /** Asks the person, once for each page. @throws an AbortError when they decline */
  open(): Promise<OpenKeys>
  /** What the person says to the question that `state` shows; without one it is ignored. */
  answer(answer: KeyAnswer): Promise<void>
}

export function createKeyring({ store, derive }: KeyringInit): Keyring {
  const state = signal<KeysState>({ kind: 'closed' })
  let asked: PromiseWithResolvers<OpenKeys> | undefined
  let opened: OpenKeys | undefined

  function settle(kept: boolean, keys: OpenKeys): void {
    opened = keys
    state.value = { kind: 'open', kept }
    asked?.resolve(keys)
    asked = undefined
  }

  async function ask(): Promise<void> {
    const sealed = await store.get()
    state.value = { kind: 'asking', what: 'keys', how: sealed === undefined ? 'make' : 'unlock', busy: false }
  }

  async function usePassphrase(passphrase: string, how: 'make' | 'unlock'): Promise<void> {
    state.value = { kind: 'asking', what: 'keys', how, busy: true }
    try {
      const { sealer, secrets } = await unseal(passphrase)
      settle(true, { seed: secrets.seed, wallet: keptWallet(store, sealer, secrets) })
    } catch (error) {
      if (!isAppError(error)) {
        // the question stays open, or nothing could be answered any more
        state.value = {
          kind: 'asking',
          what: 'keys',
          how,
          busy: false,
          failure: { code: 'UNKNOWN', message: (error as Error).message },
        }
        throw error
      }
      // another tab may have made keys in the meantime
      const isStored = (await store.get()) !== undefined
      const failure = { code: error.code, message: error.message }
      state.value = { kind: 'asking', what: 'keys', how: isStored ? 'unlock' : 'make', busy: false, failure }
    }
  }

  /** Opens what is stored, or makes and stores new keys. */
  async function unseal(passphrase: string): Promise<{ sealer: Sealer; secrets: Secrets }> {
    return store.exclusive(async () => {
      const sealed = await store.get()
      const sealer = await createSealer(passphrase, derive, sealed?.salt)
      if (sealed !== undefined) return { sealer, secrets: await sealer.open(sealed) }
      const secrets = newSecrets()
      await store.put(await sealer.seal(secrets))
      return { sealer, secrets }
    })
  }

  return {
    state,
    async open() {
      if (opened !== undefined) return opened
      if (asked === undefined) {
        asked = Promise.withResolvers()
        const { reject } = asked
        ask().catch((error: unknown) => {
          asked = undefined
          reject(error)
        })
      }
      return asked.promise
    },
    async answer(answer) {
      const before = state.value
      if (before.kind !== 'asking' || before.busy) return
      switch (answer.kind) {
        case 'passphrase':
          return usePassphrase(answer.passphrase, before.how)
        case 'visit': {
          const { seed } = newSecrets()
          return settle(false, { seed, wallet: visitWallet() })
        }
        case 'decline':
          state.value = { kind: 'closed' }
          asked?.reject(new DOMException('The keys stayed closed.', 'AbortError'))
          asked = undefined
      }
    },
  }
}

function newSecrets(): Secrets {
  return { seed: crypto.getRandomValues(new Uint8Array(32)) }
}

/** The wallet inside the sealed secrets; whatever changes is sealed again. */
function keptWallet(store: SecretStore, sealer: Sealer, opened: Secrets): WalletStore {
  let secrets = opened
  return {
    get: async () => secrets.wallet,
    async put(wallet) {
      const stored = await store.get()
      if (stored === undefined || !sealer.owns(stored)) throw replaced()
      secrets = { seed: secrets.seed, wallet }
      await store.put(await sealer.seal(secrets))
    },
    exclusive: (task) =>
      store.exclusive(async () => {
        // another tab may have made the wallet since
        const stored = await store.get()
        if (stored === undefined || !sealer.owns(stored)) throw replaced()
        secrets = await sealer.open(stored)
        return task()
      }),
  }
}

/** A wallet that is forgotten with the page. */
function visitWallet(): WalletStore {
  let kept: Awaited<ReturnType<WalletStore['get']>>
  return {
    get: async () => kept,
    put: async (wallet) => {
      kept = wallet
    },
    exclusive: (task) => task(),
  }
}

function replaced(): AppError<KeysErrorCode> {
  return new AppError(
    'KEYS_REPLACED',
    'The keys stored in this browser were replaced or deleted by another page. Reload, then open yours or make new ones.',
  )
}
