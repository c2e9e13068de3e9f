import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from '#relay/folder-lock.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('lockFolder', () => {
  it('holds until it is released, and leaves nothing behind', async () => {
    const release = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'STORE_FOLDER_LOCKED',
      message: expect.stringContaining(folder),
    })
    await release()
    expect(await readdir(folder)).toEqual([])
  })

  it('gives the folder to one of many who ask at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)))
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1)
  })

  it('takes over from a process that was killed', async () => {
    const other = spawn(process.execPath, [
      '--input-type=module-typescript',
      '-e',
      `const { lockFolder } = await import('#relay/folder-lock.ts')
       await lockFolder(${JSON.stringify(folder)})
       console.log('locked')
       setInterval(() => {}, 1000)`,
    ])
    await once(other.stdout, 'data')
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'STORE_FOLDER_LOCKED' })
    other.kill('SIGKILL')
    await once(other, 'exit')
    await (await lockFolder(folder))()
  })

  it('knows a lock of an earlier process with its own id, as containers leave, and a broken one', async () => {
    const lock = join(folder, 'lock')
    const release = await lockFolder(folder)
    const own = JSON.parse(await readFile(lock, 'utf8')) as { started: string }
    await release()
    await writeFile(lock, JSON.stringify({ ...own, started: `${own.started}0` }))
    await (await lockFolder(folder))()
    await writeFile(lock, '{"pid":')
    await (await lockFolder(folder))()
  })

  it('leaves the lock of another host alone while it is touched', async () => {
    const lock = join(folder, 'lock')
    await writeFile(lock, JSON.stringify({ pid: 1, started: '5', host: 'another.host' }))
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'STORE_FOLDER_LOCKED' })
    await utimes(lock, 0, 0)
    await (await lockFolder(folder))()
  })
})
