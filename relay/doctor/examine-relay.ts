import { multiaddr } from '@multiformats/multiaddr'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { askStun } from './ask-stun.ts'
import { broken, doubtful, type Finding, ok, skipped } from './finding.ts'
import { createProbeNode, DIAL_TIMEOUT_MS, type ProbeNode, withoutPeer } from './probe-node.ts'
import { bare, type PageProbe, probePage } from './probe-page.ts'
import { probeUpgrade } from './probe-upgrade.ts'
import { directFindings } from './try-direct.ts'
import { tryPort } from './try-port.ts'

const RESERVE_TIMEOUT_MS = 10_000

export interface ExamineRelayInit {
  /** where the relay's page is */
  readonly url: URL
  /** the network that it should serve; any when absent */
  readonly network: NetworkName | undefined
  /** called with each finding as it is made */
  readonly onFinding: (finding: Finding) => void
  /** unix ms @default Date.now */
  readonly now?: () => number
}

type Facts = NonNullable<PageProbe['facts']>

/**
 * Looks at a relay from outside, the way a newcomer's tab meets it: name, port, page, health, WebSocket, the
 * peer behind it, a reservation, a circuit, STUN. What cannot be asked any more is told as skipped.
 */
export async function examineRelay(init: ExamineRelayInit): Promise<readonly Finding[]> {
  const { url, onFinding, now = Date.now } = init
  const findings: Finding[] = []
  const add = (...found: readonly Finding[]): void => {
    for (const finding of found) {
      findings.push(finding)
      onFinding(finding)
    }
  }
  const { findings: ofPage, facts } = await probePage(url, { network: init.network, now })
  add(...ofPage)
  if (facts === undefined) {
    add(skipped('peer', 'Its peer, circuits and STUN are not asked: mend the above first.'))
    return findings
  }
  const upgrade = await probeUpgrade(url)
  add(upgrade)
  add(...insecureFindings(url, facts.addresses))
  if (upgrade.status === 'ok') await examinePeer(url, facts, add)
  else add(skipped('peer', 'No peer can connect, so reservations and circuits are not asked.'))
  return findings
}

/** A page that came by https may open encrypted WebSockets only. */
export function insecureFindings(url: URL, addresses: readonly string[]): readonly Finding[] {
  if (url.protocol !== 'https:') return []
  const secure = addresses.filter((address) =>
    /\/(wss|tls\/ws|tls\/sni\/[^/]+\/ws|webrtc-direct)(\/|$)/.test(address),
  )
  if (secure.length > 0) return []
  return [
    broken('announce', {
      code: 'PAGE_INSECURE',
      what: `The page comes by https, but the addresses that it tells (${addresses[0]}) are not encrypted: browsers refuse them.`,
      mend: `Announce what people reach from outside: --announce /dns/${url.hostname}/tcp/${url.port || 443}/tls/ws`,
    }),
  ]
}

async function examinePeer(
  url: URL,
  facts: Facts,
  add: (...found: readonly Finding[]) => void,
): Promise<void> {
  const first = await createProbeNode()
  const second = await createProbeNode()
  try {
    const met = await meet(first, facts)
    add(...met.findings)
    const stun = await stunFindings(url, facts, met.observedHost)
    if (met.address === undefined) {
      add(...stun)
      return
    }
    const reserved = await reserve(first, facts.peerId)
    add(reserved)
    if (reserved.status === 'ok') add(await crossCircuit(first, second, met.address))
    else add(skipped('circuit', 'Without a reservation there is no circuit to try.'))
    add(...stun, ...(await directFindings(met.directs)))
  } finally {
    await Promise.all([first.stop(), second.stop()])
  }
}

interface Met {
  readonly findings: readonly Finding[]
  /** the address that worked, undefined without one */
  readonly address?: string
  /** how the relay sees us */
  readonly observedHost?: string
  /** its addresses of WebRTC Direct */
  readonly directs: readonly string[]
}

/** Dials every address that the relay tells, and sees who answers. */
async function meet(node: ProbeNode, { addresses, peerId, network }: Facts): Promise<Met> {
  const findings: Finding[] = []
  let good: { readonly address: string; readonly observedHost: string | undefined } | undefined
  const directs = new Set(addresses.filter(isDirect))
  const others = addresses.filter((address) => !isDirect(address))
  for (const address of others) {
    try {
      const connection = await node.dial(withoutPeer(multiaddr(address)))
      const answered = connection.remotePeer.toString()
      if (answered !== peerId) {
        await connection.close().catch(() => {})
        findings.push(
          broken('peer', {
            code: 'PEER_ID_DIFFERS',
            what: `${address} is answered by the peer ${answered}.`,
            mend: 'Page and peers come from two relays, or the key file changed behind a cached page: let the proxy lead both to one relay, and keep relay.key with its data folder.',
          }),
        )
        continue
      }
      const { protocols, observedAddr, listenAddrs } = await node.ask(connection)
      if (!protocols.includes(protocolsOf(network).dht)) {
        findings.push(
          broken('peer', {
            code: 'NETWORK_DIFFERS',
            what: `The peer at ${address} does not speak the protocols of "${network}", which its page names.`,
            mend: 'Start relay and page from the same version, with the same --network.',
          }),
        )
        continue
      }
      if (directs.size === 0) {
        for (const told of listenAddrs.map(String).filter(isDirect)) directs.add(withPeer(told, peerId))
      }
      good ??= { address, observedHost: observedAddr?.getComponents()[0]?.value }
      findings.push(ok('peer', `Peer …${peerId.slice(-8)} answers at ${address.replace(/\/p2p\/.*/, '')}.`))
    } catch (error) {
      findings.push(await dialTrouble(address, error as Error))
    }
  }
  if (others.length === 0) {
    findings.push(
      broken('peer', {
        code: 'ANNOUNCE_UNREACHABLE',
        what: 'The relay tells no WebSocket address at all.',
        mend: 'Start it with --announce and the address that people reach from outside.',
      }),
    )
  }
  const told = { findings, directs: [...directs] }
  if (good === undefined) return told
  const { address, observedHost } = good
  return { ...told, address, ...(observedHost === undefined ? {} : { observedHost }) }
}

