import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '#core/bytes.ts'
import { decodeObject, objectIdOf } from '#objects/object.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { run } from '#relay/cli/commands/object.ts'
import { startRecordServices } from '#relay/record-services.ts'
import { createFixtures } from '#test/relay/fixtures.ts'
import { runCli } from '../run-cli.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/objects/cyfs-object-ids.json', import.meta.url), 'utf8'),
) as { same_id_other_body: { object_hex: readonly string[] } }
/** a People with a body that it signed */
const HEX = vectors.same_id_other_body.object_hex[1] as string
const ID = formatObjectId(objectIdOf(decodeObject(fromHex(HEX))))

const fixtures = createFixtures()
let folder: string
let relay: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-object-peers-'))
  relay = (await fixtures.relay(['--network', 'test'], { services: startRecordServices })).relay.httpUrl
})

afterAll(async () => {
  await fixtures.stop()
  await rm(folder, { recursive: true })
})

/** `tabland object …` in this process, joined to the relay. */
function start(profile: string, args: readonly string[], signal = new AbortController().signal) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const all = [...args, '--relay', relay, '--profile', join(folder, profile)]
  const done = run(all, { signal, stdout, stderr }).finally(() => {
    stdout.end()
    stderr.end()
  })
  done.catch(() => stdout.destroy())
  return { stdout, stderr, done }
}

async function print(profile: string, ...args: readonly string[]): Promise<string> {
  const { stdout, done } = start(profile, args)
  const [printed] = await Promise.all([text(stdout), done])
  return printed.trimEnd()
}

describe('tabland object get and put', () => {
  it('[OB17] give an object to another profile by the relay, as JSON', async () => {
    const stop = new AbortController()
    const server = start('server', ['put', '--hex', HEX, '--serve'], stop.signal)
    await once(server.stderr, 'data')
    stop.abort()
    const [printed] = await Promise.all([text(server.stdout), server.done])
    const id = printed.trim()
    expect(id).toBe(ID)
    expect(JSON.parse(await print('reader', 'get', id))).toMatchObject({ id, type: 'People' })
  })

  it('read and write digits and files', async () => {
    expect(await print('one', 'put', '--hex', HEX)).toBe(ID)
    // it is in the profile, and a link names it too
    const file = join(folder, 'people.object')
    expect(await print('one', 'get', `cyfs://o/${ID}/${ID}`, '--out', file)).toBe('')
    expect(toHex(await readFile(file))).toBe(HEX)
    expect(await print('other', 'put', file)).toBe(ID)
    expect(await print('other', 'get', ID, '--hex')).toBe(HEX)
  })

  it('refuse what nobody has, and what is no object', async () => {
    await expect(
      start('reader', ['get', '5aSixgLwnWbmsS29kAr6KuLZq1HETx2aXMR2A4eP8yk7']).done,
    ).rejects.toMatchObject({
      code: 'OBJECT_NOT_FOUND',
    })
    await expect(start('other', ['put', '--hex', '00']).done).rejects.toMatchObject({
      code: 'OBJECT_INVALID',
    })
  })

  it.each([
    [['get']],
    [['get', 'a', 'b']],
    [['get', 'a', '--hex', '--out', 'file']],
    [['put']],
    [['put', 'file', '--hex', '00']],
  ])('answer %j with exit code 2', async (args) => {
    const { code, stdout, stderr } = await runCli('object', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\.\n$/)
  })
})
