import { describe, expect, it } from 'vitest'
import { createModeMemory } from '#peer/mode-memory.ts'
import type { KeyValue } from '#peer/relay-memory.ts'

function createStorage(): KeyValue {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  }
}

const forbidden = (): KeyValue => {
  throw new DOMException('No storage here.', 'SecurityError')
}

describe('[NE6] the mode', () => {
  it('is direct until somebody chose, then remembered for tabs that come later', () => {
    const storage = createStorage()
    const [first, later] = [{ name: '' }, { name: '' }]
    const modes = createModeMemory({ storage: () => storage, tab: first })
    expect(modes.load()).toBe('direct')
    modes.save('relayed')
    expect(modes.load()).toBe('relayed')
    expect(createModeMemory({ storage: () => storage, tab: later }).load()).toBe('relayed')
    modes.save('direct')
    expect(modes.load()).toBe('direct')
    expect(createModeMemory({ storage: () => storage, tab: later }).load()).toBe('direct')
  })

  it('lasts for the tab where storage is blocked', () => {
    const tab = { name: '' }
    createModeMemory({ storage: forbidden, tab }).save('relayed')
    const reloaded = createModeMemory({ storage: forbidden, tab })
    expect(reloaded.load()).toBe('relayed')
    reloaded.save('direct')
    expect(createModeMemory({ storage: forbidden, tab }).load()).toBe('direct')
  })

  it('of a private tab is not undone by another tab, nor by the page that opened it', () => {
    const storage = createStorage()
    const tab = { name: '' }
    const modes = createModeMemory({ storage: () => storage, tab })
    modes.save('relayed')
    createModeMemory({ storage: () => storage, tab: { name: '' } }).save('direct')
    expect(modes.load()).toBe('relayed')
    storage.setItem('tabland/mode', 'relayed')
    for (const name of ['direct', 'tabland/direct', '']) {
      expect(createModeMemory({ storage: () => storage, tab: { name } }).load()).toBe('relayed')
    }
  })

  it('leaves a name alone that is not its own', () => {
    const tab = { name: 'given by an opener' }
    createModeMemory({ storage: createStorage, tab }).save('direct')
    expect(tab.name).toBe('given by an opener')
  })
})
