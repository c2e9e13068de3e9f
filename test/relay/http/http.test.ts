import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFrontServer, type FrontServer } from '#relay/http/front-server.ts'
import { createRoutes } from '#relay/http/routes.ts'
import { chooseEncoding, createStaticFiles } from '#relay/http/static-files.ts'

const SCRIPT = 'export const answer = 42\n'.repeat(200)
const logged: string[] = []
let folder = ''
let front: FrontServer
let port = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-http-'))
  const page = join(folder, 'dist')
  await mkdir(join(page, 'assets'), { recursive: true })
  await mkdir(join(page, '.git'))
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(page, '.git', 'config'), 'secret')
  await writeFile(join(page, 'index.html'), '<!doctype html><title>Tabland</title>')
  await writeFile(join(page, 'sw.js'), '// small')
  await writeFile(join(page, 'tabland.html'), '<!doctype html>')
  await writeFile(join(page, 'assets', 'main-1a2b3c.js'), SCRIPT)
  await writeFile(join(page, 'assets', 'rank-1a2b3c.wasm'), new Uint8Array(2_000))
  await writeFile(join(page, 'assets', 'face-1a2b3c.woff2'), new Uint8Array(3_000))
  await writeFile(join(page, 'assets', 'a name.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(page, 'big.bin'), new Uint8Array(9 * 1024 * 1024).fill(7))
  await symlink(join(folder, 'secret.txt'), join(page, 'link.txt'))
  front = createFrontServer({
    route: createRoutes({
      files: createStaticFiles(page),
      facts: async () => ({ network: 'test', peerId: 'P', stunPort: port }),
      health: () => ({ ok: healthy }),
      metrics: () => 'a 1\n',
      metricsType: 'text/plain; version=0.0.4',
    }),
    maxConnections: 10,
    sockets: { perAddress: 20, isProxy: () => proxied },
    log: (line) => logged.push(line),
  })
  port = (await front.listen('127.0.0.1', 0)).port
})
let healthy = true
let proxied = false

afterAll(async () => {
  await front.close()
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Sends the path as it is: `fetch` would tidy `..` away. */
async function get(
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, method, headers }, resolve).on('error', reject).end()
  })
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) }
}

describe('[RE1] the page', () => {
  it('is at /', async () => {
    const { status, headers, body } = await get('/')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['cache-control']).toBe('no-cache')
    expect(body.toString()).toContain('<title>Tabland</title>')
    expect((await get('/?world=off')).status).toBe(200)
  })

  it.each([
    ['/assets/main-1a2b3c.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/assets/rank-1a2b3c.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
    ['/assets/face-1a2b3c.woff2', 'font/woff2', 'public, max-age=31536000, immutable'],
    ['/assets/a%20name.svg', 'image/svg+xml; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/sw.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/big.bin', 'application/octet-stream', 'no-cache'],
  ])('serves %s as %s', async (path, type, caching) => {
    const { status, headers } = await get(path)
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, type, caching])
  })

  it('[NE8] gives the single file away instead of showing it, and nothing else', async () => {
    expect((await get('/tabland.html')).headers['content-disposition']).toBe(
      'attachment; filename="tabland.html"',
    )
    for (const path of ['/', '/sw.js', '/assets/main-1a2b3c.js'])
      expect((await get(path)).headers['content-disposition']).toBeUndefined()
  })

  it('answers 304 while a file is unchanged, and the new file after', async () => {
    const etag = String((await get('/sw.js')).headers.etag)
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const { status, body, headers } = await get('/sw.js', { headers: { 'If-None-Match': tag } })
      expect([status, body.length, headers.etag]).toEqual([304, 0, etag])
    }
    await utimes(join(folder, 'dist', 'sw.js'), 1, 1)
    expect((await get('/sw.js', { headers: { 'If-None-Match': etag } })).status).toBe(200)
  })

  it('compresses what gets smaller, each encoding with its own tag', async () => {
    const path = '/assets/main-1a2b3c.js'
    const plain = await get(path)
    const br = await get(path, { headers: { 'Accept-Encoding': 'gzip, deflate, br' } })
    const gzip = await get(path, { headers: { 'Accept-Encoding': 'gzip' } })
    expect([plain, br, gzip].map(({ headers }) => headers['content-encoding'])).toEqual([
      undefined,
      'br',
      'gzip',
    ])
    expect(plain.body.toString()).toBe(SCRIPT)
    expect(brotliDecompressSync(br.body).toString()).toBe(SCRIPT)
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT)
    expect(new Set([plain, br, gzip].map(({ headers }) => headers.etag)).size).toBe(3)
    for (const { headers, body } of [plain, br, gzip]) {
      expect(headers.vary).toBe('Accept-Encoding')
      expect(headers['content-length']).toBe(String(body.length))
    }
  })

  it.each(['/sw.js', '/assets/face-1a2b3c.woff2', '/big.bin'])('leaves %s as it is', async (path) => {
    const { headers, body } = await get(path, { headers: { 'Accept-Encoding': 'br' } })
    expect(headers['content-encoding']).toBeUndefined()
    expect(headers['content-length']).toBe(String(body.length))
  })

  it.each([
    ['br', 'br'],
    ['gzip;q=1.0, br;q=0', 'gzip'],
    ['GZIP', 'gzip'],
    ['br;q=0.000', undefined],
    ['', undefined],
    ['deflate, zstd', undefined],
  ])('chooses for "%s": %s', (header, encoding) => {
    expect(chooseEncoding(header)).toBe(encoding)
  })

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/link.txt',
    '/.git/config',
    '/assets',
    '/assets/',
    '/index.html/x',
    '/%00',
    '/%',
    '/no-such-page',
    `/${'a'.repeat(300)}`,
  ])('has nothing at %s', async (path) => {
    const { status, body } = await get(path)
    expect(status).toBe(404)
    expect(body.toString()).not.toContain('secret')
  })

  it('answers HEAD like GET, without a body', async () => {
    for (const path of ['/', '/big.bin', '/healthz', '/no-such-page']) {
      const [head, whole] = [await get(path, { method: 'HEAD' }), await get(path)]
      expect(head.status).toBe(whole.status)
      expect(head.body.length).toBe(0)
      expect(head.headers['content-length']).toBe(String(whole.body.length))
      expect(head.headers['content-type']).toBe(whole.headers['content-type'])
    }
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s by 405', async (method) => {
    const { status, headers } = await get('/', { method })
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
  })

  it('survives a reader that leaves in the middle of a file', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    expect((await get('/healthz')).status).toBe(200)
  })

  it('holds a bounded number of sockets of one address, unless it is a proxy', async () => {
    const sockets: Socket[] = []
    const open = () =>
      new Promise<'answered' | 'cut'>((resolve) => {
        const socket = connect(port, '127.0.0.1')
        sockets.push(socket)
        socket.on('error', () => resolve('cut'))
        socket.on('close', () => resolve('cut'))
        socket.on('data', () => resolve('answered'))
        socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
      })
    while ((await open()) === 'answered') expect(sockets.length).toBeLessThanOrEqual(20)
    expect(sockets.length).toBeGreaterThan(10) // the tests before keep a few alive
    expect(await open()).toBe('cut')
    proxied = true
    expect(await open()).toBe('answered')
    proxied = false
    for (const socket of sockets) socket.destroy()
    await expect.poll(open).toBe('answered')
    sockets.at(-1)?.destroy()
  })

  it('says what to do when there is no page', async () => {
    const route = createRoutes({
      files: createStaticFiles(join(folder, 'no-such-folder')),
      facts: async () => ({}),
      health: () => ({ ok: true }),
      metrics: () => '',
      metricsType: '',
    })
    const reply = await route({ path: '/', headers: {} })
    expect(reply?.status).toBe(503)
    expect(reply?.body?.()).toContain('npm run build')
    expect(await route({ path: '/x.js', headers: {} })).toBeUndefined()
  })
})

