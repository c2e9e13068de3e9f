import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const START_TIMEOUT_MS = 60_000
/** Tests of draining give their own; all others let it take none. */
const END_TIMEOUT_MS = 30_000
const URL_LINE = /https?:\/\/(?:localhost|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):(\d+)/

export interface StartRelayOptions {
  /** further flags of `tabland relay` */
  readonly args?: readonly string[]
  /** @default 0: a free one */
  readonly port?: number
  /** the folder of key and records; a fresh temporary one when absent, removed by `stop` */
  readonly dataDir?: string
  /** what to run instead of this process's Node.js, with its leading arguments (for example `ip netns exec …`) */
  readonly command?: readonly string[]
}

/** A relay in a process of its own, as a person runs it. */
export interface RelayProcess {
  /** where its page is, without a trailing slash */
  readonly url: string
  readonly port: number
  readonly dataDir: string
  /** everything it printed so far */
  readonly output: () => string
  pid(): number
  /**
   * Sends `signal` ('SIGTERM' when absent) and waits for the end, at most `ms` (30 s when absent). The data folder stays.
   * @throws Error with what it printed when it has not ended by then
   */
  halt(signal?: NodeJS.Signals, limit?: { readonly ms: number }): Promise<void>
  /** After `halt`: the same port, key and data again. */
  restart(): Promise<void>
  /** The text of `/metrics` (Prometheus). */
  metrics(): Promise<string>
  /** Ends it, whatever it is doing, and removes its data folder when `startRelay` made that. */
  stop(): Promise<void>
}

/** Starts `tabland relay` and resolves once it has printed its URL. @throws Error with its output when it ends before */
export async function startRelay(options: StartRelayOptions = {}): Promise<RelayProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tabland-relay-')))
  let running = await spawnRelay(dataDir, options.port ?? 0, options)
  const { url, port } = running
  const halt: RelayProcess['halt'] = async (signal = 'SIGTERM', { ms } = { ms: END_TIMEOUT_MS }) => {
    const { child, output } = running
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit', { signal: AbortSignal.timeout(ms) }).catch(() => {
      throw new Error(`The relay did not end within ${ms / 1_000} s of ${signal}. It printed:\n${output()}`)
    })
  }
  return {
    url,
    port,
    dataDir,
    output: () => running.output(),
    pid: () => running.child.pid as number,
    halt,
    async restart() {
      await halt()
      running = await spawnRelay(dataDir, port, options)
    },
    async metrics() {
      const response = await fetch(`${url}/metrics`)
      return response.text()
    },
    async stop() {
      await halt().catch(() => halt('SIGKILL'))
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

interface RunningRelay {
  readonly child: ChildProcess
  readonly url: string
  readonly port: number
  readonly output: () => string
}

async function spawnRelay(dataDir: string, port: number, options: StartRelayOptions): Promise<RunningRelay> {
  const [command = process.execPath, ...leading] = options.command ?? [process.execPath]
  // Tests that end a relay mean its end; those of draining say so.
  const args = [
    'relay/cli/tabland.js',
    'relay',
    '--port',
    String(port),
    '--data',
    dataDir,
    '--drain-time',
    '0s',
  ]
  const child = spawn(command, [...leading, ...args, ...(options.args ?? [])], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const output = () => text
  const found = await new Promise<RegExpExecArray>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The relay ${why}. It printed:\n${text}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`printed no URL within ${START_TIMEOUT_MS / 1000} s`)
    }, START_TIMEOUT_MS)
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      const match = URL_LINE.exec(text)
      if (match === null) return
      clearTimeout(timer)
      resolve(match)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', (error) => fail(`did not start: ${error.message}`))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      fail(`ended at once (${signal ?? code})`)
    })
  })
  return { child, url: found[0], port: Number(found[1]), output }
}

/** The value of one Prometheus series (the sum over its labels that contain `labels`), 0 when it is absent. */
export function metricOf(metrics: string, name: string, labels = ''): number {
  let sum = 0
  for (const line of metrics.split('\n')) {
    const [, series, label = '', value] = /^([a-zA-Z_:][\w:]*)(\{[^}]*\})? (\S+)/.exec(line) ?? []
    if (series === name && label.includes(labels)) sum += Number(value)
  }
  return sum
}
