import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { textCid } from '#core/cid.ts'
import { makeCertificate, writeCertificate } from '#test/fakes/certificates.ts'
import { launchProfile, openPage } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

/** The `tabland` commands that need peers, against a real relay with the sample world. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MODEL = join(ROOT, 'sample/models/CesiumMan.glb')

let relay: RelayProcess
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-command-'))
  relay = await startRelay({ args: ['--sample'] })
})

afterAll(async () => {
  await relay?.stop()
  await rm(folder, { recursive: true, force: true })
})

function start(args: readonly string[], profile: string, env: Environment = {}): ChildProcess {
  const all = ['relay/cli/tabland.js', ...args, '--profile', join(folder, profile)]
  return spawn(process.execPath, all, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
}

type Environment = Readonly<Record<string, string>>

interface Result {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

async function run(args: readonly string[], profile = 'one', env: Environment = {}): Promise<Result> {
  const child = start(args, profile, env)
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }
}

const here = () => ['--relay', relay.url]

describe('tabland search and link', () => {
  test('[KG21] finds what the sample links from a word, ranked, with its text', async () => {
    const { code, stdout } = await run(['search', 'moon', '--json', ...here()])
    expect(code).toBe(0)
    const page = JSON.parse(stdout.toString())
    expect(page.particle).toBe(textCid('moon'))
    expect(page.results.map(({ text }: { text: string }) => text).join()).toContain(
      'natural satellite of the Earth',
    )
    const ranks = page.results.map(({ rank }: { rank: string }) => BigInt(rank))
    expect(ranks).toEqual([...ranks].sort((a, b) => (a < b ? 1 : -1)))
  })

  test('[KG1] a link is held by the relay when the command has ended, and others find it', async () => {
    const linked = await run(['link', 'harvest moon', 'a full moon near the equinox', ...here()])
    expect(linked.stdout.toString()).toBe(
      `${textCid('harvest moon')} ${textCid('a full moon near the equinox')}\n`,
    )
    const again = await run(['link', textCid('harvest moon'), textCid('moon'), ...here()])
    expect(again.code).toBe(0)
    const { stdout } = await run(['search', 'harvest moon', '--json', ...here()], 'two')
    const { results } = JSON.parse(stdout.toString())
    expect(results.map(({ cid }: { cid: string }) => cid).sort()).toEqual(
      [textCid('a full moon near the equinox'), textCid('moon')].sort(),
    )
    const texts = results.map(({ text }: { text: string }) => text)
    expect(texts).toContain('a full moon near the equinox')
  })

  test('offers the nearest words', async () => {
    const { stdout } = await run(['search', 'lanterm', ...here()])
    expect(stdout.toString()).toMatch(/^Nothing is linked from "lanterm"\. Near it: .*lantern/)
  })
})

describe('tabland add and cat', () => {
  test('gives back what the profile keeps, without any peer', async () => {
    const file = join(folder, 'note.txt')
    await writeFile(file, 'kept')
    const added = await run(['add', file])
    const { stdout } = await run(['cat', added.stdout.toString().trim(), '--relay', 'http://127.0.0.1:9'])
    expect(stdout.toString()).toBe('kept')
  })

  test('fetches from a process that serves, through the relay', async () => {
    const server = start(['add', MODEL, '--serve', ...here()], 'server')
    try {
      const [chunk] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
      const { stdout, stderr } = await run(['cat', chunk.toString().trim(), ...here()], 'two')
      const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
      expect(sha256(stdout), stderr).toBe(sha256(await readFile(MODEL)))
    } finally {
      server.kill('SIGTERM')
      await once(server, 'close')
    }
  })
})

describe('tabland seed', () => {
  test('[SE3] keeps what is named: it is served when its author has gone, and again after a restart', async () => {
    const author = start(['add', MODEL, '--serve', ...here()], 'author')
    const [chunk] = (await once(author.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
    const cid = chunk.toString().trim()
    const { code, stdout, stderr } = await run(['seed', cid, '--once', '--quota', '1GiB', ...here()], 'home')
    author.kill('SIGTERM')
    await once(author, 'close')
    expect(code, stderr).toBe(0)
    const model = await readFile(MODEL)
    expect(stdout.toString()).toBe(`${cid} is here, ${model.length} bytes\n`)

    const home = start(['seed', ...here()], 'home')
    try {
      await once(home.stdout as NodeJS.ReadableStream, 'data')
      const fetched = await run(['cat', cid, ...here()], 'visitor')
      expect(fetched.stdout.equals(model), fetched.stderr).toBe(true)
    } finally {
      home.kill('SIGTERM')
      await once(home, 'close')
    }
  })
})

describe('a relay with a certificate', () => {
  test('[RE2] its page joins by wss in a browser that trusts it, and a process fetches from the tab', async () => {
    const certificate = await makeCertificate({ names: [{ type: 'ip', value: '127.0.0.1' }] })
    const { cert, key } = await writeCertificate(folder, certificate)
    const secure = await startRelay({ args: ['--tls-cert', cert, '--tls-key', key] })
    // this one key is trusted and no other: all else is as with an authority's certificate
    const spki = new X509Certificate(certificate.cert).publicKey.export({ type: 'spki', format: 'der' })
    const pin = createHash('sha256').update(spki).digest('base64')
    const browser = await launchProfile(undefined, { args: [`--ignore-certificate-errors-spki-list=${pin}`] })
    try {
      const { page, logs } = await openPage(browser, `${secure.url}/?world=off`)
      await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
      const { origin, relays, worker, cid } = await page.evaluate(async () => ({
        origin: location.origin,
        relays: tabland.state.network.value.relays,
        worker: (await navigator.serviceWorker.ready).active?.scriptURL,
        cid: (await tabland.add(new TextEncoder().encode('by wss'), { name: 'note.txt' })).cid,
      }))
      expect(origin).toBe(`https://127.0.0.1:${secure.port}`)
      expect(relays).toMatchObject([{ status: 'reserved' }])
      expect(relays[0]?.address).toContain(`/ip4/127.0.0.1/tcp/${secure.port}/tls/ws/p2p/`)
      expect(worker).toBe(`${origin}/sw.js`)
      const trust = { NODE_EXTRA_CA_CERTS: cert }
      const fetched = await run(['cat', cid, '--relay', secure.url], 'secure', trust)
      expect(fetched.stdout.toString(), fetched.stderr + logs.join('\n')).toBe('by wss')
    } finally {
      await browser.close()
      await secure.stop()
    }
  })
})

describe('a wrong relay', () => {
  test.each([
    ['nonsense', /is no relay address/],
    ['/ip4/127.0.0.1/tcp/1/ws/p2p/QmFoo', /relay address/],
    ['http://127.0.0.1:9', /No relay answers at http:\/\/127\.0\.0\.1:9 \(.*\): start one/],
    [
      '/ip4/127.0.0.1/tcp/9/ws/p2p/12D3KooWGRUVh9kQ5nPzFgtYhsTbvLXeBVjVYJFxJ3nSiuBGzL7y',
      /does not answer|cannot be reached/,
    ],
  ])('%s is refused with a sentence', async (address, sentence) => {
    const { code, stderr } = await run(['search', 'moon', '--relay', address], 'three')
    expect(code).toBe(1)
    expect(stderr).toMatch(sentence)
  })

  test('that stays silent is told of after two seconds, and given up with the cause', async () => {
    const server = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const { code, stderr } = await run(['search', 'moon', '--relay', `http://127.0.0.1:${port}`], 'three')
      expect(code).toBe(1)
      expect(stderr.split('\n')).toEqual([
        `Waiting for http://127.0.0.1:${port} to say where its relay is.`,
        expect.stringMatching(/^No relay answers at .* \(no answer within 5 s\): start one/),
        '',
      ])
    } finally {
      server.close()
    }
  })
})
