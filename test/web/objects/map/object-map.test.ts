import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { MAX_MAP_PAGE } from '#core/limits.ts'
import { bucketOf } from '#objects/map/bucket.ts'
import { buildMap, editMap } from '#objects/map/map-edit.ts'
import { encodeEntry, type MapItem, type MapItems, mapKey } from '#objects/map/map-entry.ts'
import { decodeMapNode, hubNode, MAX_SIMPLE_BYTES, type MapHead, simpleNode } from '#objects/map/map-node.ts'
import type { MapNodes } from '#objects/map/map-store.ts'
import {
  addToSet,
  createMap,
  getValue,
  hasValue,
  insertValue,
  listMap,
  removeFromSet,
  removeValue,
  setValue,
} from '#objects/map/object-map.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import collisions from '#test/vectors/objects/colliding-keys.json' with { type: 'json' }
import { createCountingStore, entries, entry, fileId, idOf } from './map-fixtures.ts'

const HEAD: MapHead = { type: 'map', role: 'root', depth: 0 }

async function listAll(nodes: MapNodes, map: ObjectId, limit = MAX_MAP_PAGE): Promise<MapItem[]> {
  const items: MapItem[] = []
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await listMap(nodes, map, { cursor, limit })
    items.push(...page.items)
    cursor = page.next
  }
  return items
}

function byKey(items: readonly MapItem[]): Map<string, string> {
  return new Map((items as MapItems['map'][]).map(({ key, value }) => [key, formatObjectId(value)]))
}

describe('a map of 100,000 entries', () => {
  const store = createCountingStore()
  let map: ObjectId

  beforeAll(async () => {
    map = await createMap(store.nodes(), { type: 'map' }, entries(100_000))
  }, 120_000)

  it('[OB13] is a hub of 1,900 subs', async () => {
    const root = decodeMapNode(await store.get(map))
    expect(root).toMatchObject({ mode: 'hub', total: 100_000 })
    expect(root.mode === 'hub' && root.subs.length).toBe(1_900)
  })

  it('[OB13] gives a value after reading 4 nodes at most', async () => {
    store.reset()
    expect(await getValue(store.nodes(), map, 'key 77777')).toEqual(idOf(77_777))
    expect(store.reads.length).toBeLessThanOrEqual(4)
    expect(await getValue(store.nodes(), map, 'key 100000')).toBeUndefined()
  })

  it.each<[string, (nodes: MapNodes) => Promise<ObjectId>]>([
    ['an insert', (nodes) => insertValue(nodes, map, entry(100_000))],
    ['a set', (nodes) => setValue(nodes, map, { key: 'key 5', value: idOf('other') }, { expected: idOf(5) })],
    ['a remove', (nodes) => removeValue(nodes, map, 'key 5')],
  ])('[OB13] %s writes 4 nodes at most, and reads as few', async (_, change) => {
    store.reset()
    const changed = await change(store.nodes())
    expect(changed).not.toEqual(map)
    expect(store.writes.length).toBeLessThanOrEqual(4)
    expect(store.writes.at(-1)).toEqual(changed)
    expect(store.reads.length).toBeLessThanOrEqual(4)
    expect(await getValue(store.nodes(), map, 'key 5')).toEqual(idOf(5))
  })

  it('[OB5] a change and its reverse lead back to the same root', async () => {
    const nodes = store.nodes()
    const inserted = await insertValue(nodes, map, entry(100_000))
    expect(await removeValue(nodes, inserted, 'key 100000')).toEqual(map)
  })

  it('a change that changes nothing writes nothing', async () => {
    store.reset()
    expect(await setValue(store.nodes(), map, entry(5))).toEqual(map)
    expect(await removeValue(store.nodes(), map, 'key 100000')).toEqual(map)
    expect(store.writes).toEqual([])
  })

  it('[OB14] lists a page after reading what holds it alone, and all of them once', async () => {
    store.reset()
    const page = await listMap(store.nodes(), map, { limit: 50 })
    expect(page.items.length).toBe(50)
    expect(store.reads.length).toBeLessThanOrEqual(4)
    const items = byKey(await listAll(store.nodes(), map))
    expect(items.size).toBe(100_000)
    expect(items.get('key 31415')).toBe(formatObjectId(idOf(31_415)))
  }, 60_000)
})

