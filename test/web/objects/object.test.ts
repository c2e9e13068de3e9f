import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalBytes, fromHex, toHex, utf8 } from '#core/bytes.ts'
import { bodyHash } from '#objects/body.ts'
import { decodeContent } from '#objects/content/content.ts'
import { decodeDesc, encodeDesc, objectIdOfDesc } from '#objects/desc.ts'
import { decodeObject, encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { chunkId, formatObjectId, type ObjectId } from '#objects/object-id.ts'
import { objectFromJson, objectToJson } from '#objects/object-json.ts'
import { createDesc, readContent } from '#objects/object-type.ts'
import { OBJECT_TYPES } from '#objects/object-types.ts'
import { decAppType, textType } from '#objects/types/core.ts'
import { deviceType } from '#objects/types/device.ts'
import { dirType } from '#objects/types/dir.ts'
import { groupType } from '#objects/types/group.ts'
import { peopleType } from '#objects/types/people.ts'
import { ANY_CONTENT } from '#test/fakes/object-contents.ts'
import { anyObject } from '#test/fakes/objects.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/objects/cyfs-object-ids.json', import.meta.url), 'utf8'),
) as {
  whole_object: { object_hex: string; object_id: string; desc_end: number }
  same_id_other_body: { object_hex: readonly string[] }
}
const whole = fromHex(vectors.whole_object.object_hex)

describe('objects of others', () => {
  it('[OB6] [OB7] reads a whole object, gives its id, and writes the same bytes', () => {
    const object = decodeObject(whole)
    expect(formatObjectId(objectIdOf(object))).toBe(vectors.whole_object.object_id)
    expect(encodeDesc(object.desc).length).toBe(vectors.whole_object.desc_end)
    expect(toHex(encodeObject(object))).toBe(vectors.whole_object.object_hex)
    expect(readContent(peopleType, 'body', object.body!.content)).toMatchObject({
      name: `people-${vectors.whole_object.object_id}`,
      oodWorkMode: 'standalone',
    })
  })

  it('[OB6] two bodies of one desc have one id', () => {
    const objects = vectors.same_id_other_body.object_hex.map((hex) => decodeObject(fromHex(hex)))
    expect(new Set(objects.map((object) => formatObjectId(objectIdOf(object)))).size).toBe(1)
    expect(equalBytes(bodyHash(objects[0]!.body!), bodyHash(objects[1]!.body!))).toBe(false)
    objects.forEach((object, i) => {
      expect(toHex(encodeObject(object))).toBe(vectors.same_id_other_body.object_hex[i])
    })
  })

  it('[OB9] reads Devices with their endpoints, and writes the same bytes', () => {
    const { object_hex } = JSON.parse(
      readFileSync(new URL('../../vectors/objects/cyfs-devices.json', import.meta.url), 'utf8'),
    ) as { object_hex: readonly string[] }
    const devices = object_hex.map((hex) => decodeObject(fromHex(hex)))
    expect(devices.map((device) => toHex(encodeObject(device)))).toEqual(object_hex)
    const bodies = devices.map(({ body }) => readContent(deviceType, 'body', body!.content))
    expect(bodies.map(({ endpoints }) => endpoints.length)).toEqual([1, 4])
    expect(bodies[1]!.name).toBe('0-Runtime')
  })

  it('[OB12] a Dir has one id, its list in the desc or in a chunk: the one that CYFS published', () => {
    const node = { kind: 'object', value: new Uint8Array(32) as ObjectId } as const
    const entries = { paths: new Map([['path1', { attributes: 0, node }]]) }
    const inDesc = createDesc(dirType, { attributes: 0xffff, list: { kind: 'entries', value: entries } })
    const chunk = inDesc.content.bytes.subarray(5)
    const inChunk = createDesc(dirType, {
      attributes: 0xffff,
      list: { kind: 'chunk', value: chunkId(chunk) },
    })
    // buckyos/CYFS src/component/cyfs-base/src/objects/dir.rs, its test of a Dir
    const published = '7jMmeXZpjj4YRfshnxsTqyDbqyo9zDoDA5phG9AXDC7X'
    expect([inDesc, inChunk].map((desc) => formatObjectId(objectIdOfDesc(desc)))).toEqual([
      published,
      published,
    ])
  })
})

