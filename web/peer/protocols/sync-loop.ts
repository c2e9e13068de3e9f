import { isAppError } from '#core/errors.ts'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import type { Timers } from '#core/timers.ts'
import type { Neighbours } from '#core/transport.ts'

/** With this pause one neighbour after the other is asked: what gossip lost is found within a minute or two. */
export const SYNC_INTERVAL_MS = 30_000
/** Between two pulls from one peer: gaps that come in a burst share one. */
export const PULL_REST_MS = 1_000

export interface SyncLoopComponents {
  readonly neighbours: Neighbours
  readonly timers: Timers
  /** fetches from a peer whatever it has more of */
  readonly pull: (peer: string, signal: AbortSignal) => Promise<void>
  /** the peer sent what cannot be true; it is not asked again */
  readonly onMisbehaviour: (peer: string, error: unknown) => void
  /** a pull that ended early: the peer left, was slow or busy */
  readonly onFailure: (peer: string, error: unknown) => void
}

/** Decides whom to pull from and when: each new neighbour, whoever shows a gap, and one in turn every 30 s. */
export interface SyncLoop {
  start(): void
  /** Asks this peer soon, or any other when it is not connected. */
  request(peer: string): void
  stop(): Promise<void>
}

export function createSyncLoop(components: SyncLoopComponents): SyncLoop {
  return new Loop(components)
}

class Loop implements SyncLoop {
  readonly #components: SyncLoopComponents
  readonly #waiting = new Set<string>()
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

  #enqueueNext(): void {
    const peers = this.#components.neighbours.connected().filter((peer) => !this.#dropped.has(peer))
    const peer = peers[this.#turn++ % Math.max(1, peers.length)]
    if (peer !== undefined) this.#enqueue(peer)
  }

  request(peer: string): void {
    if (this.#components.neighbours.connected().includes(peer)) this.#enqueue(peer)
    else this.#enqueueNext()
  }

  #enqueue(peer: string): void {
    if (this.#abort.signal.aborted || this.#dropped.has(peer)) return
    this.#waiting.add(peer)
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Pulls from one peer after the other: two at once would mostly bring the same. */
  async #run(): Promise<void> {
    for (let peer = this.#take(); peer !== undefined; peer = this.#take()) {
      await this.#pull(peer)
      this.#rest(peer)
    }
  }

  #take(): string | undefined {
    if (this.#abort.signal.aborted) return undefined
    for (const peer of this.#waiting) {
      if (this.#resting.has(peer)) continue
      this.#waiting.delete(peer)
      return peer
    }
    return undefined
  }

  async #pull(peer: string): Promise<void> {
    const { pull, onMisbehaviour, onFailure } = this.#components
    const { signal } = this.#abort
    try {
      await pull(peer, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!isAppError(error, 'SYNC_MISBEHAVIOUR')) return onFailure(peer, error)
      this.#dropped.add(peer)
      if (this.#dropped.size > MAX_KNOWN_PEERS) this.#dropped.delete(this.#dropped.values().next().value!)
      onMisbehaviour(peer, error)
    }
  }

  #rest(peer: string): void {
    if (this.#abort.signal.aborted) return
    const wake = this.#components.timers.after(PULL_REST_MS, () => {
      this.#resting.delete(peer)
      if (this.#waiting.has(peer)) this.#enqueue(peer)
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
