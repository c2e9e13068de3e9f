import { afterEach, expect, it } from 'vitest'
import { collectBytes } from '#core/bytes.ts'
import { startRecordServices } from '#relay/record-services.ts'
import { createFixtures } from '#test/relay/fixtures.ts'
import { createNodePeers } from '#test/relay/node-peers.ts'

const fixtures = createFixtures()
const peers = createNodePeers()

afterEach(async () => {
  await peers.stop()
  await fixtures.stop()
})

it('[OB11] gives a restricted file to the wallet that it was published for, over a relay, and to nobody else', async () => {
  const { relay } = await fixtures.relay(['--network', 'test'], { services: startRecordServices })
  const [author, reader, stranger] = await Promise.all([1, 2, 3].map(() => peers.join(relay.httpUrl)))
  const wallet = await reader!.tabland.wallet.address()
  const item = await author!.tabland.objects.publish(new Blob(['for you alone']), {
    name: 'letter.txt',
    readers: [wallet],
  })
  await Promise.all([author, reader, stranger].map((peer) => peer!.synced()))
  const { objects } = reader!.tabland
  await expect
    .poll(() => objects.open(item.link).catch(() => undefined), { timeout: 25_000, interval: 250 })
    .toMatchObject({ name: 'letter.txt', bytes: 13, restricted: { readable: true } })
  expect(Buffer.from(await collectBytes(objects.read(item.link))).toString()).toBe('for you alone')
  const range = objects.read(item.link, { start: 4, end: 7 })
  expect(Buffer.from(await collectBytes(range)).toString()).toBe('you')

  await expect
    .poll(() => stranger!.tabland.objects.open(item.link).catch(() => undefined), {
      timeout: 25_000,
      interval: 250,
    })
    .toMatchObject({ restricted: { readable: false, failure: { code: 'OBJECT_KEY_REFUSED' } } })
  await expect(collectBytes(stranger!.tabland.objects.read(item.link))).rejects.toMatchObject({
    code: 'OBJECT_KEY_REFUSED',
  })
}, 60_000)
