import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Command } from '#relay/cli/command.ts'
import * as open from '#relay/cli/commands/open.ts'
import * as publish from '#relay/cli/commands/publish.ts'
import * as wallet from '#relay/cli/commands/wallet.ts'
import { startRecordServices } from '#relay/record-services.ts'
import { createFixtures } from '#test/relay/fixtures.ts'

const fixtures = createFixtures()
let folder: string
let relay: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-publish-'))
  relay = (await fixtures.relay(['--network', 'test'], { services: startRecordServices })).relay.httpUrl
})

afterAll(async () => {
  await fixtures.stop()
  await rm(folder, { recursive: true })
})

/** A command in this process, with a profile. */
function start(
  { run }: Command,
  profile: string,
  args: readonly string[],
  signal = new AbortController().signal,
) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const done = run([...args, '--profile', join(folder, profile)], { signal, stdout, stderr }).finally(() => {
    stdout.end()
    stderr.end()
  })
  done.catch(() => stdout.destroy())
  return { stdout, stderr, done }
}

it('[OB11] tabland publish --readers seals a file for a wallet, which opens it', async () => {
  const address = (await text(start(wallet, 'reader', []).stdout)).trim()
  const file = join(folder, 'letter.txt')
  await writeFile(file, 'for you alone')
  const stop = new AbortController()
  const args = [file, '--readers', address, '--serve', '--relay', relay]
  const server = start(publish, 'author', args, stop.signal)
  const [said] = await once(server.stderr, 'data')
  expect(String(said)).toMatch(
    /^Serving it .* Nobody is connected to fetch it yet, so only this profile holds it\.$/m,
  )
  const [, link = ''] = String(server.stdout.read()).trim().split(' ')

  const out = join(folder, 'out.txt')
  const opened = JSON.parse(await text(start(open, 'reader', [link, '--out', out, '--relay', relay]).stdout))
  expect(opened).toMatchObject({ name: 'letter.txt', restricted: { readable: true } })
  expect(opened.readers).toContain(address)
  expect(await readFile(out, 'utf8')).toBe('for you alone')

  const other = JSON.parse(await text(start(open, 'stranger', [link, '--relay', relay]).stdout))
  expect(other).toMatchObject({ restricted: { readable: false, failure: { code: 'OBJECT_KEY_REFUSED' } } })
  stop.abort()
  await server.done
}, 60_000)

it('[OB11] tabland publish --readers seals a folder, whose files open by their paths and all at once', async () => {
  const address = (await text(start(wallet, 'reader', []).stdout)).trim()
  const site = join(folder, 'private site')
  await mkdir(join(site, 'img'), { recursive: true })
  await writeFile(join(site, 'index.html'), '<img src="img/a.png">')
  await writeFile(join(site, 'img/a.png'), 'a picture')
  const stop = new AbortController()
  const args = [site, '--readers', address, '--serve', '--relay', relay]
  const server = start(publish, 'author', args, stop.signal)
  await once(server.stderr, 'data')
  const [, link = ''] = String(server.stdout.read()).trim().split(' ')
  const openAs = async (profile: string, ...of: readonly string[]) =>
    JSON.parse(await text(start(open, profile, [...of, '--relay', relay]).stdout))

  const out = join(folder, 'out')
  expect(await openAs('reader', link, '--out', out)).toMatchObject({
    type: 'Dir',
    name: 'private site',
    entries: [
      { path: 'img/a.png', bytes: 9 },
      { path: 'index.html', bytes: 21 },
    ],
    readers: expect.arrayContaining([address]),
  })
  expect(await readFile(join(out, 'img/a.png'), 'utf8')).toBe('a picture')
  expect(await readFile(join(out, 'index.html'), 'utf8')).toBe('<img src="img/a.png">')
  const one = join(folder, 'a.png')
  expect(await openAs('reader', `${link}/img/a.png`, '--out', one)).toMatchObject({ name: 'a.png', bytes: 9 })
  expect(await readFile(one, 'utf8')).toBe('a picture')

  const seen = await openAs('stranger', link)
  expect(seen).toMatchObject({
    type: 'File',
    restricted: { readable: false, failure: { code: 'OBJECT_KEY_REFUSED' } },
  })
  expect(Object.keys(seen)).not.toContain('entries')
  stop.abort()
  await server.done
}, 90_000)

it('tabland publish without --serve tells that nobody else holds it', async () => {
  const file = join(folder, 'note.txt')
  await writeFile(file, 'for everybody')
  const { stdout, stderr } = start(publish, 'author', [file, '--relay', relay])
  expect(await text(stdout)).toMatch(/ cyfs:/)
  expect(await text(stderr)).toMatch(/^So far only this profile holds its bytes: add --serve/m)
}, 60_000)

it('tabland publish --readers refuses what is no wallet before it reads or dials anything', async () => {
  const nowhere = ['--relay', '/ip4/127.0.0.1/tcp/1/ws']
  const { done } = start(publish, 'author', [join(folder, 'absent'), '--readers', '0x12,0x34', ...nowhere])
  await expect(done).rejects.toMatchObject({
    code: 'ADDRESS_INVALID',
    message: expect.stringContaining('2 of 2 cannot be used'),
  })
})
