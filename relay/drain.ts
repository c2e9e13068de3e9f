import type { Libp2p } from '@libp2p/interface'

export interface Leaving {
  readonly libp2p: Pick<Libp2p, 'addEventListener' | 'removeEventListener'>
  /** peers that could only be reached here */
  readonly clients: () => number
}

/** Resolves when every client has left, or after `ms`. */
export function untilLeft({ libp2p, clients }: Leaving, ms: number): Promise<void> {
  if (clients() === 0 || ms === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      libp2p.removeEventListener('peer:disconnect', look)
      resolve()
    }
    // Later in the same turn: whoever frees the reservation listens to the same event.
    const look = () =>
      queueMicrotask(() => {
        if (clients() === 0) done()
      })
    const timer = setTimeout(done, ms)
    libp2p.addEventListener('peer:disconnect', look)
  })
}
