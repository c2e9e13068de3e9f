import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { type Ping, ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { readRelayConfig } from '#relay/config.ts'
import { createRelay, type Relay, type RelayInit } from '#relay/relay.ts'

export interface RelayFixture {
  readonly relay: Relay
  readonly dataDir: string
  readonly logged: readonly string[]
}

export interface Fixtures {
  /** A started relay on a free port; `flags` as on the command line. */
  relay(flags?: readonly string[], init?: Partial<RelayInit>): Promise<RelayFixture>
  /** A started peer; it reserves at `relays`. */
  peer(relays?: readonly Relay[]): Promise<TestPeer>
  /** Stops everything that was made since the last call. */
  stop(): Promise<void>
}

export type TestPeer = Libp2p<{ identify: Identify; ping: Ping; pubsub: GossipSub }>

export function createFixtures(): Fixtures {
  const stops: (() => Promise<void>)[] = []

  return {
    async relay(flags = [], init = {}) {
      const dataDir = await mkdtemp(join(tmpdir(), 'tabland-relay-'))
      stops.push(() => rm(dataDir, { recursive: true, force: true }))
      const logged: string[] = []
      // Later flags win, so a test may choose its own folder.
      const args = ['--port', '0', '--data', dataDir, ...flags]
      const relay = await createRelay(readRelayConfig({ args, env: {} }), {
        log: (line) => logged.push(line),
        ...init,
      })
      stops.push(() => relay.stop())
      await relay.start()
      return { relay, dataDir, logged }
    },

    async peer(relays = []) {
      const node: TestPeer = await createLibp2p({
        addresses: { listen: relays.map((relay) => `${addressOf(relay)}/p2p-circuit`) },
        transports: [webSockets(), circuitRelayTransport()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        // The default of 5 s cuts connections while the machine is busy.
        connectionMonitor: { pingTimeout: { minTimeout: 45_000 } },
        services: {
          identify: identify(),
          ping: ping(),
          pubsub: gossipsub({
            allowPublishToZeroTopicPeers: true,
            scoreParams: { IPColocationFactorWeight: 0 },
          }),
        },
      })
      stops.push(async () => node.stop())
      return node
    },

    async stop() {
      for (const stop of stops.splice(0).reverse()) await stop()
    },
  }
}

export function addressOf(relay: Relay): string {
  const [address] = relay.addresses
  if (address === undefined) throw new Error('the relay has no address')
  return address
}

export async function connect(peer: TestPeer, relay: Relay): Promise<void> {
  await peer.dial(multiaddr(addressOf(relay)))
}

/** The way to `peer` through `relay`. */
export function circuitAddress(relay: Relay, peer: TestPeer) {
  return multiaddr(`${addressOf(relay)}/p2p-circuit/p2p/${peer.peerId}`)
}
