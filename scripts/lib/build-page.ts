import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import type { PageBuild, PageFile } from '#offline/page-cache.ts'
import { ROOT } from './root.ts'

const DIST = join(ROOT, 'dist')
const SERVICE_WORKER = 'sw.js'

/** Builds the page into dist/, then the service worker that keeps exactly these files. */
export async function buildPage(): Promise<void> {
  await build({ root: ROOT, logLevel: 'warn' })
  await buildServiceWorker(await describePage(DIST))
}

/** The files of a built page, each with its hash. */
export async function describePage(folder: string): Promise<PageBuild> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => path !== SERVICE_WORKER)
    .sort()
  const files = await Promise.all(
    paths.map(async (path): Promise<PageFile> => {
      const digest = createHash('sha256').update(await readFile(join(folder, path)))
      // the page is asked for by its folder
      return { path: path === 'index.html' ? '' : path, integrity: `sha256-${digest.digest('base64')}` }
    }),
  )
  const version = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)
  return { version, files }
}

/** One script of its own: a service worker's name must stay, and classic ones work in every browser. */
async function buildServiceWorker(page: PageBuild): Promise<void> {
  await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { PAGE_BUILD: JSON.stringify(page) },
    build: {
      outDir: DIST,
      emptyOutDir: false,
      target: 'es2022',
      rolldownOptions: {
        input: join(ROOT, 'web/offline/service-worker.ts'),
        output: { entryFileNames: SERVICE_WORKER, format: 'iife' },
      },
    },
  })
}
