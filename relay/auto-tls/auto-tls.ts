import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { AutoTLSComponents } from '@ipshipyard/libp2p-auto-tls'
import {
  type Libp2pEvents,
  type Logger,
  type PrivateKey,
  type Startable,
  type TLSCertificate,
  TypedEventEmitter,
} from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Timers } from '#core/timers.ts'
import { systemTimers } from '#peer/system-timers.ts'
import type { RelayConfig } from '../config.ts'
import type { Credentials } from '../http/secure-server.ts'
import {
  AUTO_TLS_LOOK_MS,
  AUTO_TLS_ORDER_RETRY_MAX_MS,
  AUTO_TLS_PROVISION_MS,
  AUTO_TLS_RENEW_BEFORE_MS,
  AUTO_TLS_SETTLE_MS,
} from '../limits.ts'
import { createAutoTlsFolder } from './auto-tls-folder.ts'
import { createOrderGate, type OrderGate } from './order-gate.ts'
import { createRegistrationFetch } from './registration-fetch.ts'
import { quote } from './said.ts'
import { createSecureNames, isInternetAddress, type SecureNames } from './secure-names.ts'

/** Whose services give the name and the certificate. */
export interface AutoTlsService {
  readonly registration: string
  readonly domain: string
  readonly acmeDirectory: string
}

const LIBP2P_DIRECT: AutoTlsService = {
  registration: 'https://registration.libp2p.direct',
  domain: 'libp2p.direct',
  acmeDirectory: 'https://acme-v02.api.letsencrypt.org/directory',
}

/** The first key that each order of the library asks for; this is its own name for it. */
const CERTIFICATE_KEY = 'auto-tls-certificate-private-key'

/** How it stands, as `/healthz` tells it. */
export interface AutoTlsState {
  /** where the page is by https, once there is a certificate */
  readonly url?: string
  /** why there is none yet, or no newer one */
  readonly problem?: string
}

export interface AutoTlsStart {
  /** plain addresses at which others reach this relay */
  readonly addresses: () => readonly Multiaddr[]
  /** a first certificate, or a newer one */
  readonly onCertificate: (credentials: Credentials) => void
}

/** [RE2] A certificate for `*.<peer id>.libp2p.direct`, asked for and renewed by itself. */
export interface AutoTls extends Pick<SecureNames, 'secured' | 'urlOfHost'> {
  readonly state: AutoTlsState
  /** unix ms; undefined without a certificate */
  readonly expiresAt: number | undefined
  start(init: AutoTlsStart): Promise<void>
  stop(): Promise<void>
}

export interface AutoTlsSetup {
  readonly privateKey: PrivateKey
  readonly log: (line: string) => void
  /** @default libp2p.direct and Let's Encrypt */
  readonly service?: AutoTlsService | undefined
  /** what passes between two orders @default real time */
  readonly timers?: Timers
}

/** Undefined when it is not asked for. Nothing is loaded or asked before `start`. */
export function createAutoTls(
  config: Pick<RelayConfig, 'autoTls' | 'dataDir'>,
  { privateKey, log, service = LIBP2P_DIRECT, timers = systemTimers }: AutoTlsSetup,
): AutoTls | undefined {
  if (!config.autoTls) return undefined
  const names = createSecureNames()
  const events = new TypedEventEmitter<Libp2pEvents>()
  let addresses: AutoTlsStart['addresses'] = () => []
  let expiresAt: number | undefined
  let problem: string | undefined
  let starting: Promise<void> | undefined
  let end: (() => Promise<void>) | undefined

  function tell(sentence: string): void {
    if (end === undefined || sentence === problem) return
    problem = sentence
    log(
      `Warning: no ${expiresAt === undefined ? '' : 'newer '}certificate from ${service.domain}: ${sentence}`,
    )
  }

  /** The library looks at the addresses, which may come and go, at this event. */
  function look(): void {
    if (!addresses().some(isInternetAddress)) {
      tell('this relay has no address of the internet. Name it by --announce /ip4/ADDRESS/tcp/PORT/ws.')
    }
    events.safeDispatchEvent('self:peer:update')
  }

  async function begin(init: AutoTlsStart): Promise<void> {
    addresses = init.addresses
    const gate = createOrderGate({ timers })
    const library = await loadLibrary(service, {
      privateKey,
      events,
      names,
      addresses,
      folder: join(config.dataDir, 'auto-tls'),
      gate,
      onError: tell,
    })
    await library.start()
    const timer = setInterval(look, AUTO_TLS_LOOK_MS)
    timer.unref()
    end = async () => {
      clearInterval(timer)
      gate.stop()
      await library.stop()
    }
    // After `library.start`, so that it has told the names when this is called.
    const onCertificate = ({ detail }: CustomEvent<TLSCertificate>) => {
      if (end === undefined) return
      gate.reset()
      log(`A ${expiresAt === undefined ? '' : 'renewed '}certificate from ${service.domain} is in use.`)
      expiresAt = Date.parse(new X509Certificate(detail.cert).validTo)
      problem = undefined
      init.onCertificate(detail)
    }
    events.addEventListener('certificate:provision', onCertificate)
    events.addEventListener('certificate:renew', onCertificate)
    look()
  }

  return {
    get state() {
      const url = addresses()
        .map(names.urlOf)
        .find((found) => found !== undefined)
      return { ...(url === undefined ? {} : { url }), ...(problem === undefined ? {} : { problem }) }
    },
    get expiresAt() {
      return expiresAt
    },
    secured: names.secured,
    urlOfHost: names.urlOfHost,
    start(init) {
      starting = begin(init)
      return starting
    },
    async stop() {
      // what is still being loaded would begin after the end
      await starting?.catch(() => {})
      const ending = end
      end = undefined
      await ending?.()
    },
  }
}

