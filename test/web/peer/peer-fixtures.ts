import type { ReadonlySignal } from '@preact/signals'
import { MemoryBlockstore } from 'blockstore-core'
import type { NetworkState } from '#api/network-types.ts'
import { protocolsOf } from '#core/network.ts'
import { createPeerNode } from '#peer/create-peer-node.ts'
import type { PeerNode, PeerNodeInit } from '#peer/types.ts'
import type { RelayServicesContext, RunningServices } from '#relay/relay-services.ts'
import { addressOf, createFixtures, type Fixtures } from '#test/relay/fixtures.ts'

export interface PeerFixtures extends Pick<Fixtures, 'relay'> {
  /** A peer of the test network in this process, not started. */
  make(init?: Partial<PeerNodeInit>): Promise<PeerNode>
  /** A started one. */
  join(init?: Partial<PeerNodeInit>): Promise<PeerNode>
  stop(): Promise<void>
}

/** Relays and peers of the network "test", all in this process, over real WebSockets. */
export function createPeerFixtures(): PeerFixtures {
  const fixtures = createFixtures()
  const peers: PeerNode[] = []

  async function make(init: Partial<PeerNodeInit> = {}): Promise<PeerNode> {
    const node = await createPeerNode({
      network: 'test',
      kind: 'node',
      blockstore: new MemoryBlockstore(),
      relays: [],
      stunUrls: [],
      ...init,
    })
    peers.push(node)
    return node
  }

  return {
    make,
    relay: (flags = [], init) =>
      fixtures.relay(['--network', 'test', ...flags], { services: passWords, ...init }),
    async join(init) {
      const node = await make(init)
      await node.start()
      return node
    },
    async stop() {
      await Promise.all(peers.splice(0).map((peer) => peer.stop()))
      await fixtures.stop()
    },
  }
}

/** Tests gossip plain words where people gossip links, which a relay would refuse: theirs passes them on. */
async function passWords({ transport, network }: RelayServicesContext): Promise<RunningServices> {
  const stop = transport.gossip.subscribe(protocolsOf(network).linksTopic, async () => 'accept')
  return { stop: async () => stop() }
}

export { addressOf }

/** Below the time limit of unit tests, so that a wait in vain says itself what it waited for. */
const WAIT_MS = 25_000

/**
 * Resolves with the state once `condition` holds.
 *
 * @throws Error with the condition and the last state when that does not come within `ms`
 */
export function until(
  state: ReadonlySignal<NetworkState>,
  condition: (state: NetworkState) => boolean,
  { ms = WAIT_MS }: { readonly ms?: number } = {},
): Promise<NetworkState> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      settle()
      queueMicrotask(() => stop?.()) // the first call comes before there is anything to stop
    }
    const timer = setTimeout(() => {
      const waited = `Waited ${ms / 1_000} s in vain for ${condition.name || condition}`
      end(() => reject(new Error(`${waited}. The peer's state: ${JSON.stringify(state.value)}`)))
    }, ms)
    stop = state.subscribe((value) => {
      if (condition(value)) end(() => resolve(value))
    })
  })
}

export const isReady = ({ join }: NetworkState): boolean => join.phase === 'ready'
export const isReserved = ({ relays }: NetworkState): boolean =>
  relays.some(({ status }) => status === 'reserved')
/** peers that are no relays */
export const others = ({ peers }: NetworkState): NetworkState['peers'] =>
  peers.filter(({ kind }) => kind !== 'relay')
