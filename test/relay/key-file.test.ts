import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadOrCreateKey } from '#relay/key-file.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-key-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('[RE1] key file', () => {
  it('is made on the first run, for the owner alone, and read afterwards', async () => {
    const dataDir = join(folder, 'deep', 'relay')
    const first = await loadOrCreateKey(dataDir)
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
    expect((await stat(join(dataDir, 'relay.key'))).mode & 0o777).toBe(0o600)
    expect(await readdir(dataDir)).toEqual(['relay.key'])
    expect((await loadOrCreateKey(dataDir)).equals(first)).toBe(true)
  })

  it('is one key, however many processes start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateKey(folder)))
    for (const key of keys) expect(key.equals(keys[0])).toBe(true)
    expect(await readdir(folder)).toEqual(['relay.key'])
  })

  it.each([
    ['empty', ''],
    ['text', 'not a key'],
    ['huge', 'x'.repeat(5_000)],
  ])('is refused when it is %s, and stays as it is', async (_, content) => {
    const path = join(folder, 'relay.key')
    await writeFile(path, content)
    await expect(loadOrCreateKey(folder)).rejects.toMatchObject({
      code: 'KEY_FILE_INVALID',
      message: `${path} holds no libp2p private key. Restore it from a copy, or remove it to get a new key: the relay then has a new peer id.`,
    })
    expect((await stat(path)).size).toBe(content.length)
  })

  it('says what to do when the folder cannot be used', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await chmod(file, 0o600)
    await expect(loadOrCreateKey(file)).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
      message: expect.stringMatching(/^Cannot keep the relay's key in .*Choose a folder .*--data DIR\.$/),
    })
  })
})
