import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import type { DeriveKey } from '#chain/sealed-secrets.ts'
import { createBrowserWalletStore } from '#chain/wallet-store.ts'
import { concat, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { createTabIdentity } from '../../web/tab-identity.ts'

const derive: DeriveKey = async (passphrase, salt) => new Uint8Array(sha256(concat(utf8(passphrase), salt)))

describe('[CH16] the identity of a served page', () => {
  it('seals the burner’s phrase by a passphrase, through the keys that the wallets get', async () => {
    const { identity, keys } = await createTabIdentity('local', false, derive)
    await identity.get()
    const store = createBrowserWalletStore()
    expect((await store.get())?.phrase).toMatch(/^([a-z]+ ){11,}[a-z]+$/)
    await keys.protect('seven quiet lanterns')
    expect((await store.get())?.phrase).not.toBeTypeOf('string')
    await identity.reopen()
    expect(identity.state.value).toMatchObject({ burner: true, sealed: true })
    // this page has its passphrase already
    expect(await identity.exportPhrase()).toMatch(/^([a-z]+ ){11,}[a-z]+$/)
  })
})
