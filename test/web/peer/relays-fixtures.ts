import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, beforeEach, vi } from 'vitest'
import { createRelayMemory, type KeyValue } from '#peer/relay-memory.ts'
import { createRelays, type Relays, type RelaysInit } from '#peer/relays.ts'
import type { Reservations } from '#peer/reservations.ts'

/** Relays that answer, refuse or hang as the test says. */
export class FakeRelays extends EventTarget {
  readonly dialled: string[] = []
  /** resolves when the test lets it */
  leave: (relay: string) => Promise<void> = async () => {}
  readonly hungUp: string[] = []
  readonly refreshed: string[] = []
  /** relays that neither answer nor refuse */
  readonly silent = new Set<string>()
  readonly down = new Set<string>()
  /** addresses where another peer answers */
  readonly wrong = new Set<string>()
  readonly full = new Set<string>()
  /** called in the middle of a reservation */
  onReserve: (relay: PeerId) => void = () => {}
  #removed = new Set<(relay: string) => void>()

  readonly libp2p = {
    dial: async (address: { toString(): string }, { signal }: { signal: AbortSignal }) => {
      const relay = idOf(address.toString())
      this.dialled.push(relay)
      if (this.silent.has(relay)) {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      }
      if (this.wrong.has(address.toString())) throw new Error('peer id mismatch')
      if (this.down.has(relay)) throw new Error('connection refused')
    },
    hangUp: async (peer: PeerId) => void this.hungUp.push(peer.toString()),
    addEventListener: this.addEventListener.bind(this),
    removeEventListener: this.removeEventListener.bind(this),
  } as unknown as Pick<Libp2p, 'dial' | 'hangUp' | 'addEventListener' | 'removeEventListener'>

  readonly reservations: Reservations = {
    reserve: async (relay) => {
      this.onReserve(relay)
      if (this.full.has(relay.toString())) throw new Error('reservation failed with status 200')
    },
    circuitLimit: () => undefined,
    remainingMs: () => 600_000,
    refresh: async (relay) => void this.refreshed.push(relay.toString()),
    onRemoved: (listener) => {
      this.#removed.add(listener)
      return () => this.#removed.delete(listener)
    },
  }

  disconnect(peer: PeerId): void {
    this.dispatchEvent(new CustomEvent('peer:disconnect', { detail: peer }))
  }

  identify(peerId: PeerId, protocols: readonly string[]): void {
    this.dispatchEvent(new CustomEvent('peer:identify', { detail: { peerId, protocols } }))
  }

  expire(peer: PeerId): void {
    for (const listener of this.#removed) listener(peer.toString())
  }
}

export const idOf = (address: string) => address.slice(address.lastIndexOf('/') + 1)

export let fake: FakeRelays
export let peers: PeerId[]
export let addresses: string[]
let running: Relays[]

/** Five relays for each test of a file, on fake timers. */
export function setUpRelays(): void {
  beforeEach(async () => {
    vi.useFakeTimers()
    fake = new FakeRelays()
    running = []
    const keys = await Promise.all(Array.from({ length: 5 }, () => generateKeyPair('Ed25519')))
    peers = keys.map((key) => peerIdFromPrivateKey(key))
    addresses = peers.map((peer, i) => `/ip4/127.0.0.1/tcp/${8_000 + i}/ws/p2p/${peer}`)
  })
  afterEach(() => {
    for (const relays of running) relays.stop()
    vi.useRealTimers()
  })
}

export function start(init: Partial<RelaysInit> = {}, store?: KeyValue): Relays {
  const memory = store === undefined ? {} : { memory: createRelayMemory(store, 'test') }
  const relays = createRelays(
    {
      libp2p: fake.libp2p,
      reservations: fake.reservations,
      leave: (relay) => fake.leave(relay),
      ...memory,
    },
    { network: 'test', addresses, random: () => 0, ...init },
  )
  running.push(relays)
  relays.start()
  return relays
}

export const settle = () => vi.advanceTimersByTimeAsync(0)
export const statuses = (relays: Relays) => relays.states().map(({ status }) => status)
