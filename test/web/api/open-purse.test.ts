import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { createIdentityHolder } from '#api/identity-holder.ts'
import { openPurse } from '#api/open-purse.ts'
import { EMPTY_PURSE } from '#api/wallet-types.ts'
import { openProfileIdentity } from '#chain/profile-identity.ts'
import type { StoredWallet, WalletStore } from '#chain/stored-wallet.ts'
import { findConnectedIdentity } from '#chain/wallet/connected-identity.ts'
import { createVisitConnectedStore } from '#chain/wallet/connected-store.ts'
import { toHex } from '#core/bytes.ts'
import { createDelegationVerifier } from '#core/delegation.ts'
import { machineOf } from '#core/machine.ts'
import { createDeviceKey } from '#peer/device-key.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { announceProvider, createFakeProvider } from '#test/fakes/injected-provider.ts'

const RDNS = 'org.example.wallet'
const NOW = 1_795_132_800_000
const machine = machineOf('local')

function memoryStore(): WalletStore {
  let kept: StoredWallet | undefined
  return {
    get: async () => kept,
    put: async (wallet) => {
      kept = wallet
    },
    exclusive: (task) => task(),
  }
}

/** A tab with a burner and one wallet extension. */
async function openTab({ now = NOW, connected = createVisitConnectedStore() } = {}) {
  const device = await createDeviceKey(new Uint8Array(32).fill(3))
  const own = { machine, machineHex: toHex(machine), device, now: () => now }
  const store = memoryStore()
  const open = () => openProfileIdentity({ ...own, store })
  const identity = createIdentityHolder(
    async () => (await findConnectedIdentity({ ...own, connected })) ?? open(),
  )
  const announcements = new EventTarget()
  const provider = createFakeProvider()
  announceProvider(announcements, provider)
  const state = signal(EMPTY_PURSE)
  const keys = {
    connected,
    device: async () => own,
    burner: async () => {
      const { identity: found, phrase } = await open()
      return { address: found.neuron, phrase }
    },
    protect: async () => {},
  }
  const purse = openPurse({
    keys,
    identity,
    state,
    announcements,
    timers: systemTimers,
    findChain: async () => undefined,
    openStore: () => Promise.reject(new Error('without a chain nothing is written')),
  })
  return { purse, identity, provider, state, connected, device }
}

it('says what to give where a plot is asked for by no cell', async () => {
  const { purse } = await openTab()
  const [x, y] = ['a', 'b'] as unknown as [number, number]
  const refused = expect.objectContaining({ code: 'CELL_EXPECTED' })
  await expect(purse.parcel(x, y)).rejects.toThrow(refused)
  await expect(purse.portal(x, y)).rejects.toThrow(refused)
  await expect(purse.portals(x, y, () => undefined)).rejects.toThrow(refused)
})

describe('[CH16] using a wallet of the browser', () => {
  it('authorises the device by one EIP-712 signature; the neuron is then that wallet', async () => {
    const { purse, identity, provider, state, device } = await openTab()
    const burner = await identity.get()
    expect(state.value.offers).toEqual([{ rdns: RDNS, name: 'Test Wallet' }])
    expect(await purse.connect(RDNS)).toBe(provider.address)
    expect(provider.asked.filter((method) => method === 'eth_signTypedData_v4')).toHaveLength(1)
    const { neuron, delegation } = await identity.get()
    expect(`0x${toHex(neuron)}`).toBe(provider.address.toLowerCase())
    expect(neuron).not.toEqual(burner.neuron)
    expect(identity.state.value).toMatchObject({
      burner: false,
      name: 'Test Wallet',
      address: provider.address,
    })
    // others take records with it as they take those of a burner
    const claim = {
      people: neuron,
      deviceKey: device.publicKey,
      machine,
      scope: 'links',
      timeUs: NOW * 1_000,
    } as const
    expect(() => createDelegationVerifier().verify(delegation, claim)).not.toThrow()
    await expect(identity.exportPhrase()).rejects.toThrow(
      expect.objectContaining({ code: 'WALLET_NO_PHRASE' }),
    )
  })

  it('is remembered and asks for no second signature; leaving it goes back to the burner', async () => {
    const { purse, identity, provider, connected } = await openTab()
    await purse.connect(RDNS)
    const again = await openTab({ connected })
    expect(`0x${toHex((await again.identity.get()).neuron)}`).toBe(provider.address.toLowerCase())
    await again.purse.connect(RDNS)
    expect(again.provider.asked).not.toContain('eth_signTypedData_v4')
    await purse.disconnect()
    expect(identity.state.value).toMatchObject({ burner: true })
  })

  it('changes nothing when its person says no, at either question', async () => {
    for (const method of ['eth_requestAccounts', 'eth_signTypedData_v4']) {
      const { purse, identity, provider, connected } = await openTab()
      await identity.get()
      provider.refuse.set(method, { code: 4001, message: 'User rejected the request.' })
      await expect(purse.connect(RDNS)).rejects.toThrow(expect.objectContaining({ code: 'WALLET_REJECTED' }))
      expect(await connected.get()).toBeUndefined()
      expect(identity.state.value).toMatchObject({ burner: true })
    }
  })

  it('signs for nobody else once its authorisation is over', async () => {
    const { purse, connected } = await openTab()
    await purse.connect(RDNS)
    const later = await openTab({ connected, now: NOW + 366 * 86_400_000 })
    await expect(later.identity.get()).rejects.toThrow(expect.objectContaining({ code: 'WALLET_AUTHORISE' }))
    // the way back to the burner is shown all the same
    expect(later.state.value.connected).toBe('Test Wallet')
    await later.purse.connect(RDNS)
    expect(later.provider.asked).toContain('eth_signTypedData_v4')
    await expect(later.identity.get()).resolves.toBeDefined()
    await later.purse.disconnect()
    expect(later.state.value.connected).toBeUndefined()
  })

  it('says what is wrong with a wallet that is busy, locked, without accounts, or not there', async () => {
    const { purse, provider } = await openTab()
    provider.refuse.set('eth_requestAccounts', { code: -32_002, message: 'Already pending' })
    await expect(purse.connect(RDNS)).rejects.toThrow(expect.objectContaining({ code: 'WALLET_BUSY' }))
    provider.refuse.set('eth_requestAccounts', { code: 4100, message: 'Unauthorised' })
    await expect(purse.connect(RDNS)).rejects.toThrow(expect.objectContaining({ code: 'WALLET_GONE' }))
    provider.refuse.clear()
    provider.accounts = []
    await expect(purse.connect(RDNS)).rejects.toThrow(expect.objectContaining({ code: 'WALLET_GONE' }))
    await expect(purse.connect('org.example.none')).rejects.toThrow(
      expect.objectContaining({ code: 'WALLET_GONE' }),
    )
  })
})
