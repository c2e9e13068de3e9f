import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { Agent, get as httpsGet } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { base36 } from 'multiformats/bases/base36'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { isAppError } from '#core/errors.ts'
import { createAutoTls } from '#relay/auto-tls/auto-tls.ts'
import { AUTO_TLS_ORDER_RETRY_FIRST_MS, AUTO_TLS_RENEW_BEFORE_MS } from '#relay/limits.ts'
import type { Relay } from '#relay/relay.ts'
import {
  type CertificateService,
  type CertificateServiceInit,
  startCertificateService,
} from '#test/fakes/certificate-service.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'
import { createFixtures } from '../fixtures.ts'

/** An address of the internet that nobody dials: the service on loopback is told the real one by the test. */
const PUBLIC = '/ip4/8.8.4.4/tcp/4001/ws'

const fixtures = createFixtures()
const services: CertificateService[] = []
const folders: string[] = []
afterEach(async () => {
  await fixtures.stop()
  for (const service of services.splice(0)) await service.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function service(init: CertificateServiceInit = {}) {
  const started = await startCertificateService(init)
  services.push(started)
  return started
}

function start({ service }: CertificateService, flags: readonly string[] = []) {
  const all = ['--auto-tls', '--announce', PUBLIC, ...flags]
  return fixtures.relay(all, { autoTlsService: service })
}

/** The relay's name in the certificate. */
const nameOf = ({ peerId }: Relay) => `8-8-4-4.${base36.encode(peerId.toCID().bytes)}.libp2p.test`

interface Asked {
  readonly status: number | undefined
  readonly location: string | undefined
  readonly body: string
  readonly socket: TLSSocket
}

async function answerOf(request: ReturnType<typeof httpGet>): Promise<Asked> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const { statusCode: status, headers, socket } = response
  return { status, location: headers.location, body: await text(response), socket: socket as TLSSocket }
}

const plain = (relay: Relay, path: string, host = 'relay.example') =>
  answerOf(httpGet(`http://127.0.0.1:${relay.port}${path}`, { headers: { Host: host } }))

/** As a browser asks that trusts the authority: a wrong name or a foreign certificate is an error. */
const secure = (relay: Relay, authority: string, agent: Agent | false = false) =>
  answerOf(
    httpsGet({
      host: '127.0.0.1',
      port: relay.port,
      path: '/healthz',
      servername: nameOf(relay),
      ca: authority,
      agent,
    }),
  )

/** Waits until `times` certificates have come; whatever was said besides is an error. */
async function isInUse(logged: readonly string[], times = 1): Promise<void> {
  const came = (line: string) => line.endsWith('certificate from libp2p.test is in use.')
  await expect.poll(() => logged.length, { timeout: 20_000 }).toBe(times)
  expect(logged.filter((line) => !came(line))).toEqual([])
}

describe('[RE2] a relay that gets its certificate by itself', () => {
  it('is there by http and ws at first, and by https and wss once the registration has reached it', async () => {
    const reached = Promise.withResolvers<void>()
    const asked: (readonly string[])[] = []
    const forge = await service({
      async refusal(addresses) {
        asked.push(addresses)
        await reached.promise
        return undefined
      },
    })
    const { relay, logged } = await start(forge)
    const before = new WebSocket(`ws://127.0.0.1:${relay.port}`)
    await once(before, 'open')
    const peer = await fixtures.peer()
    await peer.dial(multiaddr(`/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.peerId}`))
    expect(relay.addresses).toEqual([`${PUBLIC}/p2p/${relay.peerId}`])
    expect(JSON.parse((await plain(relay, '/healthz')).body).autoTls).toEqual({})
    await expect(secure(relay, forge.authority)).rejects.toThrow()
    await expect.poll(() => asked, { timeout: 20_000 }).toEqual([[PUBLIC]])

    reached.resolve()
    await isInUse(logged)
    expect((await secure(relay, forge.authority)).status).toBe(200)
    const address = `/dns4/${nameOf(relay)}/tcp/4001/tls/ws/p2p/${relay.peerId}`
    expect(relay.addresses).toEqual([address])
    expect(relay.stats().certificateExpiresAt).toBeGreaterThan(Date.now())
    // who is connected stays so, and is told the new address
    expect(before.readyState).toBe(WebSocket.OPEN)
    before.terminate()
    const { listenAddrs } = await peer.services.identify.identify(peer.getConnections()[0] as Connection)
    expect(listenAddrs.map(String)).toEqual([address.replace(/\/p2p\/.*/, '')])
  })

  it('then sends visitors of the plain page there, and serves all else by http as before', async () => {
    const forge = await service()
    const { relay, logged } = await start(forge)
    await isInUse(logged)
    const page = await plain(relay, '/', '8.8.4.4:4001')
    expect([page.status, page.location]).toEqual([307, `https://${nameOf(relay)}:4001/`])
    for (const host of ['relay.example', '8.8.8.8:4001', 'a"b'])
      expect((await plain(relay, '/', host)).location).toBeUndefined()
    const health = JSON.parse((await plain(relay, '/healthz', '8.8.4.4:4001')).body)
    expect(health.autoTls).toEqual({ url: `https://${nameOf(relay)}:4001/` })
    const facts = JSON.parse((await plain(relay, '/tabland.json', '8.8.4.4')).body)
    expect(facts.addresses).toEqual(relay.addresses)
    const socket = new WebSocket(`ws://127.0.0.1:${relay.port}`)
    await once(socket, 'open')
    socket.terminate()
  })

  it('keeps key and certificate over a restart', async () => {
    const forge = await service()
    const first = await start(forge)
    await isInUse(first.logged)
    await first.relay.stop()
    const second = await start(forge, ['--data', first.dataDir])
    await isInUse(second.logged)
    expect((await secure(second.relay, forge.authority)).status).toBe(200)
    expect(forge.given()).toBe(1)
  })

  it('renews it in time without cutting anybody', async () => {
    let lifeMs = AUTO_TLS_RENEW_BEFORE_MS + 2_000
    const forge = await service({ lifeMs: () => lifeMs })
    const { relay, logged } = await start(forge)
    await isInUse(logged)
    lifeMs = 2 * AUTO_TLS_RENEW_BEFORE_MS
    const agent = new Agent({ keepAlive: true })
    const old = await secure(relay, forge.authority, agent)
    const serial = old.socket.getPeerCertificate().serialNumber
    await isInUse(logged, 2)
    expect(logged.at(-1)).toBe('A renewed certificate from libp2p.test is in use.')
    expect((await secure(relay, forge.authority, agent)).socket).toBe(old.socket)
    const renewed = await secure(relay, forge.authority)
    expect(renewed.socket.getPeerCertificate().serialNumber).not.toBe(serial)
    agent.destroy()
  })

  it('says why there is none, and goes on', async () => {
    const forge = await service({ refusal: async () => 'no address could be reached' })
    const { relay, logged } = await start(forge)
    const problem = /answers 400: no address could be reached$/
    await expect.poll(() => logged.at(-1), { timeout: 20_000 }).toMatch(problem)
    expect(logged.at(-1)).toMatch(/^Warning: no certificate from libp2p\.test: 127\.0\.0\.1:\d+ answers/)
    const health = JSON.parse((await plain(relay, '/healthz')).body)
    expect(health).toMatchObject({ ok: true, autoTls: { problem: expect.stringMatching(problem) } })
  })

  it('orders ever more seldom while the authority refuses, and quotes it in a clean line', async () => {
    const said = `\u001b[31mtoo\r\nmany\u202e ${'x'.repeat(5_000)}`
    let refusal: string | undefined = said
    const forge = await service({ orderRefusal: () => refusal })
    const dataDir = await mkdtemp(join(tmpdir(), 'tabland-auto-tls-'))
    folders.push(dataDir)
    const timers = createFakeTimers()
    const logged: string[] = []
    const autoTls = createAutoTls(
      { autoTls: true, dataDir },
      {
        privateKey: await generateKeyPair('Ed25519'),
        log: (line) => logged.push(line),
        service: forge.service,
        timers,
      },
    )!
    const came = Promise.withResolvers<void>()
    await autoTls.start({ addresses: () => [multiaddr(PUBLIC)], onCertificate: () => came.resolve() })
    // the library's own pause of 5 s comes first
    for (let times = 1; times <= 2; times++) {
      await expect.poll(() => timers.pending, { timeout: 20_000 }).toBe(1)
      expect(forge.ordered()).toBe(times)
      timers.advance(AUTO_TLS_ORDER_RETRY_FIRST_MS / 2 - 1)
      expect(timers.pending).toBe(1)
      if (times === 2) refusal = undefined
      timers.advance(2 * AUTO_TLS_ORDER_RETRY_FIRST_MS)
    }
    await came.promise
    await autoTls.stop()
    expect(logged.slice(0, -1)).toEqual([
      `Warning: no certificate from libp2p.test: [31mtoo many ${'x'.repeat(187)}…`,
    ])
  }, 60_000)

  it('says that without an address of the internet there can be none', async () => {
    const forge = await service()
    const { logged } = await fixtures.relay(['--auto-tls'], { autoTlsService: forge.service })
    expect(logged).toEqual([expect.stringContaining('no address of the internet. Name it by --announce')])
  })

  it('is refused beside certificate files', async () => {
    const flags = ['--auto-tls', '--tls-cert', 'a', '--tls-key', 'b']
    const error = await fixtures.relay(flags).catch((error: unknown) => error)
    expect(isAppError(error, 'OPTION_CONFLICT')).toBe(true)
  })
})
