/** js-libp2p's relay with default options, to compare ours with; it forwards the same topics. */
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { protocolsOf } from '#core/network.ts'

const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
  transports: [webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), ping: ping(), relay: circuitRelayServer(), pubsub: gossipsub() },
})
const { presenceTopic, linksTopic } = protocolsOf('local')
for (const topic of [presenceTopic, linksTopic]) node.services.pubsub.subscribe(topic)
console.log(`Peers connect to ${node.getMultiaddrs()[0]}`)
