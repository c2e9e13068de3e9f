import { describe, expect, it } from 'vitest'
import type { Identity } from '#core/identity.ts'
import { encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { splitObject } from '#objects/object-blocks.ts'
import { decodeEntry, readEntries } from '#objects/object-entry.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import { toObjectTime } from '#objects/object-time.ts'
import { createContent, createDesc } from '#objects/object-type.ts'
import { textType } from '#objects/types/core.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { bytesAndId, openTestObjects, signNote, type TestObjects } from '#test/fakes/object-peers.ts'

const me: Identity = await fakeIdentity(1)
const stranger: Identity = await fakeIdentity(2)
const DAY_S = 86_400

/** A store that holds my note of `after` 1,000. */
async function withNote(): Promise<TestObjects> {
  const objects = openTestObjects()
  await objects.store.put(encodeObject(await signNote(me, { value: 'second', after: 1_000 })))
  return objects
}

async function refusal(objects: TestObjects, object: NamedObject | Uint8Array, requested?: NamedObject) {
  const before = await objects.dump()
  const bytes = object instanceof Uint8Array ? object : encodeObject(object)
  const options = requested === undefined ? {} : { requested: objectIdOf(requested) }
  const error = await objects.store.put(bytes, options).then(
    () => expect.unreachable('it was taken'),
    (refused: { code: string }) => refused,
  )
  expect(await objects.dump()).toEqual(before)
  return error.code
}

describe('[OB10] [OB11] the store of objects', () => {
  it('ties an id to its desc and the newest verified body, as raw blocks, and gives the same bytes back', async () => {
    const { store, blocks } = openTestObjects()
    const note = await signNote(me)
    const { bytes, id } = bytesAndId(note)
    expect(await store.put(bytes)).toMatchObject({ status: 'new', isCut: false })
    expect((await store.get(id))?.bytes).toEqual(bytes)
    const { desc, body } = splitObject(note)
    expect([blocks.has(desc.cid), blocks.has(body!.cid)]).toEqual([true, true])
    expect(desc.cid).toMatchObject({ version: 1, code: 0x55 })
    expect(await store.put(bytes)).toMatchObject({ status: 'have' })
  })

  it('takes a newer body, refuses an older one and another of the same time, and changes nothing then', async () => {
    const objects = await withNote()
    expect(await refusal(objects, await signNote(me, { value: 'first', after: 0 }))).toBe('OBJECT_OLD_BODY')
    expect(await refusal(objects, await signNote(me, { value: 'other', after: 1_000 }))).toBe(
      'OBJECT_OLD_BODY',
    )
    const third = await signNote(me, { value: 'third', after: 2_000 })
    expect(await objects.store.put(encodeObject(third))).toMatchObject({ status: 'newer' })
    expect((await objects.store.get(objectIdOf(third)))?.object.body).toEqual(third.body)
  })

  it('refuses a body that a stranger signed, an expired delegation and one for another scope', async () => {
    const objects = await withNote()
    const strangers = await signNote(stranger, { owner: me, after: 5_000 })
    expect(await refusal(objects, strangers)).toBe('OBJECT_STRANGER')
    const seconds = TEST_NOW / 1_000
    const expired = await fakeIdentity(1, {
      change: { notBefore: seconds - 9 * DAY_S, notAfter: seconds - DAY_S },
    })
    expect(await refusal(objects, await signNote(expired, { after: 5_000 }))).toBe('DELEGATION_EXPIRED')
    const linksOnly = await fakeIdentity(1, { change: { scope: ['links'] } })
    expect(await refusal(objects, await signNote(linksOnly, { after: 5_000 }))).toBe('DELEGATION_SCOPE')
  })

  it('refuses a desc with another hash than the id that was asked for, and a flipped bit anywhere', async () => {
    const objects = await withNote()
    const asked = await signNote(me, { id: 'asked' })
    expect(await refusal(objects, await signNote(me, { id: 'given', after: 9 }), asked)).toBe(
      'OBJECT_WRONG_ID',
    )
    const { bytes } = bytesAndId(asked)
    for (let at = 0; at < bytes.length; at += 7) {
      const flipped = bytes.slice()
      flipped[at]! ^= 1 << (at % 8)
      await refusal(objects, flipped, asked)
    }
  })

  it('refuses a body of tomorrow, which would lock every later one out', async () => {
    const objects = await withNote()
    expect(await refusal(objects, await signNote(me, { after: 2 * DAY_S * 1_000 }))).toBe('OBJECT_EARLY')
  })

  it('leaves out a body that nobody signed, and puts the owner’s in its place when that comes', async () => {
    const { store } = openTestObjects()
    const signed = await signNote(me)
    const { bytes, id } = bytesAndId({ ...signed, bodySigns: [] })
    expect(await store.put(bytes, { requested: id })).toMatchObject({ status: 'new', isCut: true })
    expect((await store.get(id))?.object.body).toBeUndefined()
    expect(await store.put(encodeObject(signed))).toMatchObject({ status: 'newer' })
    expect(await store.put(bytes, { requested: id })).toMatchObject({ status: 'have' })
    expect((await store.get(id))?.object.body).toEqual(signed.body)
  })

  it('keeps the first body of an object that has no owner: no other takes its place', async () => {
    const { store } = openTestObjects()
    const of = (value: string, ms: number): NamedObject => ({
      desc: createDesc(textType, { id: 'anybody’s', header: '' }),
      body: { updated: toObjectTime(TEST_NOW + ms), content: createContent(textType, 'body', { value }) },
      descSigns: [],
      bodySigns: [],
    })
    const first = of('first', 0)
    await store.put(encodeObject(first))
    expect(await store.put(encodeObject(of('later', 10)))).toMatchObject({ status: 'have' })
    expect((await store.get(objectIdOf(first)))?.object).toEqual(first)
    expect(await store.trust(first)).toEqual({ level: 'id' })
  })

  it('remembers the newest body of what it let go', async () => {
    const objects = openTestObjects({ maxObjects: 2 })
    const { store, released } = objects
    await store.put(encodeObject(await signNote(me, { value: 'new', after: 9 })))
    const first = await signNote(me, { value: 'old', after: 1 })
    const mine = await signNote(me, { id: 'mine' })
    await store.put(encodeObject(mine), { own: true })
    for (let i = 0; i < 64; i++) await store.put(encodeObject(await signNote(stranger, { id: `${i}` })))
    expect(released).toContain(formatObjectId(objectIdOf(first)))
    expect(await store.get(objectIdOf(first))).toBeUndefined()
    expect(await store.get(objectIdOf(mine))).toBeDefined()
    expect(await refusal(objects, first)).toBe('OBJECT_OLD_BODY')
    const bodiless = { ...first, body: undefined, bodySigns: [] }
    expect(await refusal(objects, bodiless)).toBe('OBJECT_OLD_BODY')
  })

  it('lets go of what was not read for the longest time, and says of what lost its blocks that it is not held', async () => {
    let now = TEST_NOW
    const { store, blocks, released } = openTestObjects({ maxObjects: 64, now: () => now })
    const notes = await Promise.all(['read', 'unread'].map((id) => signNote(me, { id })))
    const [read, unread] = notes.map(objectIdOf) as [ObjectId, ObjectId]
    for (const note of notes) await store.put(encodeObject(note))
    now += 2 * 3_600_000
    await store.get(read)
    now += 1
    for (let i = 0; i < 64; i++) await store.put(encodeObject(await signNote(me, { id: `${i}` })))
    expect(released).toEqual([formatObjectId(unread)])

    const kept = objectIdOf(await signNote(me, { id: '63' }))
    expect((await store.head(kept))?.held).toBe(true)
    for await (const { cid } of blocks.getAll()) blocks.delete(cid)
    expect(await store.head(kept)).toMatchObject({ held: false, seen: {} })
  })

  it('rebuilds the index from the blocks, with the newest body of each object', async () => {
    const { store, blocks } = await withNote()
    const newest = await signNote(me, { value: 'third', after: 2_000 })
    await store.put(encodeObject(newest))
    const again = openTestObjects({ blocks })
    await again.store.start()
    expect((await again.store.get(objectIdOf(newest)))?.bytes).toEqual(encodeObject(newest))
    expect((await again.store.own()).map(({ id }) => formatObjectId(id))).toEqual([
      formatObjectId(objectIdOf(newest)),
    ])
  })

  it('is shared by the tabs of a profile: what one takes, the other has, and refuses older ones', async () => {
    const first = await withNote()
    const second = openTestObjects({ records: first.records, blocks: first.blocks })
    const note = await signNote(me, { after: 1_000, value: 'second' })
    expect((await second.store.get(objectIdOf(note)))?.bytes).toEqual(encodeObject(note))
    expect(await refusal(second, await signNote(me, { after: 10 }))).toBe('OBJECT_OLD_BODY')
    await Promise.all(
      [first, second, first, second].map(async ({ store }, i) =>
        store.put(encodeObject(await signNote(me, { after: 5_000 + i, value: `${i}` }))).catch(() => {}),
      ),
    )
    expect((await first.store.get(objectIdOf(note)))?.object.body?.updated).toBe(
      (await signNote(me, { after: 5_003 })).body?.updated,
    )
  })

  it('takes a damaged entry of the index for none', async () => {
    const records = createMemoryRecordStore()
    await records.put([
      { key: 'object/x', value: Uint8Array.of(1) },
      { key: `object/${'2'.repeat(44)}`, value: Uint8Array.of(1, 2, 3) },
    ])
    for await (const entry of readEntries(records)) expect.unreachable(String(entry))
    expect(decodeEntry(objectIdOf(await signNote(me)), new Uint8Array(200))).toBeUndefined()
  })
})
