import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { createNodeTabland, type NodeTabland } from '#relay/create-node-tabland.ts'
import { createFixtures } from '#test/relay/fixtures.ts'

const fixtures = createFixtures()
const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  await fixtures.stop()
})

async function makeProfile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tabland-objects-'))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function joinAs(relay: string, profileDir: string): Promise<NodeTabland> {
  const warn = () => {}
  const node = await createNodeTabland({ relay, profileDir, signal: new AbortController().signal, warn })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= node.stop()
    return stopped
  }
  stops.push(stop)
  return { ...node, stop }
}

it('[OB17] finds what another profile published over a relay, checked, and has it after a restart alone', async () => {
  const { relay } = await fixtures.relay(['--network', 'test'])
  const author = await joinAs(relay.httpUrl, await makeProfile())
  const item = await author.tabland.objects.publish(new Blob(['hello']), { name: 'hello.txt' })
  const profile = await makeProfile()
  const reader = await joinAs(relay.httpUrl, profile)
  await expect
    .poll(() => reader.tabland.objects.open(item.link).catch(() => undefined), {
      timeout: 25_000,
      interval: 250,
    })
    .toMatchObject({
      id: item.id,
      type: 'File',
      name: 'hello.txt',
      bytes: 5,
      root: item.root,
      trust: { level: 'owner' },
    })
  await reader.stop()
  await author.stop()
  const again = await joinAs(relay.httpUrl, profile)
  expect((await again.tabland.objects.open(item.id)).root).toBe(item.root)
})
