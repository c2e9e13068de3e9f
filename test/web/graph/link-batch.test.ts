import { describe, expect, it } from 'vitest'
import type { Bytes } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { MAX_CLOCK_SKEW_MS, MAX_GOSSIP_BYTES } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { NO_PREVIOUS, type ReadLinkBatch, readLinkBatch, verifyLinkBatch } from '#graph/link-batch.ts'
import { decodeObject, encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { ID_HEAD_BYTES } from '#objects/object-id.ts'
import { toObjectTime } from '#objects/object-time.ts'
import { createDesc, readContent } from '#objects/object-type.ts'
import { deviceSigner, signObject } from '#objects/sign-object.ts'
import { ownerOf, recordId } from '#objects/signed-record.ts'
import { type LinkBatchDesc, linkBatchType } from '#objects/types/link-batch.ts'
import { earlierRecords } from '#test/fakes/earlier-records.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, digestOf, link, linkVerifier } from '#test/fakes/links.ts'

/** Thousands of signatures, on a machine that may be busy with other tests. */
const EVERY_BIT_MS = 120_000
const REFUSALS = /^LINKS_(INVALID|SELF|MACHINE|TIME|NOT_AUTHORISED|FORGED)$/

const identity = await fakeIdentity(1)
const batch = await createFeed(identity).next([link('moon', 'night'), link('moon', 'sea')])
const object = decodeObject(batch.envelope)
const time = toObjectTime(TEST_NOW)

async function codeOf(envelope: Bytes, verifier = linkVerifier()): Promise<string> {
  try {
    await verifyLinkBatch(readLinkBatch(envelope), verifier)
    return 'accepted'
  } catch (error) {
    return (error as { code: string }).code
  }
}

/** The batch with some of its object changed and signed again, so that only the changed rule can refuse it. */
async function resign(
  change: Partial<NamedObject>,
  { by = identity, signedAt = time, parts = ['desc'] as ('desc' | 'body')[] } = {},
): Promise<Bytes> {
  const unsigned = { ...object, descSigns: [], ...change }
  return encodeObject(await signObject(unsigned, deviceSigner(by), { signedAt, parts }))
}

function descWith(change: Partial<LinkBatchDesc>, header = { owner: ownerOf(identity), created: time }) {
  const content = readContent(linkBatchType, 'desc', object.desc.content)
  return createDesc(linkBatchType, { ...content, ...change }, header)
}

/** The delegation's own bits are flipped in delegation.test.ts: here one in eight of them, and all of the others. */
async function everyBit(envelope: Bytes): Promise<void> {
  const verifier = linkVerifier()
  const start = 8 * Buffer.from(envelope).indexOf(identity.delegation)
  const end = start + 8 * identity.delegation.length
  expect(start).toBeGreaterThan(0)
  for (let bit = 0; bit < envelope.length * 8; bit += bit >= start && bit < end ? 8 : 1) {
    const bad = envelope.slice()
    bad[bit >> 3]! ^= 1 << (bit & 7)
    expect(await codeOf(bad, verifier), `bit ${bit}`).toMatch(REFUSALS)
  }
}

describe('[KG1] link batches', () => {
  it('[KG1] [OB6] are objects whose desc says it all, owned by the wallet and signed by its device', () => {
    expect(object.body).toBeUndefined()
    expect(object.bodySigns).toEqual([])
    expect(object.descSigns).toMatchObject([
      { source: { kind: 'delegated', delegation: identity.delegation }, signedAt: time },
    ])
    expect(object.desc).toMatchObject({ type: linkBatchType.type, owner: ownerOf(identity), created: time })
    expect(readContent(linkBatchType, 'desc', object.desc.content)).toEqual({
      machine: machineOf('test'),
      device: identity.device.publicKey,
      seq: 0,
      links: Uint8Array.of(...['moon', 'night', 'moon', 'sea'].flatMap((word) => [...digestOf(word)])),
    })
    expect(recordId(batch.proof)).toEqual(objectIdOf(object))
    expect(objectIdOf(object).slice(ID_HEAD_BYTES)).toEqual(batch.hash.slice(ID_HEAD_BYTES))
  })

  it('[KG1] a good one is accepted', async () => {
    expect(await codeOf(batch.envelope)).toBe('accepted')
    expect(readLinkBatch(batch.envelope)).toEqual(batch)
    expect(batch).toMatchObject({ neuron: identity.neuron, device: identity.device.publicKey, seq: 0 })
    expect(batch).toMatchObject({ prev: NO_PREVIOUS, timeUs: TEST_NOW * 1_000 })
  })

  it('[KG1] every flipped bit is refused', { timeout: EVERY_BIT_MS }, async () => {
    await everyBit(batch.envelope)
  })

  it('[KG1] what is too short, too long or of another kind is refused', async () => {
    for (let length = 0; length < batch.envelope.length; length += 7) {
      expect(await codeOf(batch.envelope.slice(0, length))).toBe('LINKS_INVALID')
    }
    expect(await codeOf(new Uint8Array([...batch.envelope, 0]))).toBe('LINKS_INVALID')
    expect(await codeOf(new Uint8Array(10 * 1024 * 1024))).toBe('LINKS_INVALID')
  })

  it('[KG1] 1 to 256 links', async () => {
    const links = Array.from({ length: 257 }, (_, i) => link('moon', `night ${i}`))
    const full = await createFeed(identity).next(links.slice(0, 256))
    expect(full.envelope.length).toBeLessThan(MAX_GOSSIP_BYTES / 2)
    expect(await codeOf(full.envelope)).toBe('accepted')
    await expect(createFeed(identity).next(links)).rejects.toMatchObject({ code: 'LINKS_INVALID' })
    await expect(createFeed(identity).next([])).rejects.toMatchObject({ code: 'LINKS_INVALID' })
  })

  it('[KG1] both ends differ', async () => {
    await expect(createFeed(identity).next([link('moon', 'moon')])).rejects.toMatchObject({
      code: 'LINKS_SELF',
      message: 'Both ends of a link are the same. Choose two different ones.',
      details: { index: 0, end: textCid('moon') },
    })
    const links = [link('moon', 'night'), link('moon', 'moon'), link('sun', 'day')]
    await expect(createFeed(identity).next(links)).rejects.toMatchObject({
      code: 'LINKS_SELF',
      message: 'Both ends of link 2 of 3 are the same. Choose two different ones.',
      details: { index: 1, end: textCid('moon') },
    })
  })

  it('[KG1] another machine', async () => {
    const other = await createFeed(identity).next([link('a', 'b')], { machine: machineOf('main') })
    expect(await codeOf(other.envelope)).toBe('LINKS_MACHINE')
  })

  it('[KG1] time: not from the future, within the delegation, and one time only', async () => {
    const at = async (timeMs: number): Promise<string> =>
      codeOf((await createFeed(identity).next([link('a', 'b')], { timeUs: timeMs * 1_000 })).envelope)
    expect(await at(TEST_NOW + MAX_CLOCK_SKEW_MS)).toBe('accepted')
    expect(await at(TEST_NOW + MAX_CLOCK_SKEW_MS + 1)).toBe('LINKS_TIME')
    expect(await at(TEST_NOW - 2 * 86_400_000)).toBe('LINKS_NOT_AUTHORISED')
    expect(await codeOf(await resign({}))).toBe('accepted')
    expect(await codeOf(await resign({}, { signedAt: time - 1n }))).toBe('LINKS_INVALID')
    const timeless = createDesc(linkBatchType, readContent(linkBatchType, 'desc', object.desc.content), {
      owner: ownerOf(identity),
    })
    expect(await codeOf(await resign({ desc: timeless }))).toBe('LINKS_INVALID')
    const early = descWith({}, { owner: ownerOf(identity), created: 0n })
    expect(await codeOf(await resign({ desc: early }, { signedAt: 0n }))).toBe('LINKS_INVALID')
  })

  it('[KG1] a device that the neuron did not authorise, or not for links', async () => {
    const thief = await fakeIdentity(2)
    const device = thief.device.publicKey
    expect(await codeOf(await resign({ desc: descWith({ device }) }, { by: thief }))).toBe(
      'LINKS_NOT_AUTHORISED',
    )
    for (const scope of ['placements', 'objects'] as const) {
      const other = await fakeIdentity(3, { change: { scope: [scope] } })
      expect(await codeOf((await createFeed(other).next([link('a', 'b')])).envelope)).toBe(
        'LINKS_NOT_AUTHORISED',
      )
    }
  })

  it('[KG1] a feed is its device’s alone: another one of the wallet cannot write in it', async () => {
    const second = await fakeIdentity(7, { wallet: 1 })
    expect(ownerOf(second)).toEqual(ownerOf(identity))
    expect(await codeOf(await resign({}, { by: second }))).toBe('LINKS_INVALID')
  })

  it('[KG1] signed by another key', async () => {
    const other = await fakeIdentity(4)
    const bad = await resign({}, { by: { ...identity, device: other.device } })
    expect(await codeOf(bad)).toBe('LINKS_FORGED')
  })

  it('[KG1] signed once, in its desc', async () => {
    const [sign] = object.descSigns
    expect(await codeOf(encodeObject({ ...object, descSigns: [] }))).toBe('LINKS_INVALID')
    expect(await codeOf(encodeObject({ ...object, descSigns: [sign!, sign!] }))).toBe('LINKS_INVALID')
    expect(await codeOf(encodeObject({ ...object, bodySigns: [sign!] }))).toBe('LINKS_INVALID')
    const byKey = { ...sign!, source: { kind: 'ref', ref: 255 } as const }
    expect(await codeOf(encodeObject({ ...object, descSigns: [byKey] }))).toBe('LINKS_INVALID')
  })

  it('[OB5] nothing but what a batch needs: no other field, format or number, and 18 KiB at most', async () => {
    const content = readContent(linkBatchType, 'desc', object.desc.content)
    const header = { owner: ownerOf(identity), created: time }
    expect(await codeOf(encodeObject({ ...object, nonce: 1n }))).toBe('LINKS_INVALID')
    for (const extra of [{ extension: new Uint8Array(60_000) }, { expires: time }, { references: [] }]) {
      const desc = createDesc(linkBatchType, content, { ...header, ...extra })
      expect(await codeOf(await resign({ desc })), Object.keys(extra)[0]!).toBe('LINKS_INVALID')
    }
    const json = createDesc(linkBatchType, content, header, 'json')
    expect(await codeOf(await resign({ desc: json }))).toBe('LINKS_INVALID')
  })

  it('[KG1] the first batch names none before it, and every other one does', async () => {
    await expect(
      createFeed(identity).next([link('a', 'b')], { prev: new Uint8Array(32).fill(1) }),
    ).rejects.toMatchObject({ code: 'LINKS_INVALID' })
    await expect(createFeed(identity).next([link('a', 'b')], { seq: 1 })).rejects.toMatchObject({
      code: 'LINKS_INVALID',
    })
  })
})

describe('[KG1] link batches of before they were objects', () => {
  const [first, second] = earlierRecords().links.map(({ envelope }) => envelope) as [Bytes, Bytes, Bytes]

  it('[KG1] count as they did, with the same hash', async () => {
    for (const { envelope, hash } of earlierRecords().links) {
      expect(await codeOf(envelope)).toBe('accepted')
      expect(readLinkBatch(envelope).hash).toEqual(hash)
    }
    const read: ReadLinkBatch = readLinkBatch(first)
    expect(read).toMatchObject({ neuron: identity.neuron, device: identity.device.publicKey, seq: 0 })
    expect(read.ends).toEqual(batch.ends)
    expect(recordId(read.proof)).toBeUndefined()
    expect(readLinkBatch(second)).toMatchObject({ seq: 1, prev: read.hash })
  })

  it('[KG1] are followed by objects in their feed', async () => {
    const next = await createFeed(identity).next([link('a', 'b')], {
      seq: 3,
      prev: readLinkBatch(earlierRecords().links[2]!.envelope).hash,
    })
    expect(await codeOf(next.envelope)).toBe('accepted')
  })

  it('[KG1] every flipped bit is refused', { timeout: EVERY_BIT_MS }, async () => {
    await everyBit(first)
  })

  it('[KG1] what is too short or too long is refused', async () => {
    for (let length = 0; length < first.length; length += 7) {
      expect(await codeOf(first.slice(0, length))).toBe('LINKS_INVALID')
    }
    expect(await codeOf(new Uint8Array([...first, 0]))).toBe('LINKS_INVALID')
  })
})
