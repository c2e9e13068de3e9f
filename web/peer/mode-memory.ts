import type { NetworkMode } from '#api/network-types.ts'
import type { KeyValue } from './relay-memory.ts'

const KEY = 'tabland/mode'
const PRIVATE_NAME = 'tabland/relayed'

/** Remembers whether this browser's tabs are private ([NE6]). */
export interface ModeMemory {
  load(): NetworkMode
  save(mode: NetworkMode): void
}

export interface ModeMemoryComponents {
  /** throws where a browser blocks storage */
  readonly storage: () => KeyValue
  /** `window`, whose name outlives a reload even where storage is blocked */
  readonly tab: { name: string }
}

/**
 * The last choice holds for every tab that is opened or loaded again. Besides, a tab that was made private stays so
 * until it is told otherwise, whatever other tabs chose since. Either word is enough for private; the name of a tab
 * can be set by the page that opened it, so it can never make one direct.
 */
export function createModeMemory({ storage, tab }: ModeMemoryComponents): ModeMemory {
  function stored(): string | null {
    try {
      return storage().getItem(KEY)
    } catch {
      return null
    }
  }

  return {
    load: () => (tab.name === PRIVATE_NAME || stored() === 'relayed' ? 'relayed' : 'direct'),
    save(mode) {
      if (mode === 'relayed') tab.name = PRIVATE_NAME
      else if (tab.name === PRIVATE_NAME) tab.name = ''
      try {
        storage().setItem(KEY, mode)
      } catch {
        // full or forbidden: the choice lasts as long as the tab
      }
    },
  }
}
