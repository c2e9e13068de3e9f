import type { RecordStore } from '#core/record-store.ts'

export interface Chores {
  /** does this tab do what one tab of the profile has to do? */
  isMine(): boolean
  stop(): void
}

/** One tab of a profile at a time does the chores; when it ends, however it does, another takes them over. */
export function takeChores(store: Pick<RecordStore, 'exclusive'>, onMine: () => void): Chores {
  const { promise, resolve } = Promise.withResolvers<void>()
  let mine = false
  let stopped = false
  store
    .exclusive('seed-chores', async () => {
      if (stopped) return
      mine = true
      onMine()
      await promise
    })
    .catch(() => {}) // the store was closed
  return {
    isMine: () => mine,
    stop() {
      stopped = true
      mine = false
      resolve()
    },
  }
}