describe('[RE1] headers of every answer', () => {
  it.each(['/', '/assets/main-1a2b3c.js', '/healthz', '/no-such-page'])('%s', async (path) => {
    const { headers } = await get(path)
    const policy = Object.fromEntries(
      String(headers['content-security-policy'])
        .split('; ')
        .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)]),
    )
    expect(policy['default-src']).toEqual(["'none'"])
    expect(policy['script-src']).toEqual(["'self'", "'wasm-unsafe-eval'"])
    expect(policy['style-src']).toEqual(["'self'"])
    expect(policy['frame-ancestors']).toEqual(["'none'"])
    expect(policy['connect-src']).toContain('ws:')
    expect(JSON.stringify(policy)).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/)
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers['permissions-policy']).toContain('camera=()')
    expect(headers['x-powered-by']).toBeUndefined()
  })

  it('keep files to this origin, and let any page read the public facts', async () => {
    expect((await get('/')).headers).toMatchObject({ 'cross-origin-resource-policy': 'same-origin' })
    expect((await get('/')).headers['access-control-allow-origin']).toBeUndefined()
    expect((await get('/tabland.json')).headers).toMatchObject({
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    })
  })
})

describe('[RE1] facts, health and metrics', () => {
  it('are JSON and text, never cached', async () => {
    const facts = await get('/tabland.json')
    expect(JSON.parse(facts.body.toString())).toEqual({ network: 'test', peerId: 'P', stunPort: port })
    const metrics = await get('/metrics')
    expect([metrics.body.toString(), metrics.headers['content-type']]).toEqual([
      'a 1\n',
      'text/plain; version=0.0.4',
    ])
    for (const { headers } of [facts, metrics]) expect(headers['cache-control']).toBe('no-store')
  })

  it('health is 503 while the relay is not ready', async () => {
    expect((await get('/healthz')).status).toBe(200)
    healthy = false
    expect((await get('/healthz')).status).toBe(503)
    healthy = true
  })

  it('counts answers by status and logs nothing of what went well', () => {
    expect(front.answered.get(404)).toBeGreaterThan(0)
    expect(front.answered.get(200)).toBeGreaterThan(0)
    expect(logged.filter((line) => !line.includes('big.bin'))).toEqual([])
  })
})
