import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { textCid } from '#core/cid.ts'
import { type Commands, createCommands } from '#test/e2e/harness/command.ts'
import { type RelayProcess, startRelay } from '#test/e2e/harness/relay.ts'

/** The `tabland` commands that need peers, against a real relay with the sample world. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const MODEL = join(ROOT, 'sample/models/CesiumMan.glb')

let relay: RelayProcess
let folder: string
let commands: Commands
let start: Commands['start']
let run: Commands['run']

// each test starts some processes, which share the machine with other tests
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-command-'))
  commands = createCommands(folder)
  ;({ start, run } = commands)
  relay = await startRelay({ args: ['--sample'] })
})

afterAll(async () => {
  commands?.stop()
  await relay?.stop()
  await rm(folder, { recursive: true, force: true })
})

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
    const { stdout } = await run(['search', 'harvest moon', '--json', ...here()], { profile: 'two' })
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
    const server = start(['add', MODEL, '--serve', ...here()], { profile: 'server' })
    try {
      const [chunk] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
      const { stdout, stderr } = await run(['cat', chunk.toString().trim(), ...here()], { profile: 'two' })
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
    const author = start(['add', MODEL, '--serve', ...here()], { profile: 'author' })
    const [chunk] = (await once(author.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
    const cid = chunk.toString().trim()
    const { code, stdout, stderr } = await run(['seed', cid, '--once', '--quota', '1GiB', ...here()], {
      profile: 'home',
    })
    author.kill('SIGTERM')
    await once(author, 'close')
    expect(code, stderr).toBe(0)
    const model = await readFile(MODEL)
    expect(stdout.toString()).toBe(`${cid} is here, ${model.length} bytes\n`)

    const home = start(['seed', ...here()], { profile: 'home' })
    try {
      await once(home.stdout as NodeJS.ReadableStream, 'data')
      const fetched = await run(['cat', cid, ...here()], { profile: 'visitor' })
      expect(fetched.stdout.equals(model), fetched.stderr).toBe(true)
    } finally {
      home.kill('SIGTERM')
      await once(home, 'close')
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
    const { code, stderr } = await run(['search', 'moon', '--relay', address], { profile: 'three' })
    expect(code).toBe(1)
    expect(stderr).toMatch(sentence)
  })

  test('that stays silent is told of after two seconds, and given up with the cause', async () => {
    const server = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const { code, stderr } = await run(['search', 'moon', '--relay', `http://127.0.0.1:${port}`], {
        profile: 'three',
      })
      expect(code).toBe(1)
      expect(stderr.split('\n')).toEqual([
        `Waiting for http://127.0.0.1:${port} to say where its relay is.`,
        expect.stringMatching(/^No relay answers at .* \(no answer in time\): start one/),
        '',
      ])
    } finally {
      server.close()
    }
  })
})
