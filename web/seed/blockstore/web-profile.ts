import type { StoreChannel, StoreLocks, StoreNews } from './segment-folder.ts'

/** The Web Locks of one store, shared by the profile's tabs and freed when their holder dies. */
export function createWebLocks(store: string): StoreLocks {
  return {
    tryHold: (name) =>
      new Promise((resolve, reject) => {
        navigator.locks
          .request(`${store}/${name}`, { ifAvailable: true }, (lock) => {
            if (lock === null) return resolve(undefined)
            // held until the promise that the callback returns is settled
            return new Promise<void>((release) => resolve(release))
          })
          .catch(reject)
      }),
  }
}

export function createWebChannel(store: string): StoreChannel {
  const channel = new BroadcastChannel(store)
  return {
    post: (news) => channel.postMessage(news),
    onNews: (listener) => {
      channel.onmessage = ({ data }: MessageEvent<StoreNews>) => listener(data)
    },
    close: () => channel.close(),
  }
}
