import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a worker is told to do; each is answered once, by a report. */
export type Order =
  | {
      readonly kind: 'join'
      readonly relay: string
      readonly count: number
      readonly block: number
      readonly perAddress: number
      readonly gossip: boolean
    }
  | { readonly kind: 'circuits'; readonly relay: string; readonly count: number }
  | { readonly kind: 'echo'; readonly ms: number; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: 'gossip'; readonly rounds: number; readonly everyMs: number }
  | { readonly kind: 'count' }

/** Numbers by name. */
export type Report = Readonly<Record<string, number>>

export interface Worker {
  order(order: Order): Promise<Report>
  stop(): Promise<void>
}

/** Peers that do what they should, in a process of their own. */
export function startHonest(): Worker {
  return start('honest-worker.ts')
}

/** `count` connections that do what they should not, from many addresses and from few, until it is stopped. */
export function startHostile(address: string, count: number): Worker {
  return start('hostile-worker.ts', [address, String(count)])
}

function start(file: string, args: readonly string[] = []): Worker {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    async order(order) {
      const answer = once(child, 'message')
      child.send(order)
      const [report] = (await Promise.race([answer, ended(child, file)])) as [Report]
      return report
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}

async function ended(child: ChildProcess, file: string): Promise<never> {
  await once(child, 'exit')
  throw new Error(`${file} ended before it answered.`)
}
