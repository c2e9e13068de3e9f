import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ROOT } from './root.ts'

/** What the page is built from. Content counts, not dates: a fresh clone has neither. */
const INPUTS: readonly string[] = [
  'index.html',
  'package-lock.json',
  'package.json',
  'patches',
  'scripts/build.ts',
  'scripts/lib/build-page.ts',
  'tsconfig.json',
  'vite.config.ts',
  'wasm',
  'web',
  'webgpu',
]
const OUTPUTS: readonly string[] = ['dist/index.html', 'dist/sw.js', 'wasm/build']
const IGNORED: readonly string[] = ['wasm/build']
const STAMP = join(ROOT, 'node_modules/.cache/tabland/build.sha256')

/** Do the built page and wasm stand for exactly the sources that are here now? */
export async function isBuildFresh(): Promise<boolean> {
  if (!OUTPUTS.every((path) => existsSync(join(ROOT, path)))) return false
  if (!existsSync(STAMP)) return false
  return (await readFile(STAMP, 'utf8')) === (await fingerprint())
}

/** Remembers the sources of the build that has just succeeded. */
export async function writeBuildStamp(hash: string): Promise<void> {
  await mkdir(dirname(STAMP), { recursive: true })
  await writeFile(STAMP, hash)
}

/** SHA-256 over paths and contents of everything that the build reads. */
export async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
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
