import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as dagPb from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { collectBytes } from '#core/bytes.ts'
import { readPath } from '#relay/cli/read-path.ts'
import { addToProfile, withProfileContent } from '#relay/profile-content.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-path-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

it('finds every file below a folder, follows no link, and reads each from its beginning again', async () => {
  await mkdir(join(folder, 'img/deep'), { recursive: true })
  await writeFile(join(folder, 'index.html'), '<p>hello</p>')
  await writeFile(join(folder, 'img/deep/a.bin'), new Uint8Array(600_000).fill(7))
  await symlink('/etc/passwd', join(folder, 'passwd'))
  const found = await readPath(folder)
  if (found.kind !== 'folder') throw new Error('a folder is a folder')
  expect(found.files.map(({ path, content }) => [path, content.size])).toEqual([
    ['img/deep/a.bin', 600_000],
    ['index.html', 12],
  ])
  for (let round = 0; round < 2; round++)
    expect((await collectBytes(found.files[0]!.content.pieces())).length).toBe(600_000)
})

it('keeps a folder in a profile as one UnixFS directory that is published', async () => {
  const site = join(folder, 'site')
  await mkdir(site)
  await writeFile(join(site, 'index.html'), '<p>hello</p>')
  const profile = join(folder, 'profile')
  const { signal } = new AbortController()
  const { cid, bytes } = await addToProfile(profile, await readPath(site), { name: 'site', signal })
  expect(bytes).toBe(12)
  await withProfileContent(profile, async (content) => {
    const root = dagPb.decode((await content.getOwnBlock(cid)) as Uint8Array)
    const [link] = root.Links
    expect(link?.Name).toBe('index.html')
    expect(new TextDecoder().decode(await content.cat(CID.asCID(link?.Hash)!.toString()))).toBe(
      '<p>hello</p>',
    )
  })
})

it('says what is wrong with a path', async () => {
  await expect(readPath(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  await expect(readPath('/dev/null')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  await expect(readPath(folder)).rejects.toMatchObject({ code: 'FOLDER_EMPTY' })
  await writeFile(join(folder, 'a\\b'), 'x')
  await expect(readPath(folder)).rejects.toMatchObject({ code: 'FOLDER_PATH_INVALID' })
})