/** Keys of 256 bytes: 226 entries fill one node. */
function longEntry(index: number): MapItems['map'] {
  return { key: String(index).padStart(256, 'k'), value: idOf(index) }
}

describe('[OB5] the same entries are the same root', () => {
  it('whatever the order of inserts, sets and removals', async () => {
    const batches = fc.array(
      fc.array(fc.record({ index: fc.nat(420), isRemoved: fc.boolean() }), { minLength: 1, maxLength: 200 }),
      { minLength: 1, maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(420), batches, async (start, changes) => {
        const nodes = createCountingStore().nodes()
        const model = new Map(Array.from({ length: start }, (_, i) => [i, longEntry(i)]))
        let { root, fresh } = buildMap(
          HEAD,
          [...model.values()].map((item) => encodeEntry('map', item)),
        )
        await nodes.write(fresh)
        for (const batch of changes) {
          const edits = new Map(batch.map(({ index, isRemoved }) => [index, isRemoved]))
          for (const [index, isRemoved] of edits) {
            if (isRemoved) model.delete(index)
            else model.set(index, longEntry(index))
          }
          const edited = await editMap(
            nodes,
            root,
            [...edits].map(([index, isRemoved]) =>
              isRemoved ? mapKey(longEntry(index).key) : encodeEntry('map', longEntry(index)),
            ),
          )
          await nodes.write(edited.fresh)
          root = edited.root
          expect(toHex(root.id)).toBe(
            toHex(
              buildMap(
                HEAD,
                [...model.values()].map((item) => encodeEntry('map', item)),
              ).root.id,
            ),
          )
        }
        expect(byKey(await listAll(nodes, root.id, 100)).size).toBe(model.size)
      }),
      { numRuns: 15 },
    )
  }, 120_000)

  it('one by one over the split and back', async () => {
    const store = createCountingStore()
    const nodes = store.nodes()
    const roots: ObjectId[] = [await createMap(nodes, { type: 'map' }, [])]
    for (let i = 0; i < 240; i++) roots.push(await insertValue(nodes, roots[i]!, longEntry(i)))
    const modes = await Promise.all(roots.map(async (id) => (await nodes.read(id)).mode))
    expect(modes.indexOf('hub')).toBe(Math.floor(MAX_SIMPLE_BYTES / 290) + 1)
    let map = roots.at(-1)!
    for (let i = 239; i >= 0; i--) {
      map = await removeValue(nodes, map, longEntry(i).key, { expected: idOf(i) })
      expect(map).toEqual(roots[i])
    }
  }, 60_000)

  it('a sub that grows too large is a hub itself, and one node again when it shrinks', async () => {
    const keys = collisions.suffixes.map((suffix) => 'x'.repeat(240) + suffix)
    expect(new Set(keys.map((key) => bucketOf(mapKey(key).hashed, 0)))).toEqual(new Set([0]))
    const store = createCountingStore()
    const nodes = store.nodes()
    const small = entries(50)
    const large = keys.map((key, i) => ({ key, value: idOf(i) }))
    const map = await createMap(nodes, { type: 'map' }, [...small, ...large])
    const root = await nodes.read(map)
    const bucket = root.mode === 'hub' ? root.subs[0]! : undefined
    expect(bucket).toMatchObject({ bucket: 0 })
    expect(await nodes.read(bucket!.id)).toMatchObject({ mode: 'hub', head: { role: 'sub', depth: 1 } })
    store.reset()
    expect(await getValue(store.nodes(), map, keys[9]!)).toEqual(idOf(9))
    expect(store.reads.length).toBe(3)

    let grown = await createMap(nodes, { type: 'map' }, [...small, ...large.slice(0, 200)])
    for (const item of large.slice(200)) grown = await insertValue(nodes, grown, item)
    expect(grown).toEqual(map)
    let shrunk = map
    for (const { key } of large.slice(30).reverse()) shrunk = await removeValue(nodes, shrunk, key)
    expect(shrunk).toEqual(await createMap(nodes, { type: 'map' }, [...small, ...large.slice(0, 30)]))
    expect((await nodes.read(shrunk)).mode).toBe('simple')
  }, 60_000)

  it('sets too', async () => {
    const nodes = createCountingStore().nodes()
    const values = Array.from({ length: 2_100 }, (_, i) => ({ value: idOf(i) }))
    const all = await createMap(nodes, { type: 'set' }, values)
    expect((await nodes.read(all)).mode).toBe('hub')
    let set = await createMap(nodes, { type: 'set' }, values.slice(0, 2_046))
    for (const { value } of values.slice(2_046)) set = await addToSet(nodes, set, value)
    expect(set).toEqual(all)
    expect(await hasValue(nodes, set, idOf(2_099))).toBe(true)
    for (const { value } of values.slice(2_000)) set = await removeFromSet(nodes, set, value)
    expect(set).toEqual(await createMap(nodes, { type: 'set' }, values.slice(0, 2_000)))
    expect(await hasValue(nodes, set, idOf(2_099))).toBe(false)
    expect((await nodes.read(set)).mode).toBe('simple')
  }, 60_000)
})

