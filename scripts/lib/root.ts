import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The project's folder, with a trailing slash. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Runs a program in the project's folder with this terminal and resolves with its exit code (128 for a signal). */
export async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 128
}

/** Runs one of the project's own scripts with this Node.js. */
export function runNode(script: string, args: readonly string[] = []): Promise<number> {
  return run(process.execPath, [script, ...args])
}
