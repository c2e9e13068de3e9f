import type { CreateListenerOptions, Listener, Transport, Upgrader } from '@libp2p/interface'
import type { WebRTCDirectTransportComponents } from '@libp2p/webrtc'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AppError } from '#core/errors.ts'
import { createRateLimit } from '#core/rate-limit.ts'
import type { RelayConfig } from '../config.ts'
import { type RelayErrorCode, relayError } from '../errors.ts'
import { MAX_PENDING_DIRECT, NEW_DIRECT_BURST, NEW_DIRECT_PER_SECOND } from '../limits.ts'
import { type BoundedUpgrader, boundUpgrader } from './bounded-upgrader.ts'
import { loadOrCreateDirectCertificate } from './direct-certificate.ts'

/** [RE2] WebRTC Direct of a relay: UDP, without a certificate that anybody signed. */
export interface DirectTransport {
  readonly transport: (components: WebRTCDirectTransportComponents) => Transport
  /** multiaddr to listen on */
  readonly listen: string
  /** where it listens, with the hash of its certificate; empty before */
  addresses(): readonly Multiaddr[]
  /** turned away, before or after they had shaken hands */
  refused(): number
  /** why it does not listen, which libp2p hides in a text: PORT_TAKEN */
  failure(): AppError<RelayErrorCode> | undefined
}

/**
 * Its native part has about 9 MB, so it is loaded by this alone.
 *
 * @throws KEY_FILE_INVALID, DATA_FOLDER_UNUSABLE
 */
export async function openDirectTransport(
  config: Pick<RelayConfig, 'webRtcPort' | 'host' | 'dataDir' | 'maxConnections' | 'connectionsPerAddress'>,
): Promise<DirectTransport> {
  const { host, dataDir, maxConnections, connectionsPerAddress } = config
  const { webRTCDirect } = await import('@libp2p/webrtc')
  const certificate = await loadOrCreateDirectCertificate(dataDir)
  const starts = createRateLimit({
    perSecond: NEW_DIRECT_PER_SECOND,
    burst: NEW_DIRECT_BURST,
    maxKeys: 1,
    now: () => performance.now(),
  })
  let bounded: BoundedUpgrader | undefined
  let listener: Listener | undefined
  let failure: AppError<RelayErrorCode> | undefined

  function limited(upgrader: Upgrader): Upgrader {
    bounded ??= boundUpgrader(upgrader, {
      maxPending: MAX_PENDING_DIRECT,
      mayBegin: () => starts.take(''),
      perAddress: connectionsPerAddress,
      maxConnections,
    })
    return bounded.upgrader
  }

  return {
    listen: `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/udp/${config.webRtcPort}/webrtc-direct`,
    transport(components) {
      const upgrader = limited(components.upgrader)
      // Its listener takes the time of a handshake from the components, and the rest from its options.
      const own: WebRTCDirectTransportComponents = Object.create(components, {
        upgrader: { value: upgrader },
      })
      const transport = webRTCDirect({ certificate, rtcConfiguration: { iceServers: [] } })(own)
      const createListener = transport.createListener.bind(transport)
      transport.createListener = (options: CreateListenerOptions) => {
        listener = createListener({ ...options, upgrader })
        const { listen, close } = bound(listener)
        listener.listen = (address) =>
          listen(address).catch((cause: Error) => {
            failure = taken(config.webRtcPort, cause)
            throw failure
          })
        // one that never listened fails again when it is closed
        listener.close = () => close().catch(() => {})
        return listener
      }
      return transport
    },
    addresses: () => listener?.getAddrs() ?? [],
    refused: () => bounded?.refused() ?? 0,
    failure: () => failure,
  }
}

function bound(listener: Listener): Pick<Listener, 'listen' | 'close'> {
  return { listen: listener.listen.bind(listener), close: listener.close.bind(listener) }
}

/** The native part says no more than that it failed. */
function taken(port: number, cause: Error) {
  return relayError(
    'PORT_TAKEN',
    `UDP port ${port} cannot be opened for WebRTC Direct: stop the other program or choose another with --webrtc-port N. It is a port beside that of --port.`,
    { cause },
  )
}
