import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { findProfileIdentity, openProfileIdentity } from '#chain/profile-identity.ts'
import { plainPhrase, type StoredWallet, type WalletStore } from '#chain/stored-wallet.ts'
import { createPhrase, openBurnerWallet } from '#chain/wallet.ts'
import { createBrowserWalletStore } from '#chain/wallet-store.ts'
import { toHex } from '#core/bytes.ts'
import {
  createDelegationVerifier,
  decodeDelegation,
  encodeDelegation,
  sealDelegation,
} from '#core/delegation.ts'
import { machineOf } from '#core/machine.ts'
import { createDeviceKey } from '#peer/device-key.ts'

const DAY_MS = 86_400_000
const NOW = 1_795_132_800_000

function memoryStore(): WalletStore & { puts: number } {
  let wallet: StoredWallet | undefined
  const store = {
    puts: 0,
    get: async () => wallet,
    put: async (next: StoredWallet) => {
      store.puts++
      wallet = next
    },
    exclusive: <T>(task: () => Promise<T>) => task(),
  }
  return store
}

async function init(store: WalletStore, { deviceSeed = 1, now = NOW, network = 'local' as const } = {}) {
  const machine = machineOf(network)
  const device = await createDeviceKey(new Uint8Array(32).fill(deviceSeed))
  return { device, store, machine, machineHex: toHex(machine), now: () => now }
}

describe('the burner wallet', () => {
  it('[CH16] gives the address that other wallets give for the phrase', async () => {
    // BIP-39 phrase of Hardhat's and anvil's first account, https://hardhat.org/hardhat-network/docs/reference
    const { address } = await openBurnerWallet('test test test test test test test test test test test junk')
    expect(toHex(address)).toBe('f39fd6e51aad88f6f4ce6ab8827279cfffb92266')
  })

  it('makes phrases that open, and refuses words that are none', async () => {
    const phrase = createPhrase()
    expect(phrase.split(' ')).toHaveLength(12)
    expect((await openBurnerWallet(`  ${phrase.toUpperCase()} `)).address).toHaveLength(20)
    await expect(openBurnerWallet('test test test')).rejects.toMatchObject({ code: 'WALLET_PHRASE_INVALID' })
  })
})

describe('the identity of a profile', () => {
  it('[OB7] is a device that the wallet authorised once, and stays the same', async () => {
    const store = memoryStore()
    expect(await findProfileIdentity(await init(store))).toBeUndefined()
    const first = await openProfileIdentity(await init(store))
    const second = await openProfileIdentity(await init(store))
    expect(second.identity.delegation).toEqual(first.identity.delegation)
    expect(store.puts).toBe(1)
    const delegation = decodeDelegation(first.identity.delegation)
    expect(delegation).toMatchObject({
      people: first.identity.neuron,
      deviceKey: first.identity.device.publicKey,
    })
    const { people, deviceKey, machine } = delegation
    for (const scope of ['links', 'placements', 'objects'] as const) {
      const claim = { people, deviceKey, machine, scope, timeUs: 1_000 * NOW }
      expect(() => createDelegationVerifier().verify(first.identity.delegation, claim)).not.toThrow()
    }
    expect((await openBurnerWallet(await first.phrase())).address).toEqual(first.identity.neuron)
  })

  it('renews the delegation a month before it ends, for the same wallet', async () => {
    const store = memoryStore()
    const first = await openProfileIdentity(await init(store))
    const later = await openProfileIdentity(await init(store, { now: NOW + 336 * DAY_MS }))
    expect(later.identity.neuron).toEqual(first.identity.neuron)
    const [before, after] = [first, later].map(({ identity }) => decodeDelegation(identity.delegation))
    expect(after?.notAfter).toBeGreaterThan(before?.notAfter ?? 0)
    expect(after?.nonce).toBeGreaterThan(before?.nonce ?? 0n)
  })

  it('[OB7] authorises anew a device that may not sign objects yet', async () => {
    const store = memoryStore()
    const { identity } = await openProfileIdentity(await init(store))
    const wallet = (await store.get())!
    const signer = await openBurnerWallet(plainPhrase(wallet))
    const fields = { ...decodeDelegation(identity.delegation), scope: ['links', 'placements'] as const }
    const before = encodeDelegation(sealDelegation(fields, signer.signDelegation(fields)))
    await store.put({ ...wallet, delegations: { [toHex(fields.machine)]: before } })
    expect(await findProfileIdentity(await init(store))).toBeUndefined()
    const again = await openProfileIdentity(await init(store))
    expect(again.identity.neuron).toEqual(identity.neuron)
    expect(decodeDelegation(again.identity.delegation).scope).toContain('objects')
    // what it signed before stays good
    const { people, deviceKey, machine } = fields
    const claim = { people, deviceKey, machine, scope: 'links', timeUs: 1_000 * NOW } as const
    expect(() => createDelegationVerifier().verify(before, claim)).not.toThrow()
  })

  it('makes a new delegation when the clock was ahead at the first one', async () => {
    const store = memoryStore()
    await openProfileIdentity(await init(store, { now: NOW + 40 * DAY_MS }))
    expect(await findProfileIdentity(await init(store))).toBeUndefined()
    const { identity } = await openProfileIdentity(await init(store))
    expect(decodeDelegation(identity.delegation).notBefore).toBeLessThan(NOW / 1_000)
  })

  it('authorises a new device, and has one delegation for each machine', async () => {
    const store = memoryStore()
    const local = await openProfileIdentity(await init(store))
    const device = await openProfileIdentity(await init(store, { deviceSeed: 2 }))
    const test = await openProfileIdentity(await init(store, { deviceSeed: 2, network: 'test' as never }))
    expect(device.identity.neuron).toEqual(local.identity.neuron)
    expect(decodeDelegation(test.identity.delegation).machine).toEqual(machineOf('test'))
    expect(await findProfileIdentity(await init(store, { deviceSeed: 2 }))).toBeDefined()
  })

  it('keeps the wallet in the profile’s IndexedDB', async () => {
    const machine = await init(createBrowserWalletStore('wallet-test'))
    Object.defineProperty(navigator, 'locks', {
      configurable: true,
      value: { request: (_: string, task: () => Promise<unknown>) => task() },
    })
    const first = await openProfileIdentity(machine)
    const again = await findProfileIdentity(await init(createBrowserWalletStore('wallet-test')))
    expect(again?.identity.delegation).toEqual(first.identity.delegation)
    expect(await again?.phrase()).toBe(await first.phrase())
  })
})
