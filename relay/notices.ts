import type { IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import type { Requests } from '#core/transport.ts'
import { encodeRelayNotice, type RelayNotice } from '#peer/protocols/relay-notice.ts'
import { NOTICE_TIMEOUT_MS } from './limits.ts'

export interface NoticesComponents {
  readonly libp2p: Pick<Libp2p, 'addEventListener' | 'removeEventListener'>
  readonly requests: Pick<Requests, 'request'>
}

export interface NoticesInit {
  /** id of the protocol that clients answer */
  readonly protocol: string
  readonly notice: () => RelayNotice
}

export interface Notices {
  start(): void
  /** Tells every connected client anew; resolves when all have heard it or had their time. */
  tellAll(): Promise<void>
  stop(): void
}

/** Tells clients what they should know of this relay ([RE8]): when they come, and when it changes. */
export function createNotices(
  { libp2p, requests }: NoticesComponents,
  { protocol, notice }: NoticesInit,
): Notices {
  const clients = new Set<string>()
  const stopping = new AbortController()

  async function tell(peer: string): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(NOTICE_TIMEOUT_MS)])
    try {
      const answer = requests.request(peer, protocol, encodeRelayNotice(notice()), { signal })
      for await (const _ of answer) return
    } catch {
      // It left, or is too busy: the end of the connection tells it the same.
    }
  }

  const onIdentify = ({ detail: { peerId, protocols } }: CustomEvent<IdentifyResult>) => {
    if (!protocols.includes(protocol) || clients.has(peerId.toString())) return
    clients.add(peerId.toString())
    const { draining, relays } = notice()
    if (draining || relays.length > 0) void tell(peerId.toString())
  }
  const onDisconnect = ({ detail }: CustomEvent<PeerId>) => void clients.delete(detail.toString())

  return {
    start() {
      libp2p.addEventListener('peer:identify', onIdentify)
      libp2p.addEventListener('peer:disconnect', onDisconnect)
    },
    async tellAll() {
      await Promise.all([...clients].map(tell))
    },
    stop() {
      stopping.abort()
      libp2p.removeEventListener('peer:identify', onIdentify)
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
    },
  }
}
