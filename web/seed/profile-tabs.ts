import type { BlockKey } from './blockstore/block-key.ts'

/** What one tab tells the others of its profile. */
export type SeedNews =
  | {
      readonly type: 'blocks'
      readonly arrived: readonly (readonly [key: BlockKey, bytes: number])[]
      readonly gone: readonly BlockKey[]
    }
  | { readonly type: 'roots'; readonly cids: readonly string[] }
  | { readonly type: 'texts'; readonly keys: readonly BlockKey[] }
  /** the blocks of a named object, none when it was let go */
  | { readonly type: 'object'; readonly set: string; readonly keys: readonly BlockKey[] }
  | { readonly type: 'adding' }
  | { readonly type: 'settings' }
  | { readonly type: 'shown' }
  /** what this tab fetches or reads: not to be evicted by another */
  | { readonly type: 'busy'; readonly tab: string; readonly cids: readonly string[] }
  /** a tab began: the others say what they are busy with */
  | { readonly type: 'hello' }

export interface LivingTabs {
  /** ids of the profile's tabs that are open */
  readonly tabs: ReadonlySet<string>
  /** is any of them visible to a person? */
  readonly shown: boolean
}

/** The tabs of one profile, as each of them sees the others. */
export interface ProfileTabs {
  /** this tab's own id, never used again */
  readonly tab: string
  living(): Promise<LivingTabs>
  post(news: SeedNews): void
  onNews(listener: (news: SeedNews) => void): void
  stop(): void
}

/** A peer that has its profile to itself: a process, or a page without Web Locks. */
export function createSingleTab(tab: string, isShown: () => boolean = () => true): ProfileTabs {
  return {
    tab,
    living: async () => ({ tabs: new Set([tab]), shown: isShown() }),
    post() {},
    onNews() {},
    stop() {},
  }
}

export interface BrowserTabsInit {
  /** tells the profiles of one origin apart, such as those of two networks */
  readonly name: string
  readonly tab: string
  readonly document: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>
}

/**
 * Tabs know one another by Web Locks: each holds one whose name tells its id and whether it is shown, and a lock
 * falls at once with its tab, however that ends.
 */
export function createBrowserTabs({ name, tab, document }: BrowserTabsInit): ProfileTabs {
  const { locks } = navigator
  if (locks === undefined) return createSingleTab(tab, () => document.visibilityState === 'visible')
  const prefix = `${name}/tab/`
  const channel = new BroadcastChannel(`${name}/seed`)
  let release: (() => void) | undefined

  function hold(): void {
    const shown = document.visibilityState === 'visible' ? 'shown' : 'hidden'
    locks
      .request(`${prefix}${tab}/${shown}`, { mode: 'shared' }, () => {
        const letGo = release
        return new Promise<void>((resolve) => {
          release = resolve
          letGo?.()
          channel.postMessage({ type: 'shown' } satisfies SeedNews)
        })
      })
      .catch(() => {}) // the page is going away
  }

  hold()
  document.addEventListener('visibilitychange', hold)
  return {
    tab,
    async living() {
      const { held = [] } = await locks.query()
      const names = held.flatMap(({ name: held }) =>
        held?.startsWith(prefix) ? [held.slice(prefix.length)] : [],
      )
      const parts = names.map((text) => text.split('/'))
      return {
        tabs: new Set([tab, ...parts.map(([id = '']) => id)]),
        shown: document.visibilityState === 'visible' || parts.some(([, state]) => state === 'shown'),
      }
    },
    post: (news) => channel.postMessage(news),
    onNews(listener) {
      channel.addEventListener('message', ({ data }: MessageEvent<SeedNews>) => listener(data))
    },
    stop() {
      document.removeEventListener('visibilitychange', hold)
      release?.()
      channel.close()
    },
  }
}
