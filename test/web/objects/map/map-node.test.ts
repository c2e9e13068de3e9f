import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { sha256 } from '#core/hash.ts'
import { encodeDesc } from '#objects/desc.ts'
import { decodeEntry, encodeEntry, MAP_TYPES, type MapItem, type MapType } from '#objects/map/map-entry.ts'
import {
  decodeMapNode,
  decodeMapNodeOf,
  hubNode,
  MAP_ROLES,
  MAX_SIMPLE_BYTES,
  type MapHead,
  simpleNode,
} from '#objects/map/map-node.ts'
import { formatObjectId, objectIdInfo, STANDARD_TYPES } from '#objects/object-id.ts'
import { RawWriter } from '#objects/raw-writer.ts'
import { fileId, idOf } from './map-fixtures.ts'

const HEAD: MapHead = { type: 'map', role: 'root', depth: 0 }

describe('a map node', () => {
  it('[OB13] is written as CYFS writes an ObjectMap', () => {
    const node = simpleNode({ ...HEAD, owner: fileId('owner'), decId: fileId('dec') }, [
      encodeEntry('map', { key: 'a', value: idOf(1) }),
      encodeEntry('map', { key: 'bé', value: idOf(2) }),
    ])
    const content = concat(
      fromHex('00' /* class root */ + '0000000000000002' /* total */ + '0000000000000048' /* size */),
      fromHex(
        '00' /* depth */ + '00' /* map */ + '00' /* simple */ + '00' /* depth */ + '00' /* map */ + '02',
      ),
      fromHex('0001'),
      utf8('a'),
      idOf(1),
      fromHex('0003'),
      utf8('bé'),
      idOf(2),
    )
    const desc = concat(
      fromHex('000e' /* ObjectMap */ + '0820' /* owner, dec id */),
      fileId('dec'),
      fileId('owner'),
      fromHex('00' /* version */ + '00' /* raw */ + '005f'),
      content,
    )
    expect(content.length).toBe(0x5f)
    expect(toHex(node.bytes)).toBe(toHex(desc))
    expect(node).toMatchObject({ total: 2, size: 0x48, mode: 'simple' })
  })

  it('[OB1] has the id of a standard object of type 14', () => {
    const { id, bytes } = simpleNode(HEAD, [])
    expect(objectIdInfo(id)).toEqual({ category: 'standard', type: STANDARD_TYPES.ObjectMap })
    expect(toHex(id)).toBe(`7800000000${toHex(sha256(bytes).subarray(5))}`)
    expect(formatObjectId(id)).toMatchInlineSnapshot(`"95RvaS5EdZFm2iFuWSgaEGGF3M23h9RvFhHpJCA7BBkY"`)
  })

  it('[OB13] is written as CYFS writes a hub', () => {
    const subs = [
      { bucket: 3, id: idOf(1) },
      { bucket: 1_899, id: idOf(2) },
    ]
    const node = hubNode(
      { ...HEAD, type: 'set', depth: 2, role: 'sub' },
      { total: 9_999, size: 65_472, subs },
    )
    const content = concat(
      fromHex('01' /* class sub */ + '000000000000270f' + '000000000000ffc0'),
      fromHex('02' /* depth */ + '02' /* set */ + '01' /* hub */ + '02' /* depth */ + '02'),
      fromHex('0003'),
      idOf(1),
      fromHex('076b'),
      idOf(2),
    )
    expect(toHex(node.bytes)).toBe(
      `000e00000000${content.length.toString(16).padStart(4, '0')}${toHex(content)}`,
    )
    expect(decodeMapNode(node.bytes)).toEqual(node)
  })

  it('[OB13] a hub of 1,900 subs fits into a desc', () => {
    const subs = Array.from({ length: 1_900 }, (_, bucket) => ({ bucket, id: idOf(bucket) }))
    const node = hubNode(HEAD, { total: 100_000, size: 10_000_000, subs })
    expect(decodeMapNode(node.bytes)).toEqual(node)
  })

  it('[OB13] round trip of every type', () => {
    fc.assert(
      fc.property(nodes, ({ head, items }) => {
        const sorted = sortedEntries(head.type, items)
        const node = simpleNode(head, sorted)
        const decoded = decodeMapNodeOf(node.id, node.bytes)
        expect(decoded).toEqual(node)
        expect(sorted.map((entry) => encodeEntry(head.type, decodeEntry(head.type, entry)))).toEqual(sorted)
      }),
      { numRuns: 200 },
    )
  })

  it('[OB5] any flipped bit is refused, by its id at the latest', () => {
    fc.assert(
      fc.property(nodes, fc.nat(), ({ head, items }, at) => {
        const { id, bytes } = simpleNode(head, sortedEntries(head.type, items))
        const flipped = bytes.slice()
        flipped[(at >> 3) % bytes.length]! ^= 1 << (at & 7)
        expect(() => decodeMapNodeOf(id, flipped)).toThrow(
          expect.objectContaining({ code: 'OBJECT_INVALID' }),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('[OB5] what is read is what is written: any accepted bytes are the one encoding', () => {
    fc.assert(
      fc.property(nodes, fc.nat(), fc.nat(255), ({ head, items }, at, byte) => {
        const bytes = simpleNode(head, sortedEntries(head.type, items)).bytes.slice()
        bytes[at % bytes.length] = byte
        let node: ReturnType<typeof decodeMapNode>
        try {
          node = decodeMapNode(bytes)
        } catch (error) {
          expect(isAppError(error, 'OBJECT_INVALID')).toBe(true)
          return
        }
        const again = node.mode === 'hub' ? hubNode(node.head, node) : simpleNode(node.head, node.entries)
        expect(again).toEqual(node)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('decodeMapNode refuses', () => {
  const a = encodeEntry('map', { key: 'a', value: idOf(1) }).raw
  const b = encodeEntry('map', { key: 'b', value: idOf(2) }).raw

  interface Forged {
    readonly role?: number
    readonly total?: number
    readonly size?: number
    readonly depth?: number
    readonly type?: number
    readonly mode?: number
    readonly inner?: number
    readonly rest: Uint8Array
  }

  function forge({
    role = 0,
    total = 2,
    size = 70,
    depth = 0,
    type = 0,
    mode = 0,
    inner = depth,
    rest,
  }: Forged) {
    const writer = new RawWriter().u8(role).u64(BigInt(total)).u64(BigInt(size))
    writer.u8(depth).u8(type).u8(mode).u8(inner).bytes(rest)
    return encodeDesc({
      type: STANDARD_TYPES.ObjectMap,
      content: { version: 0, format: 0, bytes: writer.finish() },
    })
  }

  const bytes = (...parts: (number | Uint8Array)[]) =>
    concat(...parts.map((part) => (typeof part === 'number' ? new Uint8Array([part]) : part)))
  const sub = (bucket: number, name: number) => bytes(bucket >> 8, bucket & 255, idOf(name))

  it('nothing of what it ought to take', () => {
    expect(decodeMapNode(forge({ rest: bytes(0, 2, a, b) })).total).toBe(2)
    const hub = forge({ mode: 1, size: 65_472, rest: bytes(2, sub(1, 1), sub(7, 2)) })
    expect(decodeMapNode(hub).mode).toBe('hub')
  })

  it.each<[string, Forged, string]>([
    ['an unknown class', { role: 4, rest: bytes(0, 2, a, b) }, 'class'],
    ['an unknown type', { type: 4, rest: bytes(4, 2, a, b) }, 'type'],
    ['an unknown mode', { mode: 2, rest: bytes(0, 2, a, b) }, 'mode'],
    ['another depth inside', { inner: 1, rest: bytes(0, 2, a, b) }, 'content.depth'],
    ['another type inside', { rest: bytes(2, 2, a, b) }, 'content.type'],
    ['a wrong total', { total: 3, rest: bytes(0, 2, a, b) }, 'total'],
    ['a wrong size', { size: 71, rest: bytes(0, 2, a, b) }, 'size'],
    ['entries out of order', { rest: bytes(0, 2, b, a) }, 'entries[1]'],
    ['an entry twice', { rest: bytes(0, 2, a, a) }, 'entries[1]'],
    ['a count in two bytes', { rest: bytes(0, 0x40, 2, a, b) }, 'entries'],
    ['more entries than there are', { total: 3, rest: bytes(0, 3, a, b) }, 'entries'],
    ['bytes at the end', { rest: bytes(0, 2, a, b, 0) }, 'end'],
    ['a count without end', { rest: bytes(0, 0xff, 0xff, 0xff, 0xff) }, 'entries'],
    ['an empty key', { total: 1, size: 34, rest: bytes(0, 1, 0, 0, idOf(1), 9) }, 'entries[0].key'],
    ['a key with a slash', { rest: bytes(0, 2, a, 0, 1, 0x2f, idOf(1)) }, 'entries[1].key'],
    ['a key that is no UTF-8', { rest: bytes(0, 2, a, 0, 1, 0xff, idOf(1)) }, 'entries[1].key'],
    ['a long key', { rest: bytes(0, 2, a, 1, 1, new Uint8Array(300)) }, 'entries[1].key'],
    ['a hub that would fit', { mode: 1, size: 65_471, rest: bytes(2, sub(1, 1), sub(7, 2)) }, 'mode'],
    ['no hub where one is due', { size: 65_472, rest: bytes(0, 2, a, b) }, 'mode'],
    [
      'buckets out of order',
      { mode: 1, size: 65_472, rest: bytes(2, sub(7, 1), sub(1, 2)) },
      'subs[1].bucket',
    ],
    ['a bucket twice', { mode: 1, size: 65_472, rest: bytes(2, sub(7, 1), sub(7, 2)) }, 'subs[1].bucket'],
    [
      'a bucket too high',
      { mode: 1, size: 65_472, rest: bytes(2, sub(7, 1), sub(1_900, 2)) },
      'subs[1].bucket',
    ],
    ['a hub of nothing', { mode: 1, size: 65_472, rest: bytes(0) }, 'subs'],
    ['empty subs', { mode: 1, total: 1, size: 65_472, rest: bytes(2, sub(1, 1), sub(7, 2)) }, 'subs'],
    [
      'a change that is none',
      { type: 1, total: 1, size: 69, rest: bytes(1, 1, 0, 1, 0x61, 1, idOf(1), 1, idOf(1), 0) },
      'entries[0].change',
    ],
    [
      'an option that is neither 0 nor 1',
      { type: 1, total: 1, size: 38, rest: bytes(1, 1, 0, 1, 0x61, 2, idOf(1), 0, 0) },
      'entries[0].previous',
    ],
    [
      'a set change of two ids',
      { type: 3, total: 1, size: 66, rest: bytes(3, 1, 1, idOf(1), 1, idOf(2)) },
      'entries[0].change',
    ],
  ])('[OB5] %s, and says where', (_, forged, path) => {
    try {
      decodeMapNode(forge(forged))
    } catch (error) {
      expect(isAppError(error, 'OBJECT_INVALID') && error.details).toMatchObject({
        path: `desc.content.${path}`,
      })
      return
    }
    throw new Error('it was taken')
  })

  it.each<[string, Parameters<typeof encodeDesc>[0]]>([
    [
      'another object',
      { type: STANDARD_TYPES.Dir, content: { version: 0, format: 0, bytes: new Uint8Array(0) } },
    ],
    ['another format', { type: 14, content: { version: 0, format: 1, bytes: new Uint8Array(0) } }],
    ['another version', { type: 14, content: { version: 1, format: 0, bytes: new Uint8Array(0) } }],
    ['a time', { type: 14, created: 1n, content: { version: 0, format: 0, bytes: new Uint8Array(0) } }],
  ])('[OB5] %s', (_, desc) => {
    expect(() => decodeMapNode(encodeDesc(desc))).toThrow(expect.objectContaining({ code: 'OBJECT_INVALID' }))
  })

  it('the node of another id', () => {
    const { bytes } = simpleNode(HEAD, [])
    expect(() => decodeMapNodeOf(idOf(1), bytes)).toThrow(/got the map node/)
  })
})

describe('encodeEntry', () => {
  it.each<[string, MapType, MapItem]>([
    ['an empty key', 'map', { key: '', value: idOf(1) }],
    ['a key with a slash', 'map', { key: 'a/b', value: idOf(1) }],
    ['a long key', 'map', { key: 'é'.repeat(129), value: idOf(1) }],
    ['half of a surrogate pair', 'map', { key: '\ud800', value: idOf(1) }],
    ['a change without ids', 'diffMap', { key: 'a' }],
    ['a diff with one id', 'diffMap', { key: 'a', next: idOf(1), diff: idOf(2) }],
    ['a set change without ids', 'diffSet', {}],
  ])('refuses %s', (_, type, item) => {
    expect(() => encodeEntry(type, item as never)).toThrow(
      expect.objectContaining({ code: 'OBJECT_INVALID' }),
    )
  })
})

function sortedEntries(type: MapType, items: readonly MapItem[]) {
  const encoded = new Map(
    items.map((item) => {
      const made = encodeEntry(type, item as never)
      return [toHex(made.sort), made]
    }),
  )
  return [...encoded].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, made]) => made)
}

const ids = fc.nat(50).map(idOf)
const keys = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((key) => !key.includes('/') && utf8(key).length <= 256)
const items: Readonly<Record<MapType, fc.Arbitrary<MapItem>>> = {
  map: fc.record({ key: keys, value: ids }),
  set: fc.record({ value: ids }),
  diffMap: fc
    .record({ key: keys, previous: ids, next: ids, diff: ids }, { requiredKeys: ['key'] })
    .filter(({ previous, next, diff }) =>
      previous !== undefined && next !== undefined
        ? toHex(previous) !== toHex(next)
        : diff === undefined && (previous ?? next) !== undefined,
    ),
  diffSet: fc.oneof(fc.record({ previous: ids }), fc.record({ next: ids })),
}
const nodes = fc.constantFrom(...MAP_TYPES).chain((type) =>
  fc.record({
    head: fc.record({
      type: fc.constant(type),
      role: fc.constantFrom(...MAP_ROLES),
      depth: fc.nat(255),
      owner: fc.constantFrom(undefined, fileId('owner')),
      decId: fc.constantFrom(undefined, fileId('dec')),
    }),
    items: fc.array(items[type], { maxLength: 40 }),
  }),
)

it('[OB13] the split is where CYFS has it', () => {
  expect(MAX_SIMPLE_BYTES).toBe(65_471)
})
