import { type ReadonlySignal, signal } from '@preact/signals'
import type { KeyAnswer, KeysState } from '#api/types.ts'
import type { Bytes } from '#core/bytes.ts'
import { AppError, isAppError } from '#core/errors.ts'
import type { DeriveKey, KeysErrorCode, SealedSecrets, Sealer } from './sealed-secrets.ts'
import type { StoredWallet, WalletStore } from './stored-wallet.ts'

export interface PhraseGuardInit {
  readonly store: WalletStore
  /** @default scrypt, slow on purpose */
  readonly derive?: DeriveKey
}

/**
 * Guards the burner's recovery phrase where the browser keeps the Device key: once a passphrase is set, the phrase
 * lies sealed ([CH16]) and is asked for when money moves or the phrase is shown. Linking and building go on unasked,
 * for the wallet has authorised the device before.
 */
export interface PhraseGuard {
  readonly state: ReadonlySignal<KeysState>
  /** Asks the person once for each page. @throws an AbortError when they decline */
  open(wallet: StoredWallet): Promise<string>
  /** Seals the phrase from now on, under this passphrase. @throws KEYS_PASSPHRASE_SHORT, KEYS_NONE */
  protect(passphrase: string): Promise<void>
  /** What the person says to the question that `state` shows; without one it is ignored. */
  answer(answer: KeyAnswer): Promise<void>
}

interface Question {
  readonly sealed: SealedSecrets
  readonly answered: PromiseWithResolvers<string>
}

/** Nothing is asked. */
const QUIET: KeysState = { kind: 'browser' }

export function createPhraseGuard({ store, derive }: PhraseGuardInit): PhraseGuard {
  const state = signal<KeysState>(QUIET)
  let sealer: Sealer<string> | undefined
  let question: Question | undefined

  /** Few who open a page type a passphrase: the code comes with the first one. */
  async function createSealerOf(passphrase: string, salt?: Bytes): Promise<Sealer<string>> {
    const { createPhraseSealer, deriveByScrypt } = await import('./sealed-secrets.ts')
    return createPhraseSealer(passphrase, derive ?? deriveByScrypt, salt)
  }

  function close(): void {
    question = undefined
    state.value = QUIET
  }

  async function tryPassphrase({ sealed, answered }: Question, passphrase: string): Promise<void> {
    state.value = { kind: 'asking', what: 'phrase', how: 'unlock', busy: true }
    try {
      const made = await createSealerOf(passphrase, sealed.salt)
      const phrase = await made.open(sealed)
      sealer = made
      close()
      answered.resolve(phrase)
    } catch (error) {
      const code = isAppError(error) ? error.code : 'UNKNOWN'
      const failure = { code, message: (error as Error).message }
      state.value = { kind: 'asking', what: 'phrase', how: 'unlock', busy: false, failure }
    }
  }

  async function open({ phrase }: StoredWallet): Promise<string> {
    if (typeof phrase === 'string') return phrase
    if (sealer?.owns(phrase)) return sealer.open(phrase)
    if (question === undefined) {
      question = { sealed: phrase, answered: Promise.withResolvers() }
      state.value = { kind: 'asking', what: 'phrase', how: 'unlock', busy: false }
    }
    return question.answered.promise
  }

  // each of them is handed on by itself: none of them takes `this`
  return {
    state,
    open,
    async protect(passphrase) {
      const wallet = await store.get()
      if (wallet === undefined) throw noWallet()
      const phrase = await open(wallet)
      const made = await createSealerOf(passphrase)
      const sealed = await made.seal(phrase)
      await store.exclusive(async () => {
        // other tabs may have added a delegation since
        const now = (await store.get()) ?? wallet
        await store.put({ ...now, phrase: sealed })
      })
      sealer = made
    },
    async answer(answer) {
      const asked = question
      if (asked === undefined || state.value.kind !== 'asking' || state.value.busy) return
      if (answer.kind === 'passphrase') return tryPassphrase(asked, answer.passphrase)
      if (answer.kind === 'visit') return // a phrase that is sealed has no stand-in
      close()
      asked.answered.reject(new DOMException('The wallet stayed closed.', 'AbortError'))
    },
  }
}

function noWallet(): AppError<KeysErrorCode> {
  return new AppError(
    'KEYS_NONE',
    'There is no wallet here to protect yet: it is made when you first link or build something.',
  )
}
