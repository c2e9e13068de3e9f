import { describe, expect, it } from 'vitest'
import { withRecords } from '#api/record-objects.ts'
import { toHex } from '#core/bytes.ts'
import { machineOf } from '#core/machine.ts'
import { readLinkBatch } from '#graph/link-batch.ts'
import { decodeObject, encodeObject, objectIdOf } from '#objects/object.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import { signPlacement } from '#objects/placement.ts'
import { earlierRecords } from '#test/fakes/earlier-records.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, digestOf, link } from '#test/fakes/links.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { bytesAndId, openTestObjects, signNote } from '#test/fakes/object-peers.ts'
import { createFakePeer } from '#test/fakes/records.ts'

const identity = await fakeIdentity(1)
const feed = createFeed(identity)
const batches = [await feed.next([link('moon', 'sea')]), await feed.next([link('sea', 'salt')])] as const
const placement = await signPlacement(
  {
    machine: machineOf('test'),
    parcel: 7,
    root: digestOf('fox'),
    pose: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
    timeUs: TEST_NOW * 1_000,
    sequence: 0,
  },
  identity,
)
const idOf = (bytes: Uint8Array): ObjectId => objectIdOf(decodeObject(bytes))

async function createStore() {
  const peer = await createFakePeer({ id: 'a', network: createFakeNetwork(1n), device: 2 })
  const { store, dump } = openTestObjects()
  return { peer, dump, store: withRecords(store, peer) }
}

describe('links and placements as objects', () => {
  it('[OB11] are found by their ids, and kept once', async () => {
    const { peer, store, dump } = await createStore()
    const empty = await dump()
    await peer.graph.ingest(batches.map(({ envelope }) => envelope))
    await peer.placements.ingest([placement.envelope])
    for (const { envelope } of [...batches, placement]) {
      const id = idOf(envelope)
      expect(await store.get(id)).toEqual({ id, bytes: envelope, object: decodeObject(envelope) })
      expect(await store.head(id)).toMatchObject({ id, held: true, own: false, bytes: envelope.length })
      expect(await store.trust(decodeObject(envelope))).toMatchObject({
        level: 'owner',
        people: identity.neuron,
        device: identity.device.publicKey,
      })
    }
    const { updated } = decodeObject(placement.envelope).body!
    expect(await store.head(placement.id!)).toMatchObject({ seen: { updated, hash: placement.hash } })
    expect(await dump()).toEqual(empty)
  })

  it('[OB11] what is put goes where links and placements go', async () => {
    const { peer, store, dump } = await createStore()
    const empty = await dump()
    for (const { envelope } of [batches[0], placement]) {
      const requested = idOf(envelope)
      expect(await store.put(envelope, { requested })).toMatchObject({ status: 'new', id: requested })
      expect(await store.put(envelope)).toMatchObject({ status: 'have' })
    }
    expect((await peer.graph.search('moon')).total).toBe(1)
    expect((await peer.placements.next(7)).sequence).toBe(1)
    expect(await dump()).toEqual(empty)
  })

  it('[KG1] a batch whose feed is not here is shown, and waits for the ones before it', async () => {
    const { peer, store } = await createStore()
    const { envelope } = batches[1]
    expect(await store.put(envelope)).toMatchObject({ status: 'have', bytes: envelope })
    expect(await store.get(idOf(envelope))).toBeUndefined()
    expect((await peer.graph.search('sea')).total).toBe(0)
  })

  it('[OB10] forged, nobody’s and another one than was asked for: refused and nothing changes', async () => {
    const { peer, store, dump } = await createStore()
    const empty = await dump()
    const object = decodeObject(batches[0].envelope)
    const [sign] = object.descSigns
    const signature = sign!.signature.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
    const forged = encodeObject({ ...object, descSigns: [{ ...sign!, signature }] })
    await expect(store.put(forged)).rejects.toMatchObject({ code: 'OBJECT_FORGED' })
    await expect(store.put(encodeObject({ ...object, descSigns: [] }))).rejects.toMatchObject({
      code: 'OBJECT_STRANGER',
    })
    await expect(
      store.put(batches[0].envelope, { requested: idOf(batches[1].envelope) }),
    ).rejects.toMatchObject({ code: 'OBJECT_WRONG_ID' })
    expect((await peer.graph.search('moon')).total).toBe(0)
    expect(await dump()).toEqual(empty)
  })

  it('others are the store’s, and records of before are none', async () => {
    const { peer, store } = await createStore()
    const { bytes, id } = bytesAndId(await signNote(identity))
    await store.put(bytes, { own: true })
    expect(await store.get(id)).toMatchObject({ bytes })
    expect((await store.own()).map((head) => formatObjectId(head.id))).toEqual([formatObjectId(id)])
    const [earlier] = earlierRecords().links
    await peer.graph.ingest([earlier!.envelope])
    expect(await peer.graph.findObject(id)).toBeUndefined()
    await expect(store.put(earlier!.envelope)).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
    expect(toHex(readLinkBatch(earlier!.envelope).hash)).toBe(toHex(earlier!.hash))
  })
})
