import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const TABLAND = fileURLToPath(new URL('../../../relay/cli/tabland.js', import.meta.url))

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the `tabland` command as a process of its own. */
export function startCli(args: readonly string[], node = process.execPath): ChildProcess {
  return spawn(node, [TABLAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Waits for its end. */
export async function finishCli(child: ChildProcess): Promise<CliResult> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { code, stdout, stderr }
}

export async function runCli(...args: readonly string[]): Promise<CliResult> {
  return finishCli(startCli(args))
}
