import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { run } from '#relay/cli/commands/open.ts'
import { createNodeTabland } from '#relay/create-node-tabland.ts'
import { startRecordServices } from '#relay/record-services.ts'
import { createFixtures } from '#test/relay/fixtures.ts'

const fixtures = createFixtures()
const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  await fixtures.stop()
})

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tabland-open-'))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

it('prints what a link leads to and writes its files', async () => {
  const { relay } = await fixtures.relay(['--network', 'test'], { services: startRecordServices })
  const { signal } = new AbortController()
  const profileDir = await makeFolder()
  const author = await createNodeTabland({ relay: relay.httpUrl, profileDir, signal, warn: () => {} })
  stops.push(() => author.stop())
  await author.synced()
  const site = await author.tabland.objects.publish(
    [
      { path: 'index.html', content: new Blob(['<h1>site</h1>']) },
      { path: 'img/a.txt', content: new Blob(['a picture in words']) },
    ],
    { name: 'site' },
  )
  const profile = await makeFolder()
  const out = await makeFolder()
  const open = async (...args: readonly string[]): Promise<unknown> => {
    const stdout = new PassThrough()
    const stderr = new PassThrough().resume()
    const options = ['--relay', relay.httpUrl, '--profile', profile]
    await run([...args, ...options], { signal, stdout, stderr })
    stdout.end()
    return JSON.parse(await text(stdout))
  }

  expect(await open(site.link, '--out', join(out, 'site'))).toMatchObject({
    id: site.id,
    type: 'Dir',
    name: 'site',
    trust: { level: 'owner' },
    entries: [{ path: 'img/a.txt', bytes: 18 }, { path: 'index.html' }],
  })
  expect(await readFile(join(out, 'site/img/a.txt'), 'utf8')).toBe('a picture in words')
  expect(await open(`${site.link}/img/a.txt`)).toMatchObject({ type: 'File', bytes: 18 })
})