function isDirect(address: string): boolean {
  return address.includes('/webrtc-direct/')
}

function withPeer(address: string, peerId: string): string {
  return address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`
}

async function dialTrouble(address: string, error: Error): Promise<Finding> {
  const [host, port] = multiaddr(address).getComponents()
  if ((await tryPort(host?.value ?? '', Number(port?.value))) !== 'open') {
    return broken('peer', {
      code: 'ANNOUNCE_UNREACHABLE',
      what: `The relay tells others the address ${address}, and nothing answers there.`,
      mend: 'Correct --announce: the outside name and port, with /tls/ws behind TLS and /ws without.',
    })
  }
  if (error.name === 'TimeoutError') {
    return broken('peer', {
      code: 'HANDSHAKE_FAILED',
      what: `${address} is open, but no peer there was ready to talk within ${DIAL_TIMEOUT_MS / 1_000} s.`,
      mend: 'Ask again in a minute: the relay or this machine may be busy (nodejs_eventloop_lag_seconds at /metrics tells). If it stays so, see that a proxy in front neither buffers nor compresses WebSockets.',
    })
  }
  return broken('peer', {
    code: 'HANDSHAKE_FAILED',
    what: `${address} is open, but no libp2p peer shakes hands there: ${reasonOf(error)}.`,
    mend: 'See that --announce names the right port and /tls/ws or /ws; a proxy must neither buffer nor compress WebSockets.',
  })
}

async function reserve(node: ProbeNode, peerId: string): Promise<Finding> {
  const relay = node.libp2p
    .getConnections()
    .find(({ remotePeer }) => remotePeer.toString() === peerId)?.remotePeer
  try {
    if (relay === undefined) throw new Error('the connection is gone')
    await within(RESERVE_TIMEOUT_MS, node.reservations.reserve(relay))
    return ok('reservation', 'It gives reservations.')
  } catch (error) {
    return broken('reservation', {
      code: 'RESERVATION_REFUSED',
      what: `It gives no reservation, so that nobody can be reached through it (${reasonOf(error)}).`,
      mend: 'All places may be taken (--max-reservations), or all that one address may hold (--reservations-per-address): raise them, or run another relay beside it. One that is about to stop gives none either.',
    })
  }
}

/** A second peer reaches the first through the relay: what two tabs do before they meet directly. */
async function crossCircuit(first: ProbeNode, second: ProbeNode, relay: string): Promise<Finding> {
  try {
    await second.dial(multiaddr(relay))
  } catch (error) {
    return broken('circuit', {
      code: 'CIRCUIT_FAILED',
      what: `A second peer beside the first gets no connection to it, so there is no circuit to try (${reasonOf(error)}).`,
      mend: 'It may be full, or hold as many connections of this address as it may: raise --max-connections or --connections-per-address, or name the proxy in front by --trusted-proxies.',
    })
  }
  try {
    const target = multiaddr(`${relay}/p2p-circuit/p2p/${first.libp2p.peerId}`)
    const connection = await second.dial(target)
    const ms = await second.libp2p.services.ping.ping(connection.remotePeer, {
      signal: AbortSignal.timeout(RESERVE_TIMEOUT_MS),
      runOnLimitedConnection: true,
    })
    return ok('circuit', `Two peers reach each other through it (${Math.round(ms)} ms).`)
  } catch (error) {
    return broken('circuit', {
      code: 'CIRCUIT_FAILED',
      what: `It gives reservations but carries no circuit (${reasonOf(error)}).`,
      mend: 'Its circuits may be used up: raise --max-circuits and --circuits-per-peer, and look at tabland_relay_circuits_refused_total.',
    })
  }
}

async function stunFindings(
  url: URL,
  { stunPort }: Facts,
  observedHost: string | undefined,
): Promise<readonly Finding[]> {
  if (stunPort === undefined) return [skipped('stun', 'It does not offer STUN.')]
  const mapped = await askStun(bare(url.hostname), stunPort)
  if (mapped === undefined) {
    return [
      doubtful('stun', {
        code: 'STUN_SILENT',
        what: `UDP port ${stunPort} does not answer: tabs behind NATs cannot connect directly and load the relay.`,
        mend: `Open UDP ${stunPort} in the firewall and in the provider's; a proxy for the page does not pass UDP on.`,
      }),
    ]
  }
  const found: Finding[] = [ok('stun', `STUN answers on UDP ${stunPort}; you are ${mapped.address} there.`)]
  const sameFamily = observedHost !== undefined && observedHost.includes(':') === mapped.address.includes(':')
  if (sameFamily && observedHost !== mapped.address) {
    found.push(
      doubtful('proxy', {
        code: 'PROXY_UNTRUSTED',
        what: `The relay sees you as ${observedHost}, STUN as ${mapped.address}: a proxy stands between, and all its clients count as one address.`,
        mend: `If it is yours, start the relay with --trusted-proxies ${observedHost}.`,
      }),
    )
  }
  return found
}

/** In few words why it failed; libp2p has errors of several tries in one without a message, and events for errors. */
function reasonOf(error: unknown): string {
  const { message, errors } = error as { readonly message?: string; readonly errors?: readonly Error[] }
  return (message || errors?.[0]?.message || 'the connection was refused').slice(0, 160)
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms / 1_000} s`)), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
