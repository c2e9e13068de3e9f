import type { IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import { every, type Timers } from '#core/timers.ts'
import type { Requests } from '#core/transport.ts'
import { encodeRelayNotice, type RelayNotice } from '#peer/protocols/relay-notice.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { NOTICE_AGAIN_MS, NOTICE_TIMEOUT_MS } from './limits.ts'

export interface NoticesComponents {
  readonly libp2p: Pick<Libp2p, 'addEventListener' | 'removeEventListener'>
  readonly requests: Pick<Requests, 'request'>
}

export interface NoticesInit {
  /** id of the protocol that clients answer */
  readonly protocol: string
  readonly notice: () => RelayNotice
  /** @default the process's own */
  readonly timers?: Timers
}

export interface Notices {
  start(): void
  /** Tells every connected client anew, and those of `also`; resolves when all have heard it or had their time. */
  tellAll(also?: readonly string[]): Promise<void>
  /**
   * Tells them again and again, with those that `also` names at the time, until `over` resolves: a client that was busy
   * has missed it, or was never identified.
   */
  tellUntil(over: Promise<void>, also: () => readonly string[]): Promise<void>
  stop(): void
}

/** Tells clients what they should know of this relay ([RE8]): when they come, and when it changes. */
export function createNotices(
  { libp2p, requests }: NoticesComponents,
  { protocol, notice, timers = systemTimers }: NoticesInit,
): Notices {
  const clients = new Set<string>()
  const stopping = new AbortController()

  async function tell(peer: string): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(NOTICE_TIMEOUT_MS)])
    try {
      const answer = requests.request(peer, protocol, encodeRelayNotice(notice()), { signal })
      for await (const _ of answer) return
    } catch {
      // It left, or is too busy: it is told again, or the end of the connection tells it the same.
    }
  }

  const onIdentify = ({ detail: { peerId, protocols } }: CustomEvent<IdentifyResult>) => {
    if (!protocols.includes(protocol) || clients.has(peerId.toString())) return
    clients.add(peerId.toString())
    const { draining, relays } = notice()
    if (draining || relays.length > 0) void tell(peerId.toString())
  }
  const onDisconnect = ({ detail }: CustomEvent<PeerId>) => void clients.delete(detail.toString())

  const tellAll: Notices['tellAll'] = async (also = []) => {
    await Promise.all([...new Set([...clients, ...also])].map(tell))
  }

  return {
    start() {
      libp2p.addEventListener('peer:identify', onIdentify)
      libp2p.addEventListener('peer:disconnect', onDisconnect)
    },
    tellAll,
    async tellUntil(over, also) {
      const tellThem = () => void tellAll(also())
      tellThem()
      const end = every(timers, NOTICE_AGAIN_MS, tellThem)
      await over.finally(end)
    },
    stop() {
      stopping.abort()
      libp2p.removeEventListener('peer:identify', onIdentify)
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
    },
  }
}