interface LibraryParts {
  readonly privateKey: PrivateKey
  readonly events: TypedEventEmitter<Libp2pEvents>
  readonly names: SecureNames
  readonly addresses: () => readonly Multiaddr[]
  readonly folder: string
  readonly gate: OrderGate
  readonly onError: (sentence: string) => void
}

/**
 * `@ipshipyard/libp2p-auto-tls` with the few parts of a libp2p node that it uses: what the relay's node announces, and
 * when, is the relay's own business, and its keychain would be one more thing to keep.
 */
async function loadLibrary(service: AutoTlsService, parts: LibraryParts): Promise<Startable> {
  const { autoTLS } = await import('@ipshipyard/libp2p-auto-tls')
  const { privateKey, events, names, addresses, folder, gate, onError } = parts
  const create = autoTLS({
    forgeEndpoint: service.registration,
    forgeDomain: service.domain,
    acmeDirectory: service.acmeDirectory,
    provisionDelay: AUTO_TLS_SETTLE_MS,
    certificatePrivateKeyName: CERTIFICATE_KEY,
    // it counts from before an order passes the gate
    provisionTimeout: AUTO_TLS_ORDER_RETRY_MAX_MS + AUTO_TLS_PROVISION_MS,
    provisionRequestTimeout: AUTO_TLS_PROVISION_MS,
    renewThreshold: AUTO_TLS_RENEW_BEFORE_MS,
  })
  const { keychain, datastore } = createAutoTlsFolder(folder)
  const components = {
    privateKey,
    peerId: peerIdFromPrivateKey(privateKey),
    nodeInfo: { name: 'tabland', version: '', userAgent: 'tabland' },
    logger: { forComponent: () => errorLogger(onError) },
    events,
    http: { fetch: createRegistrationFetch(privateKey) },
    datastore,
    keychain: {
      ...keychain,
      async exportKey(name: string) {
        if (name === CERTIFICATE_KEY) await gate.pass()
        return keychain.exportKey(name)
      },
    },
    addressManager: {
      getAddresses: () => [...addresses()],
      getAddressesWithMetadata: () => addresses().map((address) => ({ multiaddr: address })),
      addDNSMapping: (name: string, [ip = '']: readonly string[]) => names.add(name, ip),
      removeDNSMapping: names.remove,
    },
  }
  // Of each component it uses what is here and no more; the test with a whole service holds that. Its type hides that
  // it is started like every service.
  return create(components as unknown as AutoTLSComponents) as unknown as Startable
}

/** It tells what went wrong by its log alone. */
function errorLogger(onError: (sentence: string) => void): Logger {
  return Object.assign(() => {}, {
    enabled: false,
    trace() {},
    error(_format: unknown, ...args: readonly unknown[]) {
      const error = args.find((arg) => arg instanceof Error)
      // what came before the time was over says more
      if (error !== undefined && error.name !== 'TimeoutError') onError(quote(error.message))
    },
    newScope: () => errorLogger(onError),
  })
}
