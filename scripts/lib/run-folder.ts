import { readdir } from 'node:fs/promises'
import { arch, cpus, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT, runNode } from './root.ts'

export interface RunFolderInit {
  /** below the root, such as test/bench */
  readonly folder: string
  /** what one file of it is called, for sentences */
  readonly kind: string
  /** beginnings of the files' names */
  readonly names: readonly string[]
  /** passed on to each file */
  readonly args?: readonly string[]
}

/** Runs the scripts of a folder whose names begin so, one after the other. @returns how many failed, or none was found */
export async function runFolder({ folder, kind, names, args = [] }: RunFolderInit): Promise<number> {
  const files = (await readdir(join(ROOT, folder))).filter((name) => name.endsWith('.ts')).sort()
  const chosen = files.filter((file) => names.some((name) => file.startsWith(name)))
  if (chosen.length === 0) {
    console.error(`No ${kind} is called ${names.join(' or ')}. There are: ${files.join(', ')}.`)
    return 1
  }
  if ((await runNode('scripts/build.ts', ['--if-stale'])) !== 0) return 1
  console.log(`Machine: ${describeMachine()}`)
  let failed = 0
  for (const file of chosen) {
    console.log(`\n── ${file}`)
    if ((await runNode(`${folder}/${file}`, args)) !== 0) {
      failed += 1
      console.error(`${file} failed.`)
    }
  }
  return failed
}

/** The machine, for a log. */
export function describeMachine(): string {
  const memoryGib = Math.round(totalmem() / 2 ** 30)
  return (
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${memoryGib} GiB, ` +
    `${platform()} ${arch()}, Node.js ${process.versions.node}`
  )
}
