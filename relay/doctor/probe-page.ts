import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { MAX_CLOCK_SKEW_MS } from '#core/limits.ts'
import { NETWORK_NAMES, type NetworkName } from '#core/network.ts'
import { type PageRelay, parsePageRelay } from '#peer/page-relay.ts'
import type { AutoTlsState } from '../auto-tls/auto-tls.ts'
import { broken, doubtful, type Finding, ok, skipped, type Trouble } from './finding.ts'
import { tryPort } from './try-port.ts'

const TIMEOUT_MS = 5_000
/** Where else a relay may be looked for, when nothing listens at the port that was named. */
const USUAL_PORTS = [8080, 443, 80]
const MAX_BODY_CHARACTERS = 64 * 1024
const MAX_SAID_CHARACTERS = 300

export interface PageProbe {
  readonly findings: readonly Finding[]
  /** undefined when nothing further can be asked */
  readonly facts?: PageRelay & { readonly peerId: string; readonly stunPort: number | undefined }
}

/** Does the name resolve, does the port answer, does a relay's page stand there, and is it well by its own word? */
export async function probePage(
  url: URL,
  { network, now }: { readonly network: NetworkName | undefined; readonly now: () => number },
): Promise<PageProbe> {
  const findings: Finding[] = []
  const isWell = (finding: Finding): boolean => {
    findings.push(finding)
    return finding.status !== 'broken'
  }
  if (!isWell(await resolves(url)) || !isWell(await listens(url))) return { findings }
  const page = await ask(url, '/tabland.json')
  if (!isWell(await answers(url, page)) || !('body' in page)) return { findings }
  const facts = readFacts(page.body, url)
  if (facts === undefined || page.status !== 200) {
    findings.push(broken('page', notARelay(url)))
    return { findings }
  }
  findings.push(ok('page', `A relay's page, of the network "${facts.network}".`))
  findings.push(...networkFinding(facts.network, network))
  const health = await ask(url, '/healthz')
  if ('body' in health) findings.push(...healthFindings(health, now()), ...autoTlsFindings(health))
  return { findings, facts }
}

async function resolves({ hostname }: URL): Promise<Finding> {
  const host = bare(hostname)
  if (isIP(host) !== 0) return ok('name', `${host} is an address.`)
  try {
    const { address } = await lookup(host)
    return ok('name', `${host} is ${address}.`)
  } catch {
    return broken('name', {
      code: 'NAME_UNRESOLVED',
      what: `The name ${host} leads to no address.`,
      mend: 'Set its A or AAAA record at your DNS provider, or correct the name; a new record may take an hour.',
    })
  }
}

async function listens(url: URL): Promise<Finding> {
  const port = portOf(url)
  const state = await tryPort(bare(url.hostname), port)
  if (state === 'open') return ok('port', `TCP ${port} is open.`)
  const others = await Promise.all(
    USUAL_PORTS.filter((other) => other !== port).map(async (other) =>
      (await tryPort(bare(url.hostname), other)) === 'open' ? other : undefined,
    ),
  )
  const open = others.filter((other) => other !== undefined)
  const hint =
    open.length === 0
      ? ''
      : ` ${open.map((other) => `Port ${other}`).join(' and ')} would answer: is that it?`
  if (state === 'closed') {
    return broken('port', {
      code: 'PORT_CLOSED',
      what: `Nothing listens at TCP port ${port} of ${url.hostname}.`,
      mend: `Start the relay, or give the port that it prints when it starts; a relay on 127.0.0.1 is reached from its own machine only (--host 0.0.0.0).${hint}`,
    })
  }
  return broken('port', {
    code: 'PORT_SILENT',
    what: `TCP port ${port} of ${url.hostname} does not answer at all.`,
    mend: `Open the port in the machine's firewall and in the provider's.${hint}`,
  })
}

export type Answer =
  | { readonly status: number; readonly body: string; readonly date: string | undefined }
  | { readonly error: string }

/** @returns the failure's code, such as ECONNRESET or CERT_HAS_EXPIRED, when there is no answer */
async function ask(url: URL, path: string): Promise<Answer> {
  try {
    const response = await fetch(new URL(path, url), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    })
    const body = (await response.text()).slice(0, MAX_BODY_CHARACTERS)
    return { status: response.status, body, date: response.headers.get('date') ?? undefined }
  } catch (error) {
    const { cause, name } = error as { readonly cause?: { readonly code?: string }; readonly name: string }
    return { error: cause?.code ?? name }
  }
}

/** The port is open: is it spoken to in the right way? */
async function answers(url: URL, page: Answer): Promise<Finding> {
  const secure = url.protocol === 'https:'
  const wrongScheme = { code: secure ? 'HTTP_NEEDED' : 'HTTPS_NEEDED' } as const
  if ('error' in page && isCertificateError(page.error))
    return broken('answer', certificateTrouble(url, page.error))
  const isOdd = 'error' in page || page.status === 400 || (page.status >= 300 && page.status < 400)
  if (!isOdd) return ok('answer', `It speaks ${secure ? 'https' : 'http'}.`)
  const other = new URL(url)
  other.protocol = secure ? 'http:' : 'https:'
  other.port = String(portOf(url))
  const swapped = await ask(other, '/tabland.json')
  const speaksOther = !('error' in swapped) || isCertificateError(swapped.error)
  if (speaksOther && !secure) {
    return broken('answer', {
      ...wrongScheme,
      what: `Port ${portOf(url)} speaks https, not http.`,
      mend: `Write ${other.href} and announce /tls/ws addresses.`,
    })
  }
  if (speaksOther) {
    return broken('answer', {
      ...wrongScheme,
      what: `Port ${portOf(url)} speaks plain http, not https.`,
      mend: `Give the relay a certificate (--tls-cert and --tls-key, or --auto-tls) or put a proxy with TLS in front; until then write ${other.href}.`,
    })
  }
  return broken('answer', notARelay(url))
}

