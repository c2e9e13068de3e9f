import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ROOT } from '../../../scripts/lib/root.ts'

const START_TIMEOUT_MS = 60_000

/** Memory and time of a process, as the kernel counts them. */
export interface Cost {
  readonly rssMb: number
  readonly cpuSeconds: number
}

/** A relay in a process of its own. */
export interface NodeUnderLoad {
  readonly name: string
  /** multiaddr with the peer id */
  readonly address: string
  readonly port: number
  readonly isAlive: () => boolean
  cost(): Promise<Cost>
  /** memory after `ms`, and the share of one core meanwhile, in percent */
  costOver(ms: number): Promise<Cost & { readonly corePercent: number }>
  stop(): Promise<void>
}

/** Ours, with its default options and `flags`. */
export async function startOurs(flags: readonly string[] = []): Promise<NodeUnderLoad> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tabland-load-'))
  const args = ['relay/cli/tabland.js', 'relay', '--port', '0', '--data', dataDir, ...flags]
  const node = await start('Tabland', args)
  return {
    ...node,
    async stop() {
      await node.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** js-libp2p's relay as its documentation sets it up, with default options. */
export function startStock(): Promise<NodeUnderLoad> {
  return start('js-libp2p', ['test/load/relay/stock-relay.ts'])
}

async function start(name: string, args: readonly string[]): Promise<NodeUnderLoad> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const address = await addressOf(child)
  const cost = () => costOf(child.pid as number) // set, as it printed its address
  const isAlive = () => child.exitCode === null && child.signalCode === null
  return {
    name,
    address,
    port: Number(/\/tcp\/(\d+)/.exec(address)?.[1]),
    isAlive,
    cost,
    async costOver(ms) {
      const before = await cost()
      await wait(ms)
      const after = await cost()
      return { ...after, corePercent: ((after.cpuSeconds - before.cpuSeconds) * 1e5) / ms }
    },
    async stop() {
      if (!isAlive()) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await Promise.race([ended, wait(5_000)])
      child.kill('SIGKILL')
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const timer = setTimeout(
      () => reject(new Error(`No address after a minute: ${output}`)),
      START_TIMEOUT_MS,
    )
    const read = (chunk: Buffer): void => {
      if (output.length > 100_000) return
      output += String(chunk)
      const address = /Peers connect to (\S+)/.exec(output)?.[1]
      if (address === undefined) return
      clearTimeout(timer)
      resolve(address)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', () => reject(new Error(`The relay ended: ${output}`)))
  })
}

/** From /proc: the same for both relays, and nothing that a busy one would have to answer. */
async function costOf(pid: number): Promise<Cost> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ])
  // The fields after the name in parentheses begin with the third; 14 and 15 are user and system time in 1/100 s.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    rssMb: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_000,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
  }
}
