import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build } from 'vite'
import type { PageBuild, PageFile } from '#offline/page-cache.ts'
import { formatPageList, PAGE_LIST, type PageList, parsePageList } from '#relay/verify/page-list.ts'
import { ROOT } from './root.ts'

const DIST = join(ROOT, 'dist')
const SERVICE_WORKER = 'sw.js'
/** Beside the page, but nothing that it loads: the list itself, and the page in one file. */
const BESIDE: readonly string[] = [PAGE_LIST, 'tabland.html']

/**
 * Builds the page into `folder`, the service worker that keeps exactly these files, and the list of them all, whose
 * hash is the page's ([RE6a]).
 */
export async function buildPage(folder = DIST): Promise<PageList> {
  // vite would take another from the environment, and the page would be another one
  process.env.NODE_ENV = 'production'
  await build({ root: ROOT, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } })
  await buildServiceWorker(await describePage(folder), folder)
  const text = await listPage(folder)
  await writeFile(join(folder, PAGE_LIST), text)
  const list = parsePageList(text)
  if (list === undefined) throw new Error(`${folder} has files that no list can name.`)
  return list
}

/** Every file of a built page with its SHA-256, as text. */
export async function listPage(folder: string): Promise<string> {
  const files = await hashFiles(folder)
  return formatPageList(files.map(({ path, digest }) => ({ path, sha256: digest.toString('hex') })))
}

/** The files of a built page that its service worker keeps, each with its hash. */
export async function describePage(folder: string): Promise<PageBuild> {
  const hashed = (await hashFiles(folder)).filter(({ path }) => path !== SERVICE_WORKER)
  const files = hashed.map(
    ({ path, digest }): PageFile => ({
      // the page is asked for by its folder
      path: path === 'index.html' ? '' : path,
      integrity: `sha256-${digest.toString('base64')}`,
    }),
  )
  const version = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)
  return { version, files }
}

async function hashFiles(
  folder: string,
): Promise<readonly { readonly path: string; readonly digest: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !BESIDE.includes(path))
    .sort()
  return Promise.all(
    paths.map(async (path) => ({
      path,
      digest: createHash('sha256')
        .update(await readFile(join(folder, path)))
        .digest(),
    })),
  )
}

/** One script of its own: a service worker's name must stay, and classic ones work in every browser. */
async function buildServiceWorker(page: PageBuild, folder: string): Promise<void> {
  await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { PAGE_BUILD: JSON.stringify(page) },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'es2022',
      rolldownOptions: {
        input: join(ROOT, 'web/offline/service-worker.ts'),
        output: { entryFileNames: SERVICE_WORKER, format: 'iife' },
      },
    },
  })
}
