import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Outcome, runProject } from './run-project.ts'
import { chooseUnitLane } from './test-lanes.ts'

/** Far below a browser, above what only runs on an idle machine. */
const PRIORITY = 15

/** A run of the patient unit tests in a process of its own, at a low priority. */
export interface PatientRun {
  /** Resolves at its end; one that ended without a word counts as one failure. */
  readonly outcome: Promise<Outcome>
  /** everything that it printed so far */
  output(): string
  /** Ends it if it still runs; its workers follow by themselves. Resolves when it is gone. */
  stop(): Promise<void>
}

export function startPatientRun(): PatientRun {
  const child = fork(fileURLToPath(import.meta.url), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const printed: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk))
  let outcome: Outcome | undefined
  child.on('message', (message) => {
    outcome = message as Outcome // our own code below
  })
  const closed = once(child, 'close')
  return {
    outcome: closed.then(
      () =>
        outcome ?? {
          passed: 0,
          failed: ['the tests beside them ended without a word'],
          skipped: [],
          retried: [],
          files: [],
        },
    ),
    output: () => Buffer.concat(printed).toString(),
    async stop() {
      child.kill()
      await closed
    },
  }
}

async function main(): Promise<void> {
  setPriority(PRIORITY)
  chooseUnitLane('patient')
  const outcome = await runProject('unit', [])
  process.send?.(outcome, () => process.exit(0))
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) await main()
