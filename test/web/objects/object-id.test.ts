import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { decodeDesc, encodeDesc, objectIdOfDesc } from '#objects/desc.ts'
import {
  buildObjectId,
  chunkId,
  chunkLength,
  dataObjectId,
  formatObjectId,
  formatObjectIdBase36,
  isChunk,
  objectIdInfo,
  parseObjectId,
  standardTypeName,
  toObjectId,
} from '#objects/object-id.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/objects/cyfs-object-ids.json', import.meta.url), 'utf8'),
) as { desc: readonly { hash_input_hex: string; object_id: string; type: number }[] }

const hash = sha256(utf8('desc'))
const area = { country: 0x155, carrier: 0x9, city: 0x1234, inner: 0xab }
const anyArea = fc.record({
  country: fc.integer({ min: 0, max: 511 }),
  carrier: fc.integer({ min: 0, max: 15 }),
  city: fc.integer({ min: 0, max: 8191 }),
  inner: fc.integer({ min: 0, max: 255 }),
})

describe('object ids', () => {
  it.each(vectors.desc)('[OB1] [OB7] gives the published id $object_id', (vector) => {
    const bytes = fromHex(vector.hash_input_hex)
    const desc = decodeDesc(bytes)
    expect(formatObjectId(objectIdOfDesc(desc))).toBe(vector.object_id)
    expect(toHex(encodeDesc(desc))).toBe(vector.hash_input_hex)
    expect(objectIdInfo(parseObjectId(vector.object_id))).toMatchObject({
      category: 'standard',
      type: vector.type,
    })
  })

  it('[OB1] puts type and area before the hash, most significant bit first', () => {
    const id = buildObjectId({ type: 8, hash, area, owner: true })
    // 01 1000 101010101 1001 1001000110100 10101011
    expect(toHex(id.subarray(0, 5))).toBe('62ab3234ab')
    expect(id.subarray(5)).toEqual(hash.subarray(5))
    expect(objectIdInfo(id)).toEqual({ category: 'standard', type: 8, area })
  })

  it.each([
    [17, undefined, undefined, false, 0b10_0000_00],
    [32_767, 'single', undefined, true, 0b10_0101_00],
    [32_768, 'multi', undefined, false, 0b11_0010_00],
    [65_535, undefined, { country: 0, carrier: 0, city: 0, inner: 0 }, true, 0b11_1001_00],
    // free numbers of the standard range count as core
    [4, undefined, undefined, false, 0b10_0000_00],
  ] as const)('[OB1] marks type %i', (type, key, place, owner, head) => {
    const id = buildObjectId({ type, hash, key, area: place, owner })
    expect([...id.subarray(0, 5)]).toEqual([head, 0, 0, 0, 0])
    const info = objectIdInfo(id)
    expect(info).toEqual({
      category: type < 32_768 ? 'core' : 'decApp',
      singleKey: key === 'single',
      multiKey: key === 'multi',
      owner,
      ...(place === undefined ? {} : { area: place }),
    })
  })

  it('[OB1] gives back every area', () => {
    fc.assert(
      fc.property(anyArea, fc.constantFrom(17, 40_000), (place, type) => {
        expect(objectIdInfo(buildObjectId({ type, hash, area: place, owner: false }))).toMatchObject({
          area: place,
        })
      }),
    )
  })

  it('[OB2] holds up to 31 bytes of data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 31 }), (data) => {
        expect(objectIdInfo(dataObjectId(data))).toEqual({ category: 'data', data: new Uint8Array(data) })
      }),
    )
    expect(() => dataObjectId(new Uint8Array(32))).toThrow('expected at most 31 bytes, got 32 bytes')
  })

  it('[OB2] [OB5] refuses data ids that write their data in another way', () => {
    expect(() => toObjectId(fromHex(`20${'00'.repeat(31)}`))).toThrow('got data of 32 bytes')
    expect(() => toObjectId(fromHex(`0161${'00'.repeat(29)}01`))).toThrow('id at offset 31')
    expect(() => toObjectId(new Uint8Array(31))).toThrow('expected 32 bytes, got 31 bytes')
  })

  it('[OB3] names a chunk by its length, little-endian, and its hash', () => {
    const id = chunkId(utf8('hello'))
    expect(toHex(id)).toBe(`5c05000000${toHex(sha256(utf8('hello'))).slice(0, 54)}`)
    expect(chunkLength(id)).toBe(5)
    expect(isChunk(id, utf8('hello'))).toBe(true)
    expect(isChunk(id, utf8('hallo'))).toBe(false)
    expect(isChunk(id, utf8('hello!'))).toBe(false)
    expect(isChunk(dataObjectId(utf8('hello')), utf8('hello'))).toBe(false)
    expect(chunkLength(dataObjectId(utf8('hello')))).toBeUndefined()
    expect(standardTypeName(7)).toBe('Chunk')
  })

  it('[OB4] reads base58, and base36 in either case', () => {
    const anyId = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => {
        bytes[0]! |= 0x40
        return toObjectId(bytes)
      }),
      fc.uint8Array({ maxLength: 31 }).map((data) => dataObjectId(data)),
    )
    fc.assert(
      fc.property(anyId, (id) => {
        expect(parseObjectId(formatObjectId(id))).toEqual(id)
        expect(parseObjectId(formatObjectIdBase36(id))).toEqual(id)
        expect(parseObjectId(formatObjectIdBase36(id).toUpperCase())).toEqual(id)
      }),
      { numRuns: 2_000 },
    )
    expect(parseObjectId(formatObjectIdBase36(dataObjectId(new Uint8Array())))).toEqual(new Uint8Array(32))
  })

  it.each([
    ['5r4MYfFUT9H4pBnWgbqiegv7ogkwoWwSTe9P8whF5Sa0', 'id at offset 43: expected a digit of base58, got "0"'],
    ['5r4MYfFUT9H4pBnWgbqiégv7ogkwoWwSTe9P8whF5Sa8', 'id at offset 20: expected a digit of base58, got "é"'],
    [`${'k'.repeat(48)}-`, 'id at offset 48: expected a digit of base36, got "-"'],
    ['abc', 'got 3 characters'],
    ['z'.repeat(51), 'got 51 characters'],
    ['z'.repeat(50), 'expected 32 bytes, got 33 bytes'],
  ])('[OB4] says what is wrong with %s', (text, message) => {
    expect(() => parseObjectId(text)).toThrow(message)
  })
})
