import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { NetworkName } from '#core/network.ts'
import { examineRelay, insecureFindings } from '#relay/doctor/examine-relay.ts'
import { type Finding, formatFinding, summarise } from '#relay/doctor/finding.ts'
import { createFixtures } from '../fixtures.ts'
import { type FrontOptions, selfSigned, startFront } from './front.ts'

const fixtures = createFixtures()
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await fixtures.stop()
})

async function startRelay(...flags: readonly string[]): Promise<URL> {
  const { relay } = await fixtures.relay(flags)
  return new URL(relay.httpUrl)
}

async function frontOf(options: FrontOptions) {
  const front = await startFront(options)
  closers.push(front.close)
  return front
}

/** @returns what is not well, with its code */
async function examine(
  url: URL,
  init: { readonly network?: NetworkName; readonly now?: () => number } = {},
): Promise<{ readonly findings: readonly Finding[]; readonly causes: readonly string[] }> {
  const told: Finding[] = []
  const findings = await examineRelay({
    url,
    network: init.network,
    onFinding: (finding) => told.push(finding),
    ...(init.now === undefined ? {} : { now: init.now }),
  })
  expect(told).toEqual(findings)
  return { findings, causes: findings.flatMap((finding) => ('code' in finding ? [finding.code] : [])) }
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('a relay that is well', () => {
  it('is found so: name, port, page, health, clock, WebSocket, peer, reservation, circuit, STUN', async () => {
    const { findings, causes } = await examine(await startRelay(), { network: 'local' })
    expect(causes).toEqual([])
    expect(findings.map(({ step }) => step)).toEqual([
      'name',
      'port',
      'answer',
      'page',
      'network',
      'health',
      'clock',
      'websocket',
      'peer',
      'reservation',
      'circuit',
      'stun',
    ])
    expect(summarise(findings)).toBe('Everything that was looked at works.')
  })
})

describe('[RE2] a relay with WebRTC Direct', () => {
  it('is asked there too, and it is told when nobody answers', async () => {
    const udp = await freePort()
    const url = await startRelay('--webrtc-port', String(udp))
    const webRtc = ({ findings }: { readonly findings: readonly Finding[] }) =>
      findings.filter(({ step }) => step === 'webrtc').map(formatFinding)
    expect(webRtc(await examine(url))).toEqual([
      `✓ webrtc       WebRTC Direct answers at /ip4/127.0.0.1/udp/${udp}/webrtc-direct.`,
    ])
    const { peerId } = (await (await fetch(new URL('/tabland.json', url))).json()) as { peerId: string }
    const addresses = [
      `/ip4/127.0.0.1/tcp/${url.port}/ws/p2p/${peerId}`,
      `/ip4/127.0.0.1/udp/${await freePort()}/webrtc-direct/certhash/uEiAR0YTZd0V1Oal5pAy9MdfEUjO7o6VjekdVKsM0Qm2n6w/p2p/${peerId}`,
    ]
    const change: FrontOptions['change'] = (path, body) =>
      path === '/tabland.json' ? { ...body, addresses } : body
    const front = await frontOf({ to: url, change })
    const [broken] = webRtc(await examine(front.url))
    expect(broken).toMatch(/^! webrtc .*nobody answers there\.\n.*Open UDP \d+ in the firewall/)
  })
})

describe('[RE2] a relay that gets its certificate by itself', () => {
  async function healthWith(autoTls: object) {
    const change: FrontOptions['change'] = (path, body) => (path === '/healthz' ? { ...body, autoTls } : body)
    const front = await frontOf({ to: await startRelay(), change })
    const { findings } = await examine(front.url)
    return findings.filter(({ step }) => step === 'auto-tls').map(formatFinding)
  }

  it('is told where its page is, or what keeps the certificate away', async () => {
    const url = 'https://192-0-2-1.k51.libp2p.direct:8080/'
    expect(await healthWith({ url })).toEqual([
      `✓ auto-tls     Its certificate came by itself: the page is at ${url} for others.`,
    ])
    expect(await healthWith({})).toEqual(['– auto-tls     Its certificate is on its way.'])
    const [broken] = await healthWith({ problem: 'registration.example answers 400: not reachable' })
    expect(broken).toMatch(
      /^! auto-tls .*by itself: registration.example answers 400: not reachable\n.*TCP port/,
    )
  })
})

describe('a broken set-up is named, with what to mend', () => {
  it('1. wrong port', async () => {
    const { findings, causes } = await examine(new URL(`http://127.0.0.1:${await freePort()}/`))
    expect(causes).toEqual(['PORT_CLOSED'])
    expect(findings.map(formatFinding).join('\n')).toMatch(/✗ port .*\n.*→ Start the relay, or give the port/)
  })

  it('2. a name that leads nowhere', async () => {
    expect((await examine(new URL('http://relay.invalid/'))).causes).toEqual(['NAME_UNRESOLVED'])
  })

  it('3. another program on the port', async () => {
    const server = createServer((_, response) => response.end('<h1>It works</h1>')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(async () => server.close())
    const { port } = server.address() as AddressInfo
    expect((await examine(new URL(`http://127.0.0.1:${port}/`))).causes).toEqual(['NOT_A_RELAY'])
  })

  it('4. http where https is needed', async ({ skip }) => {
    const tls = selfSigned()
    if (tls === undefined) return skip('the program openssl is missing (Debian: apt-get install openssl)')
    const front = await frontOf({ to: await startRelay(), tls })
    expect((await examine(new URL(`http://127.0.0.1:${front.port}/`))).causes).toEqual(['HTTPS_NEEDED'])
  })

  it('5. https where there is only http', async () => {
    const { port } = await startRelay()
    expect((await examine(new URL(`https://127.0.0.1:${port}/`))).causes).toEqual(['HTTP_NEEDED'])
  })

  it('6. a certificate that no browser takes', async ({ skip }) => {
    const tls = selfSigned()
    if (tls === undefined) return skip('the program openssl is missing (Debian: apt-get install openssl)')
    const front = await frontOf({ to: await startRelay(), tls })
    expect((await examine(front.url)).causes).toEqual(['CERTIFICATE_BAD'])
  })

  it('7. no place for one more connection', async () => {
    const url = await startRelay('--max-connections', '1')
    const socket = new WebSocket(url.href.replace('http', 'ws'))
    await once(socket, 'open')
    closers.push(async () => socket.terminate())
    const { findings, causes } = await examine(url)
    expect(causes).toEqual(['UPGRADE_REFUSED'])
    expect(findings.map(formatFinding).join('\n')).toContain('This relay is full')
  })

  it('8. no place for a reservation', async () => {
    expect((await examine(await startRelay('--max-reservations', '0'))).causes).toEqual([
      'RESERVATION_REFUSED',
    ])
  })

  it('9. no circuit is carried', async () => {
    expect((await examine(await startRelay('--max-circuits', '0'))).causes).toEqual(['CIRCUIT_FAILED'])
  })

  it('9b. no place for a second peer', async () => {
    const url = await startRelay('--max-connections', '1')
    let findings: readonly Finding[] = []
    // the connection that was tried before the first may still be counted
    await expect
      .poll(
        async () => {
          const examined = await examine(url)
          findings = examined.findings
          return examined.causes
        },
        { timeout: 20_000 },
      )
      .toEqual(['CIRCUIT_FAILED'])
    expect(findings.map(formatFinding).join('\n')).toMatch(
      /✗ circuit .*second peer beside the first gets no connection .*\(.+\)\.\n.*--max-connections/,
    )
  })

  it('10. clocks that are apart', async () => {
    const now = () => Date.now() + 300_000
    const { findings, causes } = await examine(await startRelay(), { now })
    expect(causes).toEqual(['CLOCK_APART'])
    expect(findings.map(formatFinding).join('\n')).toMatch(/300 s apart/)
  })

  it('11. another network', async () => {
    const { causes } = await examine(await startRelay('--network', 'test'), { network: 'main' })
    expect(causes).toEqual(['NETWORK_DIFFERS'])
  })

  it('12. UDP closed', async () => {
    const port = await freePort()
    const change: FrontOptions['change'] = (path, body) =>
      path === '/tabland.json' ? { ...body, stunPort: port } : body
    const front = await frontOf({ to: await startRelay(), change })
    expect((await examine(front.url)).causes).toEqual(['STUN_SILENT'])
  })

  it('13. an announced address that nobody reaches', async () => {
    const url = await startRelay('--announce', `/ip4/127.0.0.1/tcp/${await freePort()}/ws`)
    expect((await examine(url)).causes).toEqual(['ANNOUNCE_UNREACHABLE'])
  })

  it('14. a proxy that passes no WebSockets on', async () => {
    const front = await frontOf({ to: await startRelay(), upgrades: false })
    expect((await examine(front.url)).causes).toEqual(['UPGRADE_MISSING'])
  })

  it('15. a page of one relay before the peers of another', async () => {
    const [ours, theirs] = [await startRelay(), await fixtures.relay()]
    const change: FrontOptions['change'] = (path, body) =>
      path === '/tabland.json' ? { ...body, peerId: theirs.relay.peerId.toString() } : body
    const front = await frontOf({ to: ours, change })
    expect((await examine(front.url)).causes).toEqual(['PEER_ID_DIFFERS'])
  })

  it('16. a proxy that hides who comes', async () => {
    // loopback has many addresses: the proxy has one of its own
    const front = await frontOf({ to: await startRelay(), from: '127.0.0.2' })
    const { findings, causes } = await examine(front.url)
    expect(causes).toEqual(['PROXY_UNTRUSTED'])
    expect(findings.map(formatFinding).join('\n')).toContain('--trusted-proxies 127.0.0.2')
  })

  it('17. a relay that is about to stop', async () => {
    const change: FrontOptions['change'] = (path, body) =>
      path === '/healthz' ? { ...body, ok: false, draining: true } : body
    const front = await frontOf({ to: await startRelay(), change })
    const { findings, causes } = await examine(front.url)
    expect(causes).toEqual(['RELAY_NOT_READY'])
    expect(findings.map(formatFinding).join('\n')).toContain('is draining')
  })

  it('18. an announced address where no peer is', async () => {
    const other = createServer((_, response) => response.end('no peer')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    closers.push(async () => other.close())
    const url = await startRelay(
      '--announce',
      `/ip4/127.0.0.1/tcp/${(other.address() as AddressInfo).port}/ws`,
    )
    expect((await examine(url)).causes).toEqual(['HANDSHAKE_FAILED'])
  })

  it('19. a page by https that names addresses without TLS', () => {
    const found = insecureFindings(new URL('https://relay.example/'), [
      '/ip4/192.0.2.1/tcp/8080/ws/p2p/12D3KooWA',
    ])
    expect(found.map((finding) => 'code' in finding && finding.code)).toEqual(['PAGE_INSECURE'])
    expect(found.map((finding) => 'mend' in finding && finding.mend)).toEqual([
      'Announce what people reach from outside: --announce /dns/relay.example/tcp/443/tls/ws',
    ])
    const secure = ['/dns/relay.example/tcp/443/tls/ws/p2p/12D3KooWA']
    expect(insecureFindings(new URL('https://relay.example/'), secure)).toEqual([])
    expect(insecureFindings(new URL('http://127.0.0.1:8080/'), ['/ip4/127.0.0.1/tcp/8080/ws'])).toEqual([])
  })
})
