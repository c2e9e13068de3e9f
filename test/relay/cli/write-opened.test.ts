import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { OpenedObject } from '#api/object-types.ts'
import { utf8 } from '#core/bytes.ts'
import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import { dataObjectId, formatObjectId } from '#objects/object-id.ts'
import { writeOpened } from '#relay/cli/write-opened.ts'

const ID = formatObjectId(dataObjectId(utf8('an id for a test')))
const LINK = `cyfs://o/${ID}/${ID}`
const { signal } = new AbortController()

let folder: string
let failing: string | undefined

beforeEach(async () => {
  failing = undefined
  folder = await mkdtemp(join(tmpdir(), 'tabland-write-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** Each file holds its own path. */
const objects = {
  parse: parseCyfsLink,
  format: formatCyfsLink,
  async *read(link: string) {
    const { inner } = parseCyfsLink(link)
    yield utf8('path: ')
    if (inner === failing) throw new Error('nobody has it')
    yield utf8(inner)
  },
}

function folderOf(...paths: readonly string[]): OpenedObject {
  const entries = paths.map((path) => ({ path, id: ID }))
  return { id: ID, type: 'Dir', trust: { level: 'id' }, entries, json: {} }
}

it('writes a folder by its paths, by a link or an id', async () => {
  for (const [at, link] of [LINK, ID].entries()) {
    const to = join(folder, `out-${at}`)
    await writeOpened(to, { objects, link, opened: folderOf('b.txt', 'a/1.txt', 'a/b/ü.txt'), signal })
    expect(await readFile(join(to, 'a/b/ü.txt'), 'utf8')).toBe('path: a/b/ü.txt')
    expect((await readdir(to, { recursive: true })).sort()).toEqual([
      'a',
      'a/1.txt',
      'a/b',
      'a/b/ü.txt',
      'b.txt',
    ])
  }
})

it('leaves nothing of what breaks off, and what was there as it is', async () => {
  const file: OpenedObject = { id: ID, type: 'File', trust: { level: 'id' }, json: {} }
  failing = ''
  const to = join(folder, 'file')
  await expect(writeOpened(to, { objects, link: LINK, opened: file, signal })).rejects.toThrow('nobody')
  failing = 'b'
  const opened = folderOf('a', 'b')
  await expect(writeOpened(to, { objects, link: LINK, opened, signal })).rejects.toThrow('nobody')
  expect(await readdir(folder)).toEqual([])
  await mkdir(to)
  for (const there of [file, opened]) {
    await expect(writeOpened(to, { objects, link: LINK, opened: there, signal })).rejects.toMatchObject({
      code: 'OUT_EXISTS',
    })
  }
  const nowhere = join(folder, 'none', 'file')
  await expect(writeOpened(nowhere, { objects, link: LINK, opened: file, signal })).rejects.toMatchObject({
    code: 'OUT_UNWRITABLE',
  })
})

it('refuses a folder whose paths lead out of it', async () => {
  const init = { objects, link: LINK, opened: folderOf('a', '../b'), signal }
  await expect(writeOpened(join(folder, 'out'), init)).rejects.toMatchObject({ code: 'FOLDER_PATH_INVALID' })
  expect(await readdir(folder)).toEqual([])
})
