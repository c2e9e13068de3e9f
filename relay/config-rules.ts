import { multiaddr } from '@multiformats/multiaddr'
import type { AppError } from '#core/errors.ts'
import { isInternetAddress } from './auto-tls/secure-names.ts'
import type { RelayConfig } from './config.ts'
import { type RelayErrorCode, relayError } from './errors.ts'

/** Options that are right by themselves and contradict each other; those whose value is wrong are left out. */
export function conflictsOf({
  tlsCert,
  tlsKey,
  autoTls,
  orderer,
  follow = '',
  localChain,
  rpc,
  contracts,
}: Partial<RelayConfig>): readonly AppError<RelayErrorCode>[] {
  const conflicts: string[] = []
  if (tlsCert !== undefined && tlsKey !== undefined && (tlsCert === '') !== (tlsKey === '')) {
    const [given, missing] = tlsKey === '' ? ['--tls-cert', '--tls-key'] : ['--tls-key', '--tls-cert']
    conflicts.push(
      `${given} needs ${missing}: give both the certificate chain and its private key (PEM files).`,
    )
  }
  if (autoTls === true && tlsCert !== undefined && tlsCert !== '') {
    conflicts.push(
      '--auto-tls gets a certificate by itself, and --tls-cert names one: leave one of them out.',
    )
  }
  if (orderer === true && follow !== '') {
    conflicts.push(
      "--orderer makes blocks of its own machine, and --follow keeps another's: leave one of them out.",
    )
  }
  if (localChain === true && rpc !== undefined && rpc.length > 0) {
    conflicts.push('--local-chain starts a chain, and --rpc names another one: leave one of them out.')
  }
  if (rpc !== undefined && contracts !== undefined && rpc.length > 0 !== (contracts !== '')) {
    conflicts.push('--rpc and --contracts go together: where the chain is, and what stands on it.')
  }
  return conflicts.map((message) => relayError('OPTION_CONFLICT', message))
}

/** Sentences about what is allowed, but seldom meant. */
export function warningsOf(config: RelayConfig): readonly string[] {
  return RULES.filter(({ applies }) => applies(config)).map(({ sentence }) => sentence)
}

const RULES: readonly { readonly applies: (config: RelayConfig) => boolean; readonly sentence: string }[] = [
  {
    applies: ({ port, announce }) => port === 0 && announce.length > 0,
    sentence:
      '--port 0 takes another port at each start, but --announce tells others a fixed address: choose a port.',
  },
  {
    applies: ({ host, announce, trustedProxies }) =>
      isLoopback(host) &&
      announce.some((address) => !isLoopbackAddress(address)) &&
      trustedProxies.length === 0,
    sentence:
      'This relay listens on loopback and announces a public address, so a proxy stands in front: name it by --trusted-proxies, or all of its clients count as one address.',
  },
  {
    applies: ({ announce, tlsCert }) =>
      tlsCert !== '' && announce.some((address) => /\/ws\b/.test(address) && !/\/tls\/ws\b/.test(address)),
    sentence: 'This relay speaks TLS, but --announce names an address with /ws alone: write /tls/ws.',
  },
  {
    applies: ({ autoTls, host, announce }) =>
      autoTls && (announce.length > 0 ? !announce.some(isInternet) : isLoopback(host)),
    sentence:
      '--auto-tls gives names to addresses of the internet alone, and this relay has none: listen on one (--host 0.0.0.0), or tell it by --announce /ip4/ADDRESS/tcp/PORT/ws.',
  },
  {
    applies: ({ port, webRtcPort }) => webRtcPort !== 0 && webRtcPort === port,
    sentence: '--webrtc-port is the port of --port, whose UDP answers STUN: choose another.',
  },
  {
    applies: ({ webRtcPort, announce }) =>
      webRtcPort !== 0 &&
      announce.length > 0 &&
      !announce.some((address) => address.includes('/webrtc-direct')),
    sentence:
      '--webrtc-port opens a port that --announce does not tell: add /ip4/ADDRESS/udp/PORT/webrtc-direct to it.',
  },
  {
    applies: ({ maxReservations, maxConnections }) => maxReservations > maxConnections,
    sentence:
      '--max-reservations is above --max-connections: a reservation needs a connection, so the latter is the limit.',
  },
]

function isInternet(address: string): boolean {
  return isInternetAddress(multiaddr(address))
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}

function isLoopbackAddress(address: string): boolean {
  return /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/.test(address)
}
