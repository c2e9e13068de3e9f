import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
let dataDir = ''
const children: ChildProcess[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tabland-relay-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(dataDir, { recursive: true, force: true })
})

function tabland(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['relay/cli/tabland.js', 'relay', '--data', dataDir, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

async function ready(child: ChildProcess): Promise<string> {
  let output = ''
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    output += chunk.toString()
    const url = /^Tabland is at (http:\S+)$/m.exec(output)?.[1]
    if (url !== undefined) return url
  }
  throw new Error(`The relay ended: ${output}`)
}

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

async function ended(child: ChildProcess): Promise<Ended> {
  const [stderr, [code]] = await Promise.all([
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  return { code, stderr }
}

describe('[RE1] tabland relay', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('prints its URL, and stops on %s within 2 s', async (signal) => {
    const child = tabland(['--port', '0'])
    const url = await ready(child)
    expect((await fetch(`${url}healthz`)).status).toBe(200)
    expect((await stat(join(dataDir, 'relay.key'))).mode & 0o777).toBe(0o600)
    const end = once(child, 'exit')
    const sentAt = performance.now()
    child.kill(signal)
    expect(await end).toEqual([0, null])
    expect(performance.now() - sentAt).toBeLessThan(2_000)
  })

  it('reads the environment', async () => {
    const child = tabland([], { TABLAND_PORT: '0', TABLAND_NETWORK: 'test' })
    const facts = await (await fetch(`${await ready(child)}tabland.json`)).json()
    expect(facts).toMatchObject({ network: 'test' })
  })

  it('--check-config prints what is in force and where it came from, and starts nothing', async () => {
    const child = tabland(['--check-config', '--port', '0'], { TABLAND_NETWORK: 'test' })
    const [output, end] = await Promise.all([text(child.stdout as NodeJS.ReadableStream), ended(child)])
    expect(end).toEqual({ code: 0, stderr: '' })
    expect(output).toMatch(/^network = "test" +# TABLAND_NETWORK$/m)
    expect(output).toMatch(/^port = 0 +# --port$/m)
    expect(output).toMatch(/^sample = false +# default$/m)
    await expect(stat(join(dataDir, 'relay.key'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('--check-config says of a certificate that it cannot be read', async () => {
    const pem = join(dataDir, 'absent.pem')
    const child = tabland(['--tls-cert', pem, '--tls-key', pem, '--check-config'])
    expect(await ended(child)).toMatchObject({ code: 1, stderr: expect.stringContaining('absent.pem') })
  })

  it('says that its port is taken', async () => {
    const other = createServer()
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    try {
      expect(await ended(tabland(['--port', String(port)]))).toEqual({
        code: 1,
        stderr: `Port ${port} is taken: stop the other program or choose another with --port N.\n`,
      })
    } finally {
      other.close()
    }
  })

  it('says which option is wrong', async () => {
    expect(await ended(tabland(['--network', 'mars']))).toEqual({
      code: 2,
      stderr: '--network: expected one of main, test, local, got "mars".\n',
    })
  })
})
