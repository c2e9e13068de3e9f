import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './root.ts'

/** What the page is built from. Content counts, not dates: a fresh clone has neither. */
const INPUTS: readonly string[] = [
  'index.html',
  'package-lock.json',
  'package.json',
  'patches',
  'relay/verify/page-list.ts',
  'scripts/build.ts',
  'scripts/build-single.ts',
  'scripts/lib/build-page.ts',
  'scripts/lib/single-file.ts',
  'tsconfig.json',
  'vite.config.ts',
  'wasm',
  'web',
  'webgpu',
]
const IGNORED: readonly string[] = ['wasm/build']
const STAMPS = join(ROOT, 'node_modules/.cache/tabland')

/** Something that is built from INPUTS. */
export interface BuildKind {
  readonly name: string
  readonly outputs: readonly string[]
}

export const PAGE: BuildKind = {
  name: 'build',
  outputs: ['dist/index.html', 'dist/sw.js', 'dist/page.sha256', 'wasm/build'],
}
export const SINGLE_FILE: BuildKind = { name: 'single', outputs: ['dist/tabland.html', 'wasm/build'] }

/** Does what is built stand for exactly the sources (their `fingerprint`) that are here now? */
export async function isBuildFresh(kind: BuildKind, hash: string): Promise<boolean> {
  if (!kind.outputs.every((path) => existsSync(join(ROOT, path)))) return false
  return (await readFile(stampOf(kind), 'utf8').catch(() => undefined)) === hash
}

/** Remembers the sources of the build that has just succeeded. */
export async function writeBuildStamp(kind: BuildKind, hash: string): Promise<void> {
  await mkdir(STAMPS, { recursive: true })
  await writeFile(stampOf(kind), hash)
}

function stampOf({ name }: BuildKind): string {
  return join(STAMPS, `${name}.sha256`)
}

/** SHA-256 over the build's options and over paths and contents of everything that it reads. */
export async function fingerprint(options = ''): Promise<string> {
  const hash = createHash('sha256').update(`${options}\0`)
  for (const input of INPUTS) {
    for (const path of await filesOf(input)) {
      hash
        .update(`${path}\0`)
        .update(await readFile(join(ROOT, path)))
        .update('\0')
    }
  }
  return hash.digest('hex')
}

async function filesOf(path: string): Promise<string[]> {
  const absolute = join(ROOT, path)
  if (!existsSync(absolute)) return []
  const entries = await readdir(absolute, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return [path]
  const nested = await Promise.all(
    entries
      .map((entry) => `${path}/${entry.name}`)
      .filter((child) => !IGNORED.includes(child))
      .sort()
      .map(filesOf),
  )
  return nested.flat()
}
