import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { doubtful, type Finding, ok } from './finding.ts'

const DIAL_TIMEOUT_MS = 8_000
const MAX_TRIED = 4

/**
 * [RE2] Does one of a relay's WebRTC Direct addresses answer? No finding when it has none: that is nothing broken.
 * Their native part is loaded here alone.
 */
export async function directFindings(addresses: readonly string[]): Promise<readonly Finding[]> {
  const [first] = addresses
  if (first === undefined) return []
  const { webRTCDirect } = await import('@libp2p/webrtc')
  const node = await createLibp2p({
    transports: [webRTCDirect({ rtcConfiguration: { iceServers: [] } })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { reconnectRetries: 0 },
  })
  try {
    const dials = addresses.slice(0, MAX_TRIED).map(async (address) => {
      await node.dial(multiaddr(address), { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) })
      return address
    })
    const answered = await Promise.any(dials)
    return [ok('webrtc', `WebRTC Direct answers at ${shortened(answered)}.`)]
  } catch {
    const port = /\/udp\/(\d+)\//.exec(first)?.[1]
    return [
      doubtful('webrtc', {
        code: 'DIRECT_UNREACHABLE',
        what: `It tells the WebRTC Direct address ${shortened(first)}, and nobody answers there.`,
        mend: `Open UDP ${port} in the firewall and in the provider's. Where the machine has only a private address, tell the public one: --announce …,/ip4/ADDRESS/udp/${port}/webrtc-direct`,
      }),
    ]
  } finally {
    await node.stop()
  }
}

/** without the hash and the peer id, which nobody compares by eye */
function shortened(address: string): string {
  return address.replace(/\/certhash\/.*/, '')
}
