/** Does what several ask for at the same time once. */
export type SharedWork<T> = (
  key: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>

interface Going<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  waiting: number
}

/** Who leaves hears of it at once; the work goes on for the others, and is aborted when the last one has left. */
export function createSharedWork<T>(): SharedWork<T> {
  const going = new Map<string, Going<T>>()

  function begin(key: string, work: (signal: AbortSignal) => Promise<T>): Going<T> {
    const controller = new AbortController()
    const result = work(controller.signal).finally(() => {
      if (going.get(key) === begun) going.delete(key)
    })
    result.catch(() => {}) // heard by whoever still waits
    const begun: Going<T> = { result, controller, waiting: 0 }
    going.set(key, begun)
    return begun
  }

  return async (key, work, signal) => {
    signal?.throwIfAborted()
    const one = going.get(key) ?? begin(key, work)
    one.waiting += 1
    try {
      return await orAborted(one.result, signal)
    } finally {
      one.waiting -= 1
      if (one.waiting === 0) {
        // who comes from now on begins anew
        if (going.get(key) === one) going.delete(key)
        one.controller.abort()
      }
    }
  }
}

/** Rejects with the signal's reason as soon as it is aborted; the work itself goes on. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