describe('[OB14] changes with a condition', () => {
  async function setup() {
    const nodes = createCountingStore().nodes()
    return { nodes, map: await createMap(nodes, { type: 'map', owner: fileId('owner') }, entries(3)) }
  }

  it('insert where there is nothing, set and remove where it is as expected', async () => {
    const { nodes, map } = await setup()
    const more = await insertValue(nodes, map, entry(3))
    const other = await setValue(nodes, more, { key: 'key 3', value: idOf('new') }, { expected: idOf(3) })
    expect(await getValue(nodes, other, 'key 3')).toEqual(idOf('new'))
    expect(await removeValue(nodes, other, 'key 3', { expected: idOf('new') })).toEqual(map)
    expect((await nodes.read(other)).head.owner).toEqual(fileId('owner'))
  })

  it.each<[string, (nodes: MapNodes, map: ObjectId) => Promise<unknown>]>([
    ['an insert over something', (nodes, map) => insertValue(nodes, map, entry(1))],
    ['a set over something else', (nodes, map) => setValue(nodes, map, entry(1), { expected: idOf(9) })],
    ['a set of what is not there', (nodes, map) => setValue(nodes, map, entry(9), { expected: idOf(9) })],
    ['a removal of something else', (nodes, map) => removeValue(nodes, map, 'key 1', { expected: idOf(9) })],
  ])('refuse %s', async (_, change) => {
    const { nodes, map } = await setup()
    await expect(change(nodes, map)).rejects.toMatchObject({ code: 'OBJECT_CONFLICT' })
  })

  it('say what stands there', async () => {
    const { nodes, map } = await setup()
    const error = await insertValue(nodes, map, entry(1)).catch((cause: Error) => cause)
    expect((error as Error).message).toMatchInlineSnapshot(
      `"key 1 has changed meanwhile: expected nothing, got 7CGU8p9828zQ6uk77AsS8TpzPPKTYUCcFRuEAbrnGkgu. Nothing was changed; read it again and decide anew."`,
    )
  })
})

