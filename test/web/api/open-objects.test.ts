import { afterEach, expect, it } from 'vitest'
import { createFixtures } from '#test/relay/fixtures.ts'
import { createNodePeers } from '#test/relay/node-peers.ts'

const fixtures = createFixtures()
const peers = createNodePeers()

afterEach(async () => {
  await peers.stop()
  await fixtures.stop()
})

it('[OB17] finds what another profile published over a relay, checked, and has it after a restart alone', async () => {
  const { relay } = await fixtures.relay(['--network', 'test'])
  const author = await peers.join(relay.httpUrl)
  const item = await author.tabland.objects.publish(new Blob(['hello']), { name: 'hello.txt' })
  const profile = await peers.makeProfile()
  const reader = await peers.join(relay.httpUrl, profile)
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
  const again = await peers.join(relay.httpUrl, profile)
  expect((await again.tabland.objects.open(item.id)).root).toBe(item.root)
})
