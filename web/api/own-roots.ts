import { utf8 } from '#core/bytes.ts'
import { MAX_PROVIDED } from '#core/limits.ts'
import type { RecordStore } from '#core/record-store.ts'

const PREFIX = 'added/'

export interface OwnRootsComponents {
  readonly store: Pick<RecordStore, 'put' | 'delete' | 'entries'>
  /** tells the network that this peer holds a root */
  readonly provide: (cid: string) => Promise<void>
  /** unix ms */
  readonly now: () => number
}

/** The roots that this profile published: found again by others after a reload ([NE4]). */
export interface OwnRoots {
  /** Announces a root and remembers it; the oldest beyond MAX_PROVIDED is forgotten. */
  publish(cid: string): Promise<void>
  /** Announces what earlier pages of the profile published. */
  resume(): Promise<void>
}

export function createOwnRoots({ store, provide, now }: OwnRootsComponents): OwnRoots {
  async function known(): Promise<readonly { readonly key: string; readonly time: number }[]> {
    const roots: { key: string; time: number }[] = []
    for await (const { key, value } of store.entries(PREFIX)) {
      roots.push({ key, time: Number(new TextDecoder().decode(value)) || 0 })
    }
    return roots.sort((a, b) => a.time - b.time)
  }

  return {
    async publish(cid) {
      await store.put([{ key: PREFIX + cid, value: utf8(String(now())) }])
      const roots = await known()
      await store.delete(roots.slice(0, Math.max(0, roots.length - MAX_PROVIDED)).map(({ key }) => key))
      await provide(cid)
    },
    async resume() {
      for (const { key } of await known()) {
        // one that cannot be announced now is announced again with the next relay
        await provide(key.slice(PREFIX.length)).catch(() => {})
      }
    },
  }
}
