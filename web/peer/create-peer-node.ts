import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createHeliaLight, type Helia } from 'helia'
import { createBlockNetwork } from './blocks/block-network.ts'
import { createDagFetcher } from './dag-fetcher.ts'
import { createGater, createPrivateGater } from './gater.ts'
import { createGossipAllowance } from './gossip-allowance.ts'
import {
  BITSWAP_OPTIONS,
  libp2pOptions,
  type PeerServices,
  rtcConfiguration,
  stunOfRelay,
} from './options.ts'
import { createPaths, preferOpenPaths } from './paths.ts'
import { createPeerSession } from './peer-session.ts'
import { createCircuitTransport } from './reservations.ts'
import { createTransport } from './transport.ts'
import type { PeerNode, PeerNodeInit } from './types.ts'

/**
 * The code of WebRTC, which in Node.js would load a native module. A tab asks for it at its start, so that it comes
 * while the store opens.
 */
export function loadWebRtc(): Promise<Pick<typeof import('@libp2p/webrtc'), 'webRTC' | 'webRTCDirect'>> {
  return import('@libp2p/webrtc')
}

/**
 * A peer of a network: libp2p, Helia and what joins them to others. It dials nobody before `start`, so that
 * the handlers of the parts above are in place when the first peer asks.
 */
export async function createPeerNode(init: PeerNodeInit): Promise<PeerNode> {
  const { network, kind, mode = 'direct', stunUrls } = init
  const hasWebRtc = kind === 'tab' && mode === 'direct' && globalThis.RTCPeerConnection !== undefined
  const [{ webRTC, webRTCDirect }, privateKey] = await Promise.all([
    hasWebRtc ? loadWebRtc() : { webRTC: undefined, webRTCDirect: undefined },
    init.privateKey ?? generateKeyPair('Ed25519'),
  ])
  const circuit = createCircuitTransport()
  const gossipAllowance = createGossipAllowance()
  const options = libp2pOptions({
    network,
    gossipAllowance,
    privateKey,
    circuit: circuit.transport,
    ...(init.extra === undefined ? {} : { extra: init.extra }),
    gater: (mode === 'relayed' ? createPrivateGater : createGater)(() => session.relayAddresses()),
    mode,
    // a relay has a public address: nobody needs to tell ours
    ...(webRTCDirect === undefined
      ? {}
      : { webRtcDirect: webRTCDirect({ rtcConfiguration: { iceServers: [] } }) }),
    ...(webRTC === undefined
      ? {}
      : {
          webRtc: webRTC({
            // asked at each dial: relays come and go
            rtcConfiguration: () => {
              const known = session.relayAddresses().map(stunOfRelay)
              return rtcConfiguration([...stunUrls, ...known.filter((url) => url !== undefined)])
            },
          }),
        }),
  })
  const helia = withBitswap(
    withLibp2pLight<Helia, PeerServices>(createHeliaLight({ blockstore: init.blockstore }), options),
    BITSWAP_OPTIONS,
  )
  await helia.start()
  const libp2p = helia.libp2p
  const paths = createPaths(libp2p, {
    webRtc: hasWebRtc,
    ...(init.timers === undefined ? {} : { timers: init.timers }),
  })
  preferOpenPaths(libp2p as Libp2p, paths)
  const blocks = createBlockNetwork(helia, libp2p as Libp2p, {
    ...(init.timers === undefined ? {} : { timers: init.timers }),
    ...(init.onMisbehaviour === undefined ? {} : { onMisbehaviour: init.onMisbehaviour }),
  })
  const transport = createTransport(libp2p, { network, paths, gossipAllowance })
  const session = createPeerSession({ libp2p, helia, transport, reservations: circuit.reservations }, init, {
    peerId: peerIdFromPrivateKey(privateKey).toString(),
    webRtc: hasWebRtc,
  })

  return {
    libp2p,
    helia,
    transport,
    blocks,
    fetcher: createDagFetcher({ blockstore: helia.blockstore, exchange: blocks.exchange }),
    state: session.state,
    start: session.start,
    retry: session.retry,
    provide: session.provide,
    async addRelay(address) {
      session.addRelay(address)
    },
    async stop() {
      await session.stop()
      blocks.stop()
      await helia.stop()
    },
  }
}
