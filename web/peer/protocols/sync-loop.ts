import { isAppError } from '#core/errors.ts'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import type { Timers } from '#core/timers.ts'
import type { Neighbours } from '#core/transport.ts'

/** With this pause one neighbour after the other is asked: what gossip lost is found within a minute or two. */
export const SYNC_INTERVAL_MS = 30_000
/** Between two pulls from one peer: gaps that come in a burst share one. */
export const PULL_REST_MS = 1_000

/** `news`: only what goes with records that gossip brought. `all`: everything that the peer has more of. */
export type SyncPart = 'all' | 'news'

export interface SyncLoopComponents {
  readonly neighbours: Neighbours
  readonly timers: Timers
  /** fetches from a peer whatever it has more of */
  readonly pull: (peer: string, signal: AbortSignal, part: SyncPart) => Promise<void>
  /** the peer sent what cannot be true; it is not asked again */
  readonly onMisbehaviour: (peer: string, error: unknown) => void
  /** a pull that ended early: the peer left, was slow or busy */
  readonly onFailure: (peer: string, error: unknown) => void
}

/** Decides whom to pull from and when: each new neighbour, whoever shows a gap, and one in turn every 30 s. */
export interface SyncLoop {
  start(): void
  /** Asks this peer soon, or any other when it is not connected; news of PULL_REST_MS share one pull. */
  request(peer: string, part: SyncPart): void
  stop(): Promise<void>
}

export function createSyncLoop(components: SyncLoopComponents): SyncLoop {
  return new Loop(components)
}

interface Turn {
  readonly peer: string
  readonly part: SyncPart
}

class Loop implements SyncLoop {
  readonly #components: SyncLoopComponents
  readonly #waiting = new Map<string, SyncPart>()
  readonly #resting = new Map<string, () => void>()
  readonly #dropped = new Set<string>()
  readonly #abort = new AbortController()
  #running: Promise<void> | undefined
  #unsubscribe: (() => void) | undefined
  #cancel: (() => void) | undefined
  #turn = 0

  constructor(components: SyncLoopComponents) {
    this.#components = components
  }

  start(): void {
    const { neighbours } = this.#components
    this.#unsubscribe = neighbours.onConnect((peer) => this.#enqueue(peer))
    for (const peer of neighbours.connected()) this.#enqueue(peer)
    this.#tick()
  }

  #tick(): void {
    this.#cancel = this.#components.timers.after(SYNC_INTERVAL_MS, () => {
      this.#enqueueNext()
      this.#tick()
    })
  }

  #enqueueNext(part: SyncPart = 'all'): void {
    const peers = this.#components.neighbours.connected().filter((peer) => !this.#dropped.has(peer))
    const peer = peers[this.#turn++ % Math.max(1, peers.length)]
    if (peer !== undefined) this.#enqueue(peer, part)
  }

  request(peer: string, part: SyncPart): void {
    if (this.#components.neighbours.connected().includes(peer)) this.#enqueue(peer, part)
    else this.#enqueueNext(part)
  }

  #enqueue(peer: string, part: SyncPart = 'all'): void {
    if (this.#abort.signal.aborted || this.#dropped.has(peer)) return
    if (part === 'news') {
      this.#rest(peer)
      if (this.#waiting.has(peer)) return
    }
    this.#waiting.set(peer, part)
    this.#start()
  }

  #start(): void {
    if (this.#running !== undefined) return
    const next = this.#take()
    if (next !== undefined) this.#running = this.#run(next)
  }

  /** Pulls from one peer after the other: two at once would mostly bring the same. */
  async #run(first: Turn): Promise<void> {
    try {
      for (let next: Turn | undefined = first; next !== undefined; next = this.#take()) {
        await this.#pull(next)
        this.#rest(next.peer)
      }
    } finally {
      this.#running = undefined
    }
  }

  #take(): Turn | undefined {
    if (this.#abort.signal.aborted) return undefined
    for (const [peer, part] of this.#waiting) {
      if (this.#resting.has(peer)) continue
      this.#waiting.delete(peer)
      return { peer, part }
    }
    return undefined
  }

  async #pull({ peer, part }: Turn): Promise<void> {
    const { pull, onMisbehaviour, onFailure } = this.#components
    const { signal } = this.#abort
    try {
      await pull(peer, signal, part)
    } catch (error) {
      if (signal.aborted) return
      if (!isAppError(error, 'SYNC_MISBEHAVIOUR')) return onFailure(peer, error)
      this.#dropped.add(peer)
      if (this.#dropped.size > MAX_KNOWN_PEERS) this.#dropped.delete(this.#dropped.values().next().value!)
      onMisbehaviour(peer, error)
    }
  }

  #rest(peer: string): void {
    if (this.#abort.signal.aborted || this.#resting.has(peer)) return
    const wake = this.#components.timers.after(PULL_REST_MS, () => {
      this.#resting.delete(peer)
      if (this.#waiting.has(peer)) this.#start()
    })
    this.#resting.set(peer, wake)
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    this.#unsubscribe?.()
    this.#cancel?.()
    for (const wake of this.#resting.values()) wake()
    this.#resting.clear()
    this.#waiting.clear()
    await this.#running
  }
}
