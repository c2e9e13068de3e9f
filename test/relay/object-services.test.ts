import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { equalBytes } from '#core/bytes.ts'
import { protocolsOf } from '#core/network.ts'
import { decodeObject } from '#objects/object.ts'
import { parseObjectId } from '#objects/object-id.ts'
import {
  decodeObjectAnswers,
  decodeObjectsRequest,
  decodeOfferAnswer,
  encodeObjectAnswers,
  encodeObjectsRequest,
  type ObjectAnswer,
} from '#peer/protocols/objects.ts'
import type { NodeTabland } from '#relay/create-node-tabland.ts'
import { startRecordServices } from '#relay/record-services.ts'
import type { Relay } from '#relay/relay.ts'
import { addressOf, createPeerFixtures, isReserved, until } from '../web/peer/peer-fixtures.ts'
import { createFixtures } from './fixtures.ts'
import { createNodePeers } from './node-peers.ts'

const { objects: OBJECTS } = protocolsOf('test')
const fixtures = createFixtures()
const peers = createNodePeers()
const plain = createPeerFixtures()

afterEach(async () => {
  await peers.stop()
  await plain.stop()
  await fixtures.stop()
})

const startRelay = (flags: readonly string[] = []) =>
  fixtures.relay(['--network', 'test', ...flags], { services: startRecordServices })

/** Publishes and waits until the relay holds the object. */
async function publish({ tabland, objects, synced }: NodeTabland, text: string): Promise<string> {
  const { id } = await tabland.objects.publish(new Blob([text]), { name: `${text}.txt` })
  await synced()
  await expect.poll(() => objects.exchange.announce([parseObjectId(id)])).not.toHaveLength(0)
  return id
}

/** What a relay gives for an id, asked by a peer that never heard of it. */
async function read(relay: Relay, id: string): Promise<ObjectAnswer> {
  const asker = await plain.join({ relays: [addressOf(relay)] })
  await until(asker.state, isReserved)
  const request = encodeObjectsRequest({ kind: 'get', ids: [parseObjectId(id)] })
  const { requests } = asker.transport
  const [answer] = await decodeObjectAnswers(requests.request(relay.peerId.toString(), OBJECTS, request), 1)
  return answer as ObjectAnswer
}

/** Offers one object as newer than it is and answers with these bytes; true when the relay holds it then. */
async function offer(relay: Relay, id: string, bytes: Uint8Array<ArrayBuffer>, claim = bytes.length) {
  const liar = await plain.make({ relays: [addressOf(relay)] })
  liar.transport.requests.handle(OBJECTS, async function* (request) {
    const asked = decodeObjectsRequest(request)
    if (asked.kind === 'get') yield* encodeObjectAnswers(asked.ids, async () => bytes)
  })
  await liar.start()
  await until(liar.state, isReserved)
  const offers = [{ id: parseObjectId(id), updated: 2n ** 60n, bytes: claim }]
  const request = encodeObjectsRequest({ kind: 'offer', offers })
  const { requests } = liar.transport
  for await (const answer of requests.request(relay.peerId.toString(), OBJECTS, request))
    return decodeOfferAnswer(answer, 1)[0]
}

describe('[OB17] a relay keeps what its clients publish', () => {
  it('so that it is found after its owner has left, and after the relay began anew', async () => {
    const { relay, dataDir } = await startRelay()
    const author = await peers.join(relay.httpUrl)
    const id = await publish(author, 'hello')
    await author.stop()
    const reader = await peers.join(relay.httpUrl)
    await reader.synced()
    expect(await reader.tabland.objects.open(id)).toMatchObject({
      id,
      name: 'hello.txt',
      trust: { level: 'owner' },
    })
    expect(relay.stats().records?.objects).toMatchObject({ taken: 1, refused: 0 })
    await reader.stop()
    await relay.stop()

    const { relay: again } = await startRelay(['--data', dataDir])
    const late = await peers.join(again.httpUrl)
    await late.synced()
    expect((await late.tabland.objects.open(id)).name).toBe('hello.txt')
    expect(again.stats().records?.objects).toMatchObject({ taken: 0 })
  })

  it('in its newest form: no older one, no lie and nothing larger than was said takes its place', async () => {
    const { relay, logged } = await startRelay()
    const author = await peers.join(relay.httpUrl)
    const id = await publish(author, 'hello')
    const old = await author.tabland.objects.get(id)
    await publish(author, 'hello')
    const fresh = await author.tabland.objects.get(id)
    expect(decodeObject(fresh).body!.updated).toBeGreaterThan(decodeObject(old).body!.updated)
    const other = await author.tabland.objects.get(await publish(author, 'other'))
    await author.stop()

    const forged = fresh.slice()
    forged[forged.length - 1]! ^= 1
    for (const [bytes, claim] of [[old], [forged], [other], [fresh, 10]] as const) {
      expect(await offer(relay, id, bytes, claim)).toBe(false)
    }
    expect(equalBytes((await read(relay, id)) as Uint8Array, fresh)).toBe(true)
    expect(logged.filter((line) => line.includes('cannot be true'))).toHaveLength(2)
  })

  it('[RE7] but not what its deny list names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tabland-deny-'))
    try {
      const first = await startRelay()
      const author = await peers.join(first.relay.httpUrl)
      const id = await publish(author, 'hello')
      const bytes = await author.tabland.objects.get(id)
      await author.stop()
      const file = join(folder, 'deny.txt')
      await writeFile(file, `${id} # of May\n`)
      const { relay } = await startRelay(['--deny', file])
      expect(await offer(relay, id, bytes)).toBe(false)
      expect(await read(relay, id)).toBe('lacks')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('[RE7] within its bounds: the one used the longest ago makes room; with 0 it keeps none', async () => {
    const { relay } = await startRelay(['--objects', '6000'])
    const author = await peers.join(relay.httpUrl)
    const ids: string[] = []
    for (let i = 0; i < 8; i++) ids.push(await publish(author, `text ${i}`))
    const { bytes } = relay.stats().records!.objects!
    expect(bytes).toBeGreaterThan(1_000)
    expect(bytes).toBeLessThanOrEqual(6_000)
    await author.stop()
    expect(await read(relay, ids[0]!)).toBe('lacks')
    expect(await read(relay, ids[7]!)).not.toBe('lacks')

    const { relay: none } = await startRelay(['--objects', '0'])
    expect(none.stats().records?.objects).toBeUndefined()
  })
})
