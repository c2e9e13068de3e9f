import type { NetworkName } from '#core/network.ts'

/** The little that is needed of `localStorage`. */
export interface KeyValue {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

const MAX_REMEMBERED = 8
/** Before the address of a relay that the person added. */
export const ADDED = '+'
/** Eight addresses with names; longer text was not written by us. */
const MAX_TEXT = 8 * 1024

export interface RelayMemory {
  /** addresses that gave a reservation before, the latest first; behind `ADDED` those that the person added */
  load(): readonly string[]
  save(address: string, isAdded?: boolean): void
}

/** Remembers the last good relays of one network ([NE2]). A full or forbidden store only forgets. */
export function createRelayMemory(store: KeyValue, network: NetworkName): RelayMemory {
  const key = `tabland/${network}/relays`

  function load(): readonly string[] {
    try {
      const text = store.getItem(key)
      if (text === null || text.length > MAX_TEXT) return []
      return text
        .split('\n')
        .filter((line) => line !== '')
        .slice(0, MAX_REMEMBERED)
    } catch {
      return [] // storage may be forbidden by the browser's settings
    }
  }

  return {
    load,
    save(address, isAdded) {
      const others = load().filter((other) => other.replace(ADDED, '') !== address)
      const addresses = [(isAdded ? ADDED : '') + address, ...others]
      try {
        store.setItem(key, addresses.slice(0, MAX_REMEMBERED).join('\n'))
      } catch {
        // full or forbidden: the relay is found again by the other lists
      }
    },
  }
}
