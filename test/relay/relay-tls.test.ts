import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { Agent, get as httpsGet } from 'node:https'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openRelayTls } from '#relay/relay-tls.ts'
import { makeCertificate, writeCertificate } from '#test/fakes/certificates.ts'
import { connect, createFixtures } from './fixtures.ts'

const fixtures = createFixtures()
const folders: string[] = []
afterEach(async () => {
  await fixtures.stop()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function certificateFiles(name = 'localhost') {
  const folder = await mkdtemp(join(tmpdir(), 'tabland-tls-'))
  folders.push(folder)
  const paths = await writeCertificate(
    folder,
    await makeCertificate({ names: [{ type: 'dns', value: name }] }),
  )
  return { ...paths, folder, flags: ['--tls-cert', paths.cert, '--tls-key', paths.key] }
}

async function answerOf(request: ReturnType<typeof httpGet>) {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await text(response), response }
}

const secure = { rejectUnauthorized: false }

describe('[RE2] a relay with certificate files', () => {
  it('serves page, health and peers by TLS on its one port, and announces the name of its certificate', async () => {
    const { cert, flags } = await certificateFiles()
    const { relay } = await fixtures.relay(flags)
    expect(relay.httpUrl).toBe(`https://127.0.0.1:${relay.port}/`)
    expect(relay.addresses).toEqual([`/dns/localhost/tcp/${relay.port}/tls/ws/p2p/${relay.peerId}`])
    const health = await answerOf(httpsGet(`${relay.httpUrl}healthz`, secure))
    expect(JSON.parse(health.body)).toMatchObject({ ok: true })
    const socket = new WebSocket(relay.httpUrl.replace('https', 'wss'), secure)
    await once(socket, 'open')
    socket.terminate()
    const authorities = getCACertificates('default')
    setDefaultCACertificates([...authorities, await readFile(cert, 'utf8')])
    try {
      const peer = await fixtures.peer()
      await connect(peer, relay)
      await expect.poll(() => relay.stats().connections).toBe(1)
    } finally {
      setDefaultCACertificates(authorities)
    }
  })

  it('tells who asks without TLS where to go, and answers probes', async () => {
    const { flags } = await certificateFiles()
    const { relay } = await fixtures.relay(flags)
    const plain = `http://127.0.0.1:${relay.port}`
    const page = await answerOf(httpGet(`${plain}/#/3,4?x`))
    expect([page.status, page.headers.location]).toEqual([308, `https://127.0.0.1:${relay.port}/`])
    const forged = await answerOf(httpGet(`${plain}/`, { headers: { Host: 'a"b' } }))
    expect([forged.status, forged.headers.location]).toEqual([400, undefined])
    expect((await answerOf(httpGet(`${plain}/healthz`))).status).toBe(200)
    const socket = new WebSocket(plain.replace('http', 'ws'))
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect([response.statusCode, await text(response)]).toEqual([426, expect.stringContaining('wss://')])
  })

  it('stops within 2 s while somebody is connected who says nothing', async () => {
    const { flags } = await certificateFiles()
    const { relay } = await fixtures.relay(flags)
    const silent = connectSocket(relay.port, '127.0.0.1')
    silent.on('error', () => {})
    await once(silent, 'connect')
    await answerOf(httpGet(`http://127.0.0.1:${relay.port}/healthz`))
    const startedAt = performance.now()
    await relay.stop()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it('cuts off garbage and goes on', async () => {
    const { flags } = await certificateFiles()
    const { relay } = await fixtures.relay(flags)
    for (const bytes of [Buffer.from([0x16, 0xff, 0xff, 0xff]), Buffer.alloc(64), Buffer.from('GET')]) {
      const socket = connectSocket(relay.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.end(bytes)
      await once(socket, 'close')
    }
    expect((await answerOf(httpsGet(`${relay.httpUrl}healthz`, secure))).status).toBe(200)
  })

  it('takes renewed files into use for new connections and keeps the old ones open', async () => {
    const files = await certificateFiles('old.example')
    const { relay, logged } = await fixtures.relay(files.flags, { tlsPollMs: 20 })
    const agent = new Agent({ keepAlive: true, ...secure })
    const before = await answerOf(httpsGet(`${relay.httpUrl}healthz`, { agent }))
    const old = before.response.socket as TLSSocket
    await writeCertificate(
      files.folder,
      await makeCertificate({ names: [{ type: 'dns', value: 'new.example' }] }),
    )
    await expect.poll(() => logged.join('\n')).toContain('The renewed certificate')
    const after = httpsGet(`${relay.httpUrl}healthz`, { ...secure, agent: false })
    const [socket] = (await once(after, 'socket')) as [TLSSocket]
    await once(socket, 'secureConnect')
    expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:new.example')
    expect((await answerOf(after)).status).toBe(200)
    expect(relay.addresses[0]).toContain('/dns/new.example/')
    const again = await answerOf(httpsGet(`${relay.httpUrl}healthz`, { agent }))
    expect(again.response.socket).toBe(old)
    agent.destroy()
  })

  it('does not start with files that do not fit', async () => {
    const { cert } = await certificateFiles()
    const { key } = await certificateFiles()
    await expect(fixtures.relay(['--tls-cert', cert, '--tls-key', key])).rejects.toMatchObject({
      code: 'TLS_FILES',
    })
  })

  it('says that its certificate ends soon', async () => {
    const files = await certificateFiles()
    const lines: string[] = []
    const now = () => Date.now() + 80 * 86_400_000
    await openRelayTls({ tlsCert: files.cert, tlsKey: files.key }, (line) => lines.push(line), { now })
    expect(lines).toEqual([expect.stringMatching(/^Warning: the certificate .* ends on .*: renew it\.$/)])
  })
})