describe('what a store gives', () => {
  it('[OB13] is refused when it is another node', async () => {
    const store = createCountingStore()
    const [a, b] = [simpleNode(HEAD, []), simpleNode({ ...HEAD, type: 'set' }, [])]
    await store.put({ id: a.id, bytes: b.bytes })
    await expect(getValue(store.nodes(), a.id, 'x')).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })

  const sub = (head: Partial<MapHead>) =>
    simpleNode({ ...HEAD, role: 'sub', depth: 1, ...head }, [encodeEntry('map', entry(1))])
  const bucket = bucketOf(mapKey('key 1').hashed, 0)
  const sums = { total: 100, size: 70_000 }

  it.each<[string, Partial<MapHead>]>([
    ['at another depth', { depth: 2 }],
    ['that is a map of its own', { role: 'root' }],
    ['of another owner', { owner: fileId('stranger') }],
    ['of another DEC app', { decId: fileId('stranger') }],
  ])('[OB13] is refused as a sub %s', async (_, head) => {
    const nodes = createCountingStore().nodes()
    const wrong = sub(head)
    const root = hubNode(HEAD, { ...sums, subs: [{ bucket, id: wrong.id }] })
    await nodes.write([wrong, root])
    await expect(getValue(nodes, root.id, 'key 1')).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })

  it('[OB13] is refused by a list when an entry stands in a bucket where no search finds it', async () => {
    const nodes = createCountingStore().nodes()
    const right = sub({})
    const root = hubNode(HEAD, { ...sums, subs: [{ bucket: (bucket + 1) % 1_900, id: right.id }] })
    await nodes.write([right, root])
    await expect(listMap(nodes, root.id)).rejects.toThrow(/an entry of bucket/)
  })

  it('[OB13] is refused when a hub says more than its subs hold', async () => {
    const nodes = createCountingStore().nodes()
    const right = sub({})
    const root = hubNode(HEAD, { total: 2_000, size: 65_480, subs: [{ bucket, id: right.id }] })
    await nodes.write([right, root])
    await expect(removeValue(nodes, root.id, 'key 1')).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })

  it('[OB13] is refused when hubs stand in hubs without end', async () => {
    const nodes = createCountingStore().nodes()
    const { hashed } = mapKey('deep')
    let node = hubNode({ ...HEAD, role: 'sub', depth: 20 }, { ...sums, subs: [{ bucket: 0, id: idOf(0) }] })
    await nodes.write([node])
    for (let depth = 19; depth >= 0; depth--) {
      const role = depth === 0 ? 'root' : 'sub'
      node = hubNode(
        { ...HEAD, role, depth },
        { ...sums, subs: [{ bucket: bucketOf(hashed, depth), id: node.id }] },
      )
      await nodes.write([node])
    }
    await expect(getValue(nodes, node.id, 'deep')).rejects.toThrow(/hubs in 8 levels/)
  })

  it('passes what the store throws', async () => {
    await expect(getValue(createCountingStore().nodes(), idOf(1), 'x')).rejects.toMatchObject({
      code: 'MAP_NOT_FOUND',
    })
  })
})

describe('listMap', () => {
  it.each([0, 1.5, MAX_MAP_PAGE + 1])('refuses a limit of %s', async (limit) => {
    const nodes = createCountingStore().nodes()
    const map = await createMap(nodes, { type: 'map' }, [])
    await expect(listMap(nodes, map, { limit })).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })

  it('refuses a cursor that no page gave', async () => {
    const nodes = createCountingStore().nodes()
    const map = await createMap(nodes, { type: 'map' }, [])
    await expect(listMap(nodes, map, { cursor: 'xyz' })).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })

  it('goes on behind an entry that was removed meanwhile', async () => {
    const nodes = createCountingStore().nodes()
    const map = await createMap(nodes, { type: 'map' }, entries(10))
    const first = await listMap(nodes, map, { limit: 4 })
    const changed = await removeValue(nodes, map, (first.items[3] as MapItems['map']).key)
    const rest = await listMap(nodes, changed, { cursor: first.next })
    expect(byKey([...first.items, ...rest.items]).size).toBe(10)
    expect(rest.next).toBeUndefined()
  })

  it('tells the type of a map', async () => {
    const nodes = createCountingStore().nodes()
    const set = await createMap(nodes, { type: 'set' }, [{ value: idOf(1) }])
    expect(await listMap(nodes, set)).toEqual({ type: 'set', items: [{ value: idOf(1) }] })
    await expect(getValue(nodes, set, 'x')).rejects.toThrow(/expected a map, got a set/)
  })
})

it('refuses an entry that is given twice', async () => {
  const nodes = createCountingStore().nodes()
  await expect(createMap(nodes, { type: 'map' }, [entry(1), entry(1)])).rejects.toMatchObject({
    code: 'OBJECT_INVALID',
  })
})
