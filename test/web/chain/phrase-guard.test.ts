import { describe, expect, it } from 'vitest'
import { createPhraseGuard } from '#chain/phrase-guard.ts'
import type { DeriveKey, SealedSecrets } from '#chain/sealed-secrets.ts'
import type { StoredWallet, WalletStore } from '#chain/stored-wallet.ts'
import { concat, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'

const PHRASE = 'test test test test test test test test test test test junk'
const RIGHT = 'seven quiet lanterns'
const derive: DeriveKey = async (passphrase, salt) => new Uint8Array(sha256(concat(utf8(passphrase), salt)))

function storeOf(first?: StoredWallet): WalletStore & { kept: StoredWallet | undefined } {
  return {
    kept: first,
    async get() {
      return this.kept
    },
    async put(wallet) {
      this.kept = wallet
    },
    exclusive: (task) => task(),
  }
}

const wallet: StoredWallet = { phrase: PHRASE, address: new Uint8Array(20).fill(1), delegations: {} }

describe('[CH16] the burner’s recovery phrase', () => {
  it('lies in the clear until a passphrase is set, sealed from then on', async () => {
    const store = storeOf(wallet)
    const guard = createPhraseGuard({ store, derive })
    expect(await guard.open(wallet)).toBe(PHRASE)
    await guard.protect(RIGHT)
    const stored = store.kept?.phrase as SealedSecrets | undefined
    expect(stored?.data.length).toBeGreaterThan(PHRASE.length)
    expect(Buffer.from(stored?.data ?? []).toString('latin1')).not.toContain('junk')
    // the page that sealed it goes on unasked
    expect(await guard.open(store.kept as StoredWallet)).toBe(PHRASE)
    expect(guard.state.value).toEqual({ kind: 'browser' })
  })

  it('is asked for once by the next page, until the right passphrase comes', async () => {
    const store = storeOf(wallet)
    await createPhraseGuard({ store, derive }).protect(RIGHT)
    const guard = createPhraseGuard({ store, derive })
    const opened = [guard.open(store.kept as StoredWallet), guard.open(store.kept as StoredWallet)]
    expect(guard.state.value).toEqual({ kind: 'asking', what: 'phrase', how: 'unlock', busy: false })
    await guard.answer({ kind: 'passphrase', passphrase: 'seven loud lanterns' })
    expect(guard.state.value).toMatchObject({ failure: { code: 'KEYS_PASSPHRASE_WRONG' } })
    await guard.answer({ kind: 'visit' }) // nothing stands in for it
    await guard.answer({ kind: 'passphrase', passphrase: RIGHT })
    expect(await Promise.all(opened)).toEqual([PHRASE, PHRASE])
    expect(await guard.open(store.kept as StoredWallet)).toBe(PHRASE)
    expect(guard.state.value).toEqual({ kind: 'browser' })
  })

  it('stays closed when its person declines, and can be asked for again', async () => {
    const store = storeOf(wallet)
    await createPhraseGuard({ store, derive }).protect(RIGHT)
    const guard = createPhraseGuard({ store, derive })
    const opened = guard.open(store.kept as StoredWallet)
    await guard.answer({ kind: 'decline' })
    await expect(opened).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
    void guard.open(store.kept as StoredWallet)
    expect(guard.state.value.kind).toBe('asking')
  })

  it('takes a passphrase that is not soon guessed, and only when there is a wallet', async () => {
    const store = storeOf(wallet)
    await expect(createPhraseGuard({ store, derive }).protect('short')).rejects.toThrow(
      expect.objectContaining({ code: 'KEYS_PASSPHRASE_SHORT' }),
    )
    expect(store.kept).toBe(wallet)
    await expect(createPhraseGuard({ store: storeOf(), derive }).protect(RIGHT)).rejects.toThrow(
      expect.objectContaining({ code: 'KEYS_NONE' }),
    )
  })
})
