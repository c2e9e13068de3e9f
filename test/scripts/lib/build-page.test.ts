import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildPage, describePage, listPage } from '../../../scripts/lib/build-page.ts'
import { ROOT, runNode } from '../../../scripts/lib/root.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-built-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<div id="app"></div>')
  await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'main')
  await writeFile(join(folder, 'sw.js'), 'an older one')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('[NE8] what the service worker keeps', () => {
  it('is every built file but itself, each with its hash', async () => {
    const integrity = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`
    expect((await describePage(folder)).files).toEqual([
      { path: 'assets/main-1a2b.js', integrity: integrity('main') },
      { path: '', integrity: integrity('<div id="app"></div>') },
    ])
  })

  it('is another build as soon as one byte differs', async () => {
    const before = await describePage(folder)
    expect(await describePage(folder)).toEqual(before)
    await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'Main')
    expect((await describePage(folder)).version).not.toBe(before.version)
  })
})

describe('[RE6a] the list of the page', () => {
  it('names every file with the service worker, but neither itself nor the page in one file', async () => {
    await writeFile(join(folder, 'page.sha256'), 'an older one')
    await writeFile(join(folder, 'tabland.html'), 'one file')
    const hash = (text: string) => createHash('sha256').update(text).digest('hex')
    expect(await listPage(folder)).toBe(
      `${hash('main')}  assets/main-1a2b.js\n${hash('<div id="app"></div>')}  index.html\n${hash('an older one')}  sw.js\n`,
    )
  })

  it('is the same for two builds of the same sources, wherever they are put', async () => {
    expect(await runNode('scripts/build.ts', ['--if-stale'])).toBe(0)
    const list = await readFile(join(ROOT, 'dist', 'page.sha256'), 'utf8')
    await buildPage(folder)
    expect(await readFile(join(folder, 'page.sha256'), 'utf8')).toBe(list)
  }, 180_000)
})