describe('every type', () => {
  it('has contents to be tested with', () => {
    expect(Object.keys(ANY_CONTENT).sort()).toEqual(OBJECT_TYPES.map(({ name }) => name).sort())
  })

  it.each(OBJECT_TYPES.map(({ name }) => name))(
    '[OB8] [OB9] %s reads what it writes, in every format',
    (name) => {
      fc.assert(
        fc.property(anyObject(name), (object) => {
          const bytes = encodeObject(object)
          const back = decodeObject(bytes)
          expect(back).toEqual(object)
          expect(equalBytes(encodeObject(back), bytes)).toBe(true)
          expect(objectIdOfDesc(decodeDesc(encodeDesc(object.desc)))).toEqual(objectIdOf(object))
        }),
        { numRuns: 60 },
      )
    },
  )

  it.each(OBJECT_TYPES.map(({ name }) => name))('[OB8] %s has a JSON form that says all of it', (name) => {
    fc.assert(
      fc.property(anyObject(name), (object) => {
        const json = JSON.parse(JSON.stringify(objectToJson(object)))
        expect(equalBytes(encodeObject(objectFromJson(json)), encodeObject(object))).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it.each(OBJECT_TYPES.map(({ name }) => name))(
    '[OB5] %s has one encoding: other bytes are another object',
    (name) => {
      const sample = anyObject(name)
      fc.assert(
        fc.property(sample, fc.nat(), fc.integer({ min: 1, max: 255 }), (object, place, change) => {
          const bytes = encodeObject(object)
          bytes[place % bytes.length]! ^= change
          try {
            expect(equalBytes(encodeObject(decodeObject(bytes)), bytes)).toBe(true)
          } catch (error) {
            expect(error).toMatchObject({ code: 'OBJECT_INVALID' })
          }
        }),
        { numRuns: 150 },
      )
    },
  )
})

describe('objects of no known type', () => {
  it.each([17, 301, 32_767, 32_768, 40_000, 65_535, 4, 16, 14])(
    '[OB9] type %i is kept byte for byte',
    (type) => {
      const object: NamedObject = {
        desc: { type, content: { version: 7, format: 200, bytes: utf8('whatever it is') } },
        body: { updated: 5n, content: { version: 1, format: 9, bytes: utf8('more') } },
        descSigns: [],
        bodySigns: [],
      }
      const bytes = encodeObject(object)
      expect(decodeObject(bytes)).toEqual(object)
      const json = JSON.parse(JSON.stringify(objectToJson(object)))
      expect(json.type).toBe(type === 14 ? 'ObjectMap' : `type ${type}`)
      expect(equalBytes(encodeObject(objectFromJson(json)), bytes)).toBe(true)
    },
  )

  it('[OB9] a later version of a known type is kept, not judged', () => {
    const desc = { ...createDesc(textType, { id: 'a', header: 'b' }) }
    const later = { ...desc, content: { ...desc.content, version: 1, bytes: utf8('later') } }
    const bytes = encodeObject({ desc: later, descSigns: [], bodySigns: [] })
    expect(decodeObject(bytes).desc).toEqual(later)
  })

  it('[OB3] a chunk is bytes, not an object', () => {
    const desc = { type: 7, content: { version: 0, format: 0, bytes: utf8('') } }
    expect(() => decodeObject(encodeObject({ desc, descSigns: [], bodySigns: [] }))).toThrow('got a Chunk')
  })
})

const text = createDesc(textType, { id: 'id', header: 'head' })
const textBytes = encodeObject({ desc: text, descSigns: [], bodySigns: [] })
const withProtobuf = (hex: string) => ({ ...text, content: { ...text.content, bytes: fromHex(hex) } })
const encoded = (desc: typeof text) => encodeObject({ desc, descSigns: [], bodySigns: [] })

describe('[OB5] decoders refuse', () => {
  it.each([
    ['nothing', () => new Uint8Array(), 'object.type at offset 0: expected 2 bytes, got 0 bytes'],
    [
      'an object cut short',
      () => textBytes.slice(0, -1),
      'object.desc.content at offset 8: expected 10 bytes, got 9 bytes',
    ],
    [
      'more bytes behind it',
      () => Uint8Array.of(...textBytes, 0),
      'object.end at offset 18: expected the end, got 1 more bytes',
    ],
    [
      'an encrypted one',
      () => Uint8Array.of(0, 41, 0, 1),
      'object.flags at offset 2: expected a readable one',
    ],
    [
      'an unknown field',
      () => encoded(withProtobuf('1a0161')),
      'object.desc.content.field 3 at offset 8: expected the fields 1, 2, got it',
    ],
    [
      'fields out of order',
      () => encoded(withProtobuf('1201620a0161')),
      'object.desc.content.id at offset 11: expected it before field 2',
    ],
    [
      'a field twice',
      () => encoded(withProtobuf('0a01610a0162')),
      'object.desc.content.id at offset 12: expected it once, got it twice',
    ],
    [
      'a default written out',
      () => encoded(withProtobuf('0a00')),
      'object.desc.content.id at offset 9: expected nothing, as proto3 leaves it out, got its default',
    ],
    [
      'a long varint',
      () => encoded(withProtobuf('0a810061')),
      'object.desc.content.id at offset 9: expected the shortest number, got 1 in 2 bytes',
    ],
    [
      'a length of more than 32 bits',
      () => encoded(withProtobuf('0a8180808010')),
      'object.desc.content.id at offset 9: expected the shortest number',
    ],
    [
      'a wrong wire type',
      () => encoded(withProtobuf('0801')),
      'object.desc.content.id at offset 9: expected wire type LengthDelimited, got wire type Varint',
    ],
    [
      'text that is no UTF-8',
      () => encoded(withProtobuf('0a02c328')),
      'object.desc.content.id at offset 9: expected valid proto3',
    ],
    [
      'JSON with white space',
      () => encoded({ ...text, content: { version: 0, format: 2, bytes: utf8('{"id":"a", "header":"b"}') } }),
      'object.desc.content at offset 18: expected byte 34, as the one JSON encoding',
    ],
    [
      'JSON with another property',
      () =>
        encoded({
          ...text,
          content: { version: 0, format: 2, bytes: utf8('{"id":"a","header":"b","x":1}') },
        }),
      'object.desc.content.x: expected one of id, header',
    ],
    [
      'a Device without a key',
      () =>
        encodeObject({
          desc: { type: 1, content: { version: 0, format: 0, bytes: new Uint8Array(16) } },
          descSigns: [],
          bodySigns: [],
        }),
      'desc.publicKey: expected the key of this Device, got nothing',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeObject(bytes())).toThrow(expect.objectContaining({ code: 'OBJECT_INVALID' }))
    expect(() => decodeObject(bytes())).toThrow(message)
  })

  it('an entry of a map behind a tag of another kind', () => {
    const entry = '060a0161120162'
    expect(decodeContent(decAppType.body, 'protobuf', fromHex(`12${entry}`)).sourceDesc.get('a')).toBe('b')
    expect(() => decodeContent(decAppType.body, 'protobuf', fromHex(`11${entry}`))).toThrow(
      'content.sourceDesc at offset 1: expected wire type LengthDelimited, got wire type Bit64',
    )
  })

  it('a number of more than 64 bits, deep inside', () => {
    // a simple group without a name, members or OODs, its version a varint whose tenth byte is 0x41
    const body = fromHex('000a0b38b2879a8a9ab5b79f9d41')
    expect(() => decodeContent(groupType.body, 'raw', body)).toThrow(
      'content.group.simple.common.version at offset 4: expected the shortest number',
    )
    body[13] = 1
    expect(decodeContent(groupType.body, 'raw', body).group.kind).toBe('simple')
  })

  it('an object that no block holds, before it is read', () => {
    expect(() => decodeObject(new Uint8Array(2 * 1024 * 1024 + 1))).toThrow('expected at most 2097152')
  })
})

describe('[OB8] JSON forms are refused', () => {
  const json = JSON.parse(JSON.stringify(objectToJson(decodeObject(whole))))
  it.each([
    ['of another id', { ...json, id: formatObjectId(objectIdOfDesc(text)) }, 'object.id: expected "5r4M'],
    ['with a property that nobody knows', { ...json, extra: 1 }, 'object.extra'],
    ['without a desc', { ...json, desc: undefined }, 'object.desc: expected an object, got nothing'],
    [
      'with an id that is none',
      { ...json, desc: { ...json.desc, owner: 'ab' } },
      'object.desc.owner: expected an id',
    ],
    [
      'with a number that is none',
      { ...json, desc: { ...json.desc, created: '1e3' } },
      'object.desc.created: expected a whole number',
    ],
    [
      'with a number that is too wide',
      { ...json, desc: { ...json.desc, created: String(2n ** 64n) } },
      'object.desc.created: expected 0 to 18446744073709551615',
    ],
    [
      'with bytes that are none',
      { ...json, desc: { ...json.desc, createdAfter: 'xy' } },
      'object.desc.createdAfter: expected lower-case hexadecimal',
    ],
    [
      'with a source of a signature that is none',
      { ...json, descSigns: [{ ...json.descSigns[0], source: { moon: 1 } }] },
      'object.descSigns[0].source.moon',
    ],
    [
      'with a key of an algorithm that is none',
      { ...json, desc: { ...json.desc, publicKey: { algorithm: 'moon', key: '00' } } },
      'publicKey.algorithm: expected rsa1024',
    ],
    ['as a list', [], 'object: expected an object'],
  ])('%s', (_, form, message) => {
    expect(() => objectFromJson(form)).toThrow(expect.objectContaining({ code: 'OBJECT_INVALID' }))
    expect(() => objectFromJson(form)).toThrow(message)
  })
})
