import { describe, expect, it } from 'vitest'
import { isAppError } from '#core/errors.ts'
import { decodeDesc } from '#objects/desc.ts'
import { encodeEntry, type MapItem, type MapType } from '#objects/map/map-entry.ts'
import { hubNode, type MapHead, simpleNode } from '#objects/map/map-node.ts'
import { decodeObject, encodeObject, objectIdOf } from '#objects/object.ts'
import { objectFromJson, objectToJson } from '#objects/object-json.ts'
import { createDesc, readContent } from '#objects/object-type.ts'
import { type ObjectMapDesc, objectMapType } from '#objects/types/object-map.ts'
import { fileId, idOf } from '../map/map-fixtures.ts'

const HEAD: MapHead = { type: 'map', role: 'root', depth: 0, owner: fileId('owner') }

const ITEMS: readonly (readonly [MapType, readonly MapItem[]])[] = [
  [
    'map',
    [
      { key: 'a', value: idOf(1) },
      { key: 'é', value: idOf(2) },
    ],
  ],
  ['set', [{ value: idOf(1) }]],
  [
    'diffMap',
    [
      { key: 'a', previous: idOf(1), next: idOf(2), diff: idOf(3) },
      { key: 'b', next: idOf(1) },
    ],
  ],
  ['diffSet', [{ next: idOf(1) }, { previous: idOf(2) }]],
]

describe('an ObjectMap as an object', () => {
  it.each(ITEMS)('[OB9] %s: the schema reads and writes what map nodes do', (type, items) => {
    const entries = items.map((item) => encodeEntry(type, item as never))
    const node = simpleNode({ ...HEAD, type }, entries)
    const desc = decodeDesc(node.bytes)
    const value = readContent(objectMapType, 'desc', desc.content)
    expect(value).toMatchObject({
      class: 'root',
      total: BigInt(items.length),
      type,
      content: { kind: 'simple' },
    })
    expect(createDesc(objectMapType, value, { owner: fileId('owner') })).toEqual(desc)
  })

  it('[OB9] a hub: the schema reads and writes what map nodes do, and its JSON is typed', () => {
    const subs = [3, 7].map((bucket) => ({ bucket, id: idOf(bucket) }))
    const node = hubNode(HEAD, { total: 5_000, size: 70_000, subs })
    const object = { desc: decodeDesc(node.bytes), descSigns: [], bodySigns: [] }
    expect(objectIdOf(decodeObject(encodeObject(object)))).toEqual(node.id)
    const json = objectToJson(object)
    expect(json).toMatchObject({
      type: 'ObjectMap',
      desc: {
        content: { value: { total: '5000', content: { hub: { subs: [{ bucket: 3 }, { bucket: 7 }] } } } },
      },
    })
    expect(encodeObject(objectFromJson(json))).toEqual(encodeObject(object))
  })

  const values = new Map([['a', idOf(1)]])
  const good: ObjectMapDesc = {
    class: 'root',
    total: 1n,
    size: 35n,
    depth: 0,
    type: 'map',
    content: { kind: 'simple', value: { depth: 0, entries: { kind: 'map', value: { values } } } },
  }

  it.each<[string, Partial<ObjectMapDesc>, string]>([
    ['a wrong total', { total: 2n }, 'total'],
    ['a wrong size', { size: 36n }, 'size'],
    ['another type inside', { type: 'set' }, 'content.type'],
    ['a hub that would fit', { content: { kind: 'hub', value: { depth: 0, subs: [] } } }, 'mode'],
  ])('[OB5] refuses %s', (_, wrong, path) => {
    expect(createDesc(objectMapType, good).type).toBe(14)
    try {
      createDesc(objectMapType, { ...good, ...wrong })
    } catch (error) {
      expect(isAppError(error, 'OBJECT_INVALID') && error.details.path).toBe(`desc.content.${path}`)
      return
    }
    throw new Error('it was taken')
  })
})
