import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export interface CommandResult {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

export interface CommandOptions {
  /** name of the profile's folder @default 'one' */
  readonly profile?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The `tabland` command as a person runs it, with profiles below one folder. */
export interface Commands {
  start(args: readonly string[], options?: CommandOptions): ChildProcess
  /** Runs it to its end, whatever its code. */
  run(args: readonly string[], options?: CommandOptions): Promise<CommandResult>
  /** Ends what a test that was broken off left behind. */
  stop(): void
}

export function createCommands(folder: string): Commands {
  const running = new Set<ChildProcess>()
  const start: Commands['start'] = (args, { profile = 'one', env = {} } = {}) => {
    const all = ['relay/cli/tabland.js', ...args, '--profile', join(folder, profile)]
    const child = spawn(process.execPath, all, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    running.add(child)
    child.once('close', () => running.delete(child))
    return child
  }
  return {
    start,
    async run(args, options) {
      const child = start(args, options)
      const [out, err]: [Buffer[], Buffer[]] = [[], []]
      child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
      child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
      const [code] = (await once(child, 'close')) as [number]
      return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }
    },
    stop() {
      for (const child of running) child.kill('SIGKILL')
    },
  }
}
