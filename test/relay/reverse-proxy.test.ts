import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { text } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '#test/fakes/certificates.ts'
import { startTlsProxy, type TlsProxy } from '#test/fakes/tls-proxy.ts'
import { circuitAddress, createFixtures } from './fixtures.ts'

const fixtures = createFixtures()
const authorities = getCACertificates('default')
let proxy: TlsProxy
let clients = 0

beforeEach(async () => {
  const certificate = await makeCertificate()
  setDefaultCACertificates([...authorities, certificate.cert])
  clients = 0
  // Each connection is another household's.
  proxy = await startTlsProxy(certificate, () => `198.51.100.${++clients}`)
})
afterEach(async () => {
  await fixtures.stop()
  proxy.close()
  setDefaultCACertificates(authorities)
})

async function startBehindProxy(...flags: string[]) {
  const announce = `/dns4/localhost/tcp/${proxy.port}/tls/ws`
  const { relay } = await fixtures.relay(['--announce', announce, ...flags])
  proxy.target = relay.port
  return relay
}

async function answerOf(path: string) {
  const request = get(`https://localhost:${proxy.port}${path}`, { agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: await text(response) }
}

describe('[RE2] a relay behind a reverse proxy that ends TLS', () => {
  it('peers join by wss, each is told apart, and they reach each other', async () => {
    const relay = await startBehindProxy('--trusted-proxies', '127.0.0.1', '--reservations-per-address', '1')
    expect(relay.addresses).toEqual([`/dns4/localhost/tcp/${proxy.port}/tls/ws/p2p/${relay.peerId}`])
    const [called, caller] = [await fixtures.peer([relay]), await fixtures.peer([relay])]
    await expect.poll(() => relay.stats().reservations, { timeout: 10_000 }).toBe(2)
    const seen = relay.libp2p.getConnections().map(({ remoteAddr }) => remoteAddr.toString())
    expect(seen.every((address) => address.startsWith('/ip4/198.51.100.'))).toBe(true)
    await caller.dial(circuitAddress(relay, called))
    await expect.poll(() => relay.stats().circuitsOpen).toBe(1)
  })

  it('facts and health come through it', async () => {
    const relay = await startBehindProxy('--trusted-proxies', '127.0.0.1')
    const facts = await answerOf('/tabland.json')
    expect(JSON.parse(facts.body)).toMatchObject({
      network: 'local',
      peerId: relay.peerId.toString(),
      stunPort: relay.port,
      addresses: [...relay.addresses],
      relays: [],
    })
    const health = await answerOf('/healthz')
    expect([health.status, JSON.parse(health.body)]).toMatchObject([200, { ok: true }])
  })

  it('without --trusted-proxies everybody behind it counts as one address', async () => {
    const relay = await startBehindProxy('--reservations-per-address', '1')
    await fixtures.peer([relay])
    await expect(fixtures.peer([relay])).rejects.toThrow()
    expect(relay.stats()).toMatchObject({ reservations: 1, reservationsRefused: 1 })
  })
})
