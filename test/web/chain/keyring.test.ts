import { describe, expect, it } from 'vitest'
import { createKeyring, type OpenKeys } from '#chain/keyring.ts'
import { createSealer, type DeriveKey, deriveByScrypt, type SealedSecrets } from '#chain/sealed-secrets.ts'
import type { SecretStore } from '#chain/secret-store.ts'
import { concat, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'

const RIGHT = 'seven quiet lanterns'
const WALLET = {
  phrase: 'legal winner thank year wave sausage worth useful legal winner thank yellow',
  address: new Uint8Array(20).fill(7),
  delegations: { ab12: Uint8Array.of(1, 2, 3) },
}

/** Fast, so that a test may try often. */
const derive: DeriveKey = async (passphrase, salt) => new Uint8Array(sha256(concat(utf8(passphrase), salt)))

function createStore(): SecretStore & { kept: SealedSecrets | undefined } {
  let last: Promise<unknown> = Promise.resolve()
  return {
    kept: undefined,
    async get() {
      return this.kept
    },
    async put(sealed) {
      this.kept = sealed
    },
    exclusive(task) {
      const next = last.then(task)
      last = next.catch(() => {})
      return next
    },
  }
}

/** Opens a keyring and gives `answers` to its questions. */
async function open(store: SecretStore, ...passphrases: readonly string[]): Promise<OpenKeys> {
  const keyring = createKeyring({ store, derive })
  const opened = keyring.open()
  await expect.poll(() => keyring.state.value.kind).toBe('asking')
  for (const passphrase of passphrases) await keyring.answer({ kind: 'passphrase', passphrase })
  return opened
}

describe('[NE8] keys of a page from disk', () => {
  it('are made under a passphrase, and found by it again with their wallet', async () => {
    const store = createStore()
    const { seed, wallet } = await open(store, RIGHT)
    expect(await wallet.get()).toBeUndefined()
    await wallet.exclusive(() => wallet.put(WALLET))
    const again = await open(store, RIGHT)
    expect(again.seed).toEqual(seed)
    await again.wallet.exclusive(async () => expect(await again.wallet.get()).toEqual(WALLET))
  })

  it('are asked for once, however often they are opened', async () => {
    const store = createStore()
    const keyring = createKeyring({ store, derive })
    const first = keyring.open()
    await expect.poll(() => keyring.state.value.kind).toBe('asking')
    await keyring.answer({ kind: 'passphrase', passphrase: RIGHT })
    expect(await keyring.open()).toBe(await first)
    expect(keyring.state.value).toEqual({ kind: 'open', kept: true })
  })

  it('lie nowhere in the clear, and each sealing has its own nonce', async () => {
    const store = createStore()
    const { seed, wallet } = await open(store, RIGHT)
    const first = store.kept
    await wallet.put(WALLET)
    const { kept } = store
    expect(Object.keys(kept ?? {}).sort()).toEqual(['data', 'iv', 'salt', 'version'])
    const stored = Buffer.from(kept?.data ?? []).toString('latin1')
    for (const secret of [
      WALLET.phrase,
      'legal winner',
      Buffer.from(seed).toString('latin1'),
      Buffer.from(seed).toString('hex'),
    ])
      expect(stored).not.toContain(secret)
    expect(kept?.iv).not.toEqual(first?.iv)
    expect(kept?.salt).toEqual(first?.salt)
  })

  it('stay closed to a wrong passphrase, which can be mended', async () => {
    const store = createStore()
    await open(store, RIGHT)
    const before = store.kept
    const keyring = createKeyring({ store, derive })
    const opened = keyring.open()
    await expect
      .poll(() => keyring.state.value)
      .toEqual({ kind: 'asking', what: 'keys', how: 'unlock', busy: false })
    await keyring.answer({ kind: 'passphrase', passphrase: 'seven loud lanterns' })
    expect(keyring.state.value).toMatchObject({
      kind: 'asking',
      busy: false,
      failure: { code: 'KEYS_PASSPHRASE_WRONG' },
    })
    expect(store.kept).toBe(before)
    await keyring.answer({ kind: 'passphrase', passphrase: RIGHT })
    await opened
    expect(keyring.state.value).toEqual({ kind: 'open', kept: true })
  })

  it('refuse a passphrase that is soon guessed', async () => {
    const store = createStore()
    const keyring = createKeyring({ store, derive })
    void keyring.open()
    await expect.poll(() => keyring.state.value.kind).toBe('asking')
    await keyring.answer({ kind: 'passphrase', passphrase: '123456789' })
    expect(keyring.state.value).toMatchObject({ how: 'make', failure: { code: 'KEYS_PASSPHRASE_SHORT' } })
    expect(store.kept).toBeUndefined()
  })

  it('for one visit are stored nowhere', async () => {
    const store = createStore()
    const keyring = createKeyring({ store, derive })
    const opened = keyring.open()
    await expect.poll(() => keyring.state.value.kind).toBe('asking')
    await keyring.answer({ kind: 'visit' })
    const { wallet, seed } = await opened
    await wallet.exclusive(() => wallet.put(WALLET))
    expect([await wallet.get(), seed.length, store.kept]).toEqual([WALLET, 32, undefined])
    expect(keyring.state.value).toEqual({ kind: 'open', kept: false })
  })

  it('are asked for again after they were declined', async () => {
    const store = createStore()
    const keyring = createKeyring({ store, derive })
    const declined = keyring.open()
    await expect.poll(() => keyring.state.value.kind).toBe('asking')
    await keyring.answer({ kind: 'decline' })
    await expect(declined).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
    expect(keyring.state.value).toEqual({ kind: 'closed' })
    const opened = keyring.open()
    await expect.poll(() => keyring.state.value.kind).toBe('asking')
    await keyring.answer({ kind: 'passphrase', passphrase: RIGHT })
    expect((await opened).seed).toHaveLength(32)
  })

  it('are made once when two pages ask at the same time', async () => {
    const store = createStore()
    const [one, two] = await Promise.all([open(store, RIGHT), open(store, RIGHT)])
    expect(one.seed).toEqual(two.seed)
  })

  it('that another page replaced are not written over', async () => {
    const store = createStore()
    const { wallet } = await open(store, RIGHT)
    store.kept = undefined
    await open(store, 'another passphrase')
    const before = store.kept
    await expect(wallet.put(WALLET)).rejects.toThrow(expect.objectContaining({ code: 'KEYS_REPLACED' }))
    await expect(wallet.exclusive(async () => {})).rejects.toThrow(
      expect.objectContaining({ code: 'KEYS_REPLACED' }),
    )
    expect(store.kept).toBe(before)
  })

  it.each(['salt', 'iv', 'data'] as const)('with one bit of %s changed do not open', async (field) => {
    const sealer = await createSealer(RIGHT, derive)
    const sealed = await sealer.seal({ seed: new Uint8Array(32) })
    const bytes = sealed[field].slice()
    bytes[0] = (bytes[0] as number) ^ 1
    const other = await createSealer(RIGHT, derive, field === 'salt' ? bytes : sealed.salt)
    await expect(other.open({ ...sealed, [field]: bytes })).rejects.toThrow(
      expect.objectContaining({ code: 'KEYS_PASSPHRASE_WRONG' }),
    )
  })

  it('take scrypt’s 128 MiB for each try, whatever form the letters have', async () => {
    const salt = new Uint8Array(16).fill(1)
    const key = await deriveByScrypt('caf\u00e9 au lait', salt)
    expect(await deriveByScrypt('cafe\u0301 au lait', salt)).toEqual(key)
    const { scryptSync } = await import('node:crypto')
    const expected = scryptSync('caf\u00e9 au lait', salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 })
    expect(Buffer.from(key)).toEqual(expected)
  })
})
