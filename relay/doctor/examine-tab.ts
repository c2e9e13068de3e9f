import { peerIdFromString } from '@libp2p/peer-id'
import { MemoryBlockstore } from 'blockstore-core'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { createPeerNode } from '#peer/create-peer-node.ts'
import { decodeHeartbeat, type Heartbeat } from '#peer/heartbeat.ts'
import { decodeWhoIsHere } from '#peer/protocols/who-is-here.ts'
import type { PeerNode } from '#peer/types.ts'
import { broken, doubtful, type Finding, ok } from './finding.ts'

/** Heartbeats come every 5 s: after three of them a tab that is here was heard. */
const PATIENCE_MS = 16_000
const POLL_MS = 500
const DIAL_TIMEOUT_MS = 15_000
const BITSWAP = '/ipfs/bitswap/1.2.0'

export interface ExamineTabInit {
  /** as the tab's network panel shows it */
  readonly peerId: string
  readonly network: NetworkName
  /** multiaddrs of the relays to look through */
  readonly relays: readonly string[]
  readonly onFinding: (finding: Finding) => void
  readonly signal: AbortSignal
  /** how long it is waited for @default 16 s */
  readonly patienceMs?: number
}

/** Looks at a tab (or another peer) from outside: is it here, can it be reached, does it serve? */
export async function examineTab(init: ExamineTabInit): Promise<readonly Finding[]> {
  const { peerId, network, relays, onFinding, signal } = init
  const findings: Finding[] = []
  const add = (finding: Finding): void => {
    findings.push(finding)
    onFinding(finding)
  }
  const node = await createPeerNode({
    network,
    kind: 'node',
    blockstore: new MemoryBlockstore(),
    relays,
    stunUrls: [],
  })
  try {
    await node.start()
    const heartbeat = await waitForHeartbeat(node, init)
    if (heartbeat === undefined) {
      add(
        broken('here', {
          code: 'TAB_UNSEEN',
          what: `This relay and those that it is connected to hear nothing of ${peerId}.`,
          mend: 'See in the tab’s network panel that it has joined, by this relay or one that this one knows, in the same network, and that its peer id is still this one. A tab whose clock is over 60 s off is not believed.',
        }),
      )
      return findings
    }
    add(ok('here', `It is here, with ${heartbeat.directPeers} direct connections.`))
    add(await reach(node, peerId, heartbeat, signal))
    if (!heartbeat.webRtc) {
      add(
        doubtful('direct', {
          code: 'TAB_INDIRECT',
          what: 'It offers no direct connection, so everything goes through its relay.',
          mend: 'That is so in private mode. Otherwise its browser or an extension has WebRTC switched off: allow it for this page.',
        }),
      )
    } else add(ok('direct', 'It offers direct connections (WebRTC).'))
    return findings
  } finally {
    await node.stop()
  }
}

/** Asks the relays who is here until the peer is among them. */
async function waitForHeartbeat(
  node: PeerNode,
  { peerId, network, signal, patienceMs = PATIENCE_MS }: ExamineTabInit,
): Promise<Heartbeat | undefined> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  while (!deadline.aborted) {
    for (const { peerId: relay, status } of node.state.value.relays) {
      if (relay === undefined || status !== 'reserved') continue
      const found = await askRelay(node, relay, { peerId, network, deadline }).catch(() => undefined)
      if (found !== undefined) return found
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  signal.throwIfAborted()
  return undefined
}

async function askRelay(
  node: PeerNode,
  relay: string,
  { peerId, network, deadline }: { peerId: string; network: NetworkName; deadline: AbortSignal },
): Promise<Heartbeat | undefined> {
  const frames = node.transport.requests.request(relay, protocolsOf(network).whoIsHere, new Uint8Array(), {
    signal: deadline,
  })
  for await (const frame of frames) {
    const told = decodeWhoIsHere(frame).find((peer) => peer.peerId === peerId)
    if (told !== undefined) return decodeHeartbeat(told.heartbeat)
  }
  return undefined
}

async function reach(
  { libp2p }: PeerNode,
  peerId: string,
  { addresses }: Heartbeat,
  signal: AbortSignal,
): Promise<Finding> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
  const startedAt = performance.now()
  try {
    const circuits = addresses.filter((address) => !address.toString().includes('/webrtc'))
    const id = peerIdFromString(peerId)
    if (libp2p.getConnections(id).length === 0) await libp2p.dial(circuits, { signal: deadline })
    const stream = await libp2p.dialProtocol(id, BITSWAP, { signal: deadline, runOnLimitedConnection: true })
    await stream.close({ signal: deadline })
    return ok(
      'reach',
      `It answers through its relay (${Math.round(performance.now() - startedAt)} ms) and serves blocks.`,
    )
  } catch (error) {
    signal.throwIfAborted()
    return broken('reach', {
      code: 'TAB_UNREACHABLE',
      what: `It is here, but cannot be reached through its relay (${(error as Error).message.slice(0, 120)}).`,
      mend: 'The tab may be frozen in the background: bring it to the front, or pin it. If others fail too, examine its relay.',
    })
  }
}
