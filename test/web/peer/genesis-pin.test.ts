import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { createGenesis, formatGenesis, machineOfGenesis } from '#graph/machine/genesis.ts'
import { genesisKey, glanceAtGenesis } from '#peer/genesis-memory.ts'
import { chooseGenesis, pinGenesis } from '#peer/genesis-pin.ts'
import type { KeyValue } from '#peer/relay-memory.ts'

const network = 'test' as const
const ours = createGenesis(network, [new Uint8Array(20).fill(1)])
const theirs = createGenesis(network, [new Uint8Array(20).fill(2)])
const [told, other] = [formatGenesis(ours), formatGenesis(theirs)]
const idOf = (genesis: typeof ours) => toHex(machineOfGenesis(genesis))

function memory(): KeyValue & { readonly values: Map<string, string> } {
  const values = new Map<string, string>()
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  }
}

const forbidden: KeyValue = {
  getItem() {
    throw new Error('forbidden')
  },
  setItem() {
    throw new Error('forbidden')
  },
}

describe('[KG1] the machine of a profile', () => {
  it('[KG1] is the first that a relay names, by the hash of its genesis, and stays when no relay is there', () => {
    const store = memory()
    expect(pinGenesis({ store, network, told: undefined }).pinned).toBeUndefined()
    const { pinned } = pinGenesis({ store, network, told })
    expect(toHex(pinned!.id)).toBe(idOf(ours))
    expect(pinGenesis({ store, network, told: undefined }).pinned).toEqual(pinned)
    expect(pinGenesis({ store, network, told })).toEqual({ pinned, other: undefined, failure: undefined })
  })

  it('[KG1] stays when a relay names another one, which is told apart until it is chosen by its id', () => {
    const store = memory()
    pinGenesis({ store, network, told })
    const pin = pinGenesis({ store, network, told: other })
    expect(toHex(pin.pinned!.id)).toBe(idOf(ours))
    expect(toHex(pin.other!.id)).toBe(idOf(theirs))
    expect(store.values.get(genesisKey(network))).toBe(told)
    expect(() => chooseGenesis(pin, idOf(ours), { store })).toThrow(/names machine/)
    const chosen = chooseGenesis(pin, idOf(theirs), { store })
    expect(toHex(chosen.pinned!.id)).toBe(idOf(theirs))
    expect(() => chooseGenesis(chosen, idOf(theirs), { store })).toThrow(/No relay names another/)
    expect(toHex(pinGenesis({ store, network, told: undefined }).pinned!.id)).toBe(idOf(theirs))
  })

  it('is not replaced when what was pinned is damaged: that is said', () => {
    const store = memory()
    store.setItem(genesisKey(network), told.slice(1))
    const pin = pinGenesis({ store, network, told: other })
    expect(pin).toMatchObject({ pinned: undefined, failure: { code: 'GENESIS_INVALID' } })
    expect(toHex(pin.other!.id)).toBe(idOf(theirs))
    expect(store.values.get(genesisKey(network))).toBe(told.slice(1))
  })

  it('is none of another network, and none that cannot be read', () => {
    const local = formatGenesis(createGenesis('local', ours.orderers))
    const store = memory()
    expect(pinGenesis({ store, network, told: local })).toMatchObject({
      pinned: undefined,
      failure: { code: 'MACHINE_OTHER' },
    })
    expect(pinGenesis({ store, network, told: 'x' }).failure?.code).toBe('GENESIS_INVALID')
    expect(store.values.size).toBe(0)
  })

  it('lasts as long as the page where storage is forbidden', () => {
    for (const store of [forbidden, undefined])
      expect(toHex(pinGenesis({ store, network, told }).pinned!.id)).toBe(idOf(ours))
  })
})

it('[KG1] a glance tells whether a machine is named, and whether it is not the one that is pinned', () => {
  const store = memory()
  expect(glanceAtGenesis(store, network, undefined)).toEqual({ isNamed: false, isNews: false })
  expect(glanceAtGenesis(store, network, told)).toEqual({ isNamed: true, isNews: true })
  expect(glanceAtGenesis(forbidden, network, told)).toEqual({ isNamed: true, isNews: true })
  pinGenesis({ store, network, told })
  expect(glanceAtGenesis(store, network, undefined)).toEqual({ isNamed: true, isNews: false })
  expect(glanceAtGenesis(store, network, told)).toEqual({ isNamed: true, isNews: false })
  expect(glanceAtGenesis(store, network, other)).toEqual({ isNamed: true, isNews: true })
})
