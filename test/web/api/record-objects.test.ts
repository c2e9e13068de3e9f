import { describe, expect, it } from 'vitest'
import { withRecords } from '#api/record-objects.ts'
import { machineOf } from '#core/machine.ts'
import { decodeObject, encodeObject, objectIdOf } from '#objects/object.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import { type NewPlacement, signPlacement } from '#objects/placement.ts'
import { earlierRecords } from '#test/fakes/earlier-records.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, digestOf, link } from '#test/fakes/links.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { bytesAndId, openTestObjects, signNote } from '#test/fakes/object-peers.ts'
import { createFakePeer } from '#test/fakes/records.ts'

const identity = await fakeIdentity(1)
const feed = createFeed(identity)
const batches = [await feed.next([link('moon', 'sea')]), await feed.next([link('sea', 'salt')])] as const
const place = (change: Partial<NewPlacement> = {}, by = identity) =>
  signPlacement(
    {
      machine: machineOf('test'),
      parcel: 7,
      root: digestOf('fox'),
      pose: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
      timeUs: TEST_NOW * 1_000,
      sequence: 0,
      ...change,
    },
    by,
  )
const placement = await place()
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
    expect(await store.put(envelope)).toMatchObject({ status: 'unkept', bytes: envelope })
    expect(await store.get(idOf(envelope))).toBeUndefined()
    expect((await peer.graph.search('sea')).total).toBe(0)
    await expect(store.put(envelope, { own: true })).rejects.toMatchObject({ code: 'LINKS_GAP' })
  })

  it('[OB10] an older body of a placement is refused, and one that another wallet’s replaced is not kept', async () => {
    const { store } = await createStore()
    const later = await place({ timeUs: TEST_NOW * 1_000 + 1, sequence: 1 })
    await store.put(later.envelope)
    await expect(store.put(placement.envelope)).rejects.toMatchObject({ code: 'OBJECT_OLD_BODY' })
    expect(await store.get(placement.id!)).toMatchObject({ bytes: later.envelope })
    const others = await place({ timeUs: TEST_NOW * 1_000 + 2, sequence: 2 }, await fakeIdentity(3))
    await store.put(others.envelope)
    expect(await store.get(placement.id!)).toBeUndefined()
    expect(await store.put(later.envelope)).toMatchObject({ status: 'unkept' })
    await expect(store.put(later.envelope, { own: true })).rejects.toMatchObject({ code: 'PLACEMENT_LOST' })
  })

  it('[OB1] an id with another head is no batch’s, and a record of before has none', async () => {
    const { peer, store } = await createStore()
    await peer.graph.ingest([batches[0].envelope])
    const id = idOf(batches[0].envelope)
    const alias = new Uint8Array(id) as ObjectId
    alias[1]! ^= 1
    expect(await store.get(alias)).toBeUndefined()
    expect(await store.get(id)).toBeDefined()
    const other = await createStore()
    const [earlier] = earlierRecords().links
    await other.peer.graph.ingest([earlier!.envelope])
    const ofHash = new Uint8Array(earlier!.hash) as ObjectId
    ofHash.set(id.subarray(0, 5))
    expect(await other.store.get(ofHash)).toBeUndefined()
  })

  it('[KG1] what the graph refuses is refused', async () => {
    const { store } = await createStore()
    const elsewhere = await createFeed(identity).next([link('a', 'b')], { machine: machineOf('main') })
    await expect(store.put(elsewhere.envelope)).rejects.toMatchObject({ code: 'LINKS_MACHINE' })
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

  it('others are the store’s, and records of before are no objects', async () => {
    const { store } = await createStore()
    const { bytes, id } = bytesAndId(await signNote(identity))
    await store.put(bytes, { own: true })
    expect(await store.get(id)).toMatchObject({ bytes })
    expect((await store.own()).map((head) => formatObjectId(head.id))).toEqual([formatObjectId(id)])
    const [earlier] = earlierRecords().links
    await expect(store.put(earlier!.envelope)).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })
})