function isCertificateError(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)
}

function certificateTrouble(url: URL, code: string): Trouble {
  const why = /EXPIRED/.test(code)
    ? 'has expired'
    : /ALTNAME/.test(code)
      ? `is for another name than ${url.hostname}`
      : /NOT_YET/.test(code)
        ? 'is not valid yet: is a clock wrong?'
        : 'is not signed by an authority that browsers know'
  return {
    code: 'CERTIFICATE_BAD',
    what: `The certificate of ${url.host} ${why} (${code}).`,
    mend: 'Get a new one, for example from Let’s Encrypt, with the whole chain in --tls-cert; the relay takes it without a restart.',
  }
}

function notARelay(url: URL): Trouble {
  return {
    code: 'NOT_A_RELAY',
    what: `Something answers at ${url.origin}, but it is no Tabland relay: ${new URL('/tabland.json', url).href} does not describe one.`,
    mend: 'Another program has this port, or the proxy in front leads elsewhere: let it pass every path to the relay.',
  }
}

function readFacts(body: string, url: URL) {
  try {
    const facts = parsePageRelay(body, url)
    const { peerId, stunPort } = JSON.parse(body) as { readonly peerId: string; readonly stunPort?: number } // checked by the line above
    return { ...facts, peerId, stunPort }
  } catch {
    return undefined
  }
}

function networkFinding(found: NetworkName, wanted: NetworkName | undefined): readonly Finding[] {
  if (wanted === undefined) return []
  if (wanted === found) return [ok('network', `It serves "${found}".`)]
  return [
    broken('network', {
      code: 'NETWORK_DIFFERS',
      what: `It serves the network "${found}", not "${wanted}"; networks never mix (${NETWORK_NAMES.join(', ')}).`,
      mend: `Start it with --network ${wanted}, or give people of "${wanted}" a relay of that network.`,
    }),
  ]
}

function healthFindings(
  { status, body, date }: Extract<Answer, { body: string }>,
  now: number,
): readonly Finding[] {
  const health = parseHealth(body)
  const time = health.time ?? (date === undefined ? undefined : Date.parse(date))
  const findings: Finding[] = []
  if (status === 200) findings.push(ok('health', `Ready, ${health.connections ?? '?'} peers connected.`))
  else {
    findings.push(
      broken('health', {
        code: 'RELAY_NOT_READY',
        what: health.draining
          ? 'The relay is draining: it stops soon and takes nobody new.'
          : `The relay says that it is not ready (status ${status}).`,
        mend: 'Wait until it has started, or start it again; its log says why when that does not help.',
      }),
    )
  }
  if (time === undefined || Number.isNaN(time)) return findings
  const apart = Math.abs(now - time)
  findings.push(
    apart <= MAX_CLOCK_SKEW_MS
      ? ok('clock', 'Its clock and this one agree.')
      : broken('clock', {
          code: 'CLOCK_APART',
          what: `Its clock and this machine's are ${Math.round(apart / 1_000)} s apart; records and heartbeats bear ${MAX_CLOCK_SKEW_MS / 1_000} s.`,
          mend: 'Set both by NTP (timedatectl set-ntp true); the one that is wrong is not seen by others.',
        }),
  )
  return findings
}

/** [RE2] Does it wait for a certificate that it gets by itself? */
function autoTlsFindings({ body }: Extract<Answer, { body: string }>): readonly Finding[] {
  const { autoTls } = parseHealth(body)
  if (autoTls === undefined) return []
  const { url, problem } = autoTls
  if (problem === undefined) {
    return url === undefined
      ? [skipped('auto-tls', 'Its certificate is on its way.')]
      : [ok('auto-tls', `Its certificate came by itself: the page is at ${url} for others.`)]
  }
  return [
    doubtful('auto-tls', {
      code: 'AUTO_TLS_MISSING',
      what: `It gets no ${url === undefined ? '' : 'newer '}certificate by itself: ${problem}`,
      mend: 'The registration connects to the relay before it helps: its TCP port must be open to the internet at the public address that --announce or --host gives. The relay asks again by itself.',
    }),
  ]
}

interface Health {
  readonly autoTls?: AutoTlsState
  readonly time?: number
  readonly connections?: number
  readonly draining?: boolean
}

function parseHealth(body: string): Health {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== 'object' || value === null) return {}
    const { time, connections, draining, autoTls } = value as Readonly<Record<string, unknown>>
    return {
      ...(typeof autoTls === 'object' && autoTls !== null ? { autoTls: readAutoTls(autoTls) } : {}),
      ...(typeof time === 'number' ? { time } : {}),
      ...(typeof connections === 'number' ? { connections } : {}),
      ...(draining === true ? { draining } : {}),
    }
  } catch {
    return {}
  }
}

function readAutoTls({ url, problem }: { readonly url?: unknown; readonly problem?: unknown }): AutoTlsState {
  return {
    ...(typeof url === 'string' ? { url: url.slice(0, MAX_SAID_CHARACTERS) } : {}),
    ...(typeof problem === 'string' ? { problem: problem.slice(0, MAX_SAID_CHARACTERS) } : {}),
  }
}

export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

/** without the brackets of an IPv6 address */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
