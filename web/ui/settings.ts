/** What the page remembers of a person's choices in this browser. */
export interface Settings {
  get(key: string): string | undefined
  set(key: string, value: string): void
}

const PREFIX = 'tabland:ui:'

/** Over localStorage; where a browser forbids it, choices last as long as the page. */
export function createSettings(getStorage: () => Pick<Storage, 'getItem' | 'setItem'>): Settings {
  const memory = new Map<string, string>()
  return {
    get(key) {
      try {
        return memory.get(key) ?? getStorage().getItem(PREFIX + key) ?? undefined
      } catch {
        return memory.get(key)
      }
    },
    set(key, value) {
      memory.set(key, value)
      try {
        getStorage().setItem(PREFIX + key, value)
      } catch {
        // forbidden or full: the choice holds until the page is closed
      }
    },
  }
}
