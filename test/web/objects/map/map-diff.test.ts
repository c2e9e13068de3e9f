import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyDiff, createDiff, diffMaps, type EntryDifference } from '#objects/map/map-diff.ts'
import { decodeEntry, type MapItems } from '#objects/map/map-entry.ts'
import type { MapNodes } from '#objects/map/map-store.ts'
import { addToSet, createMap, insertValue, listMap, removeValue, setValue } from '#objects/map/object-map.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import { createCountingStore, entries, entry, fileId, idOf, keysOf } from './map-fixtures.ts'

async function differences(nodes: MapNodes, previous: ObjectId, next: ObjectId): Promise<EntryDifference[]> {
  const found: EntryDifference[] = []
  for await (const difference of diffMaps(nodes, previous, next)) found.push(difference)
  return found
}

/** key → [before, after] */
function summary(found: readonly EntryDifference[]): Map<string, (string | undefined)[]> {
  return new Map(
    found.map(({ previous, next }) => {
      const sides = [previous, next].map((side) =>
        side === undefined ? undefined : decodeEntry('map', side),
      )
      return [(sides[0] ?? sides[1])!.key, sides.map((side) => side && formatObjectId(side.value))]
    }),
  )
}

describe('diffMaps', () => {
  const store = createCountingStore()
  let map: ObjectId

  beforeAll(async () => {
    map = await createMap(store.nodes(), { type: 'map' }, entries(100_000))
  }, 120_000)

  it('[OB13] of two versions of a map of 100,000 entries reads the nodes in which they differ alone', async () => {
    const nodes = store.nodes()
    store.reset()
    let next = await setValue(nodes, map, { key: 'key 5', value: idOf('five') })
    next = await removeValue(nodes, next, 'key 70000')
    next = await insertValue(nodes, next, { key: 'new', value: idOf('new') })
    const written = store.writes.length
    store.reset()
    const found = summary(await differences(store.nodes(), map, next))
    expect(found).toEqual(
      new Map([
        ['key 5', [formatObjectId(idOf(5)), formatObjectId(idOf('five'))]],
        ['key 70000', [formatObjectId(idOf(70_000)), undefined]],
        ['new', [undefined, formatObjectId(idOf('new'))]],
      ]),
    )
    // Both roots, and three subs of each.
    expect(written).toBe(6)
    expect(store.reads.length).toBe(8)
    expect(new Set(keysOf(store.reads)).size).toBe(8)
  })

  it('[OB13] of a map and itself reads nothing', async () => {
    store.reset()
    expect(await differences(store.nodes(), map, map)).toEqual([])
    expect(store.reads).toEqual([])
  })

  it('refuses a map and a set', async () => {
    const nodes = store.nodes()
    const set = await createMap(nodes, { type: 'set' }, [])
    await expect(differences(nodes, map, set)).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })
})

/** Keys of 256 bytes: 226 entries fill one node, so that sides are split or not. */
function longEntry(index: number, value = index): MapItems['map'] {
  return { key: String(index).padStart(256, 'k'), value: idOf(value) }
}

const versions = fc.tuple(
  fc.nat(300),
  fc.array(fc.record({ index: fc.nat(300), change: fc.constantFrom('put', 'remove') }), { maxLength: 250 }),
)

function applyTo(start: number, changes: readonly { index: number; change: string }[]) {
  const before = new Map(Array.from({ length: start }, (_, i) => [i, longEntry(i)]))
  const after = new Map(before)
  for (const { index, change } of changes) {
    if (change === 'remove') after.delete(index)
    else after.set(index, longEntry(index, index + 1_000))
  }
  return [before, after].map((version) => [...version.values()]) as [MapItems['map'][], MapItems['map'][]]
}

describe('createDiff and applyDiff', () => {
  it('[OB13] lead from one version to the other, however they are split', async () => {
    await fc.assert(
      fc.asyncProperty(versions, async ([start, changes]) => {
        const nodes = createCountingStore().nodes()
        const [before, after] = applyTo(start, changes)
        const previous = await createMap(nodes, { type: 'map' }, before)
        const next = await createMap(nodes, { type: 'map' }, after)
        const diff = await createDiff(nodes, previous, next)
        expect(await applyDiff(nodes, previous, diff)).toEqual(next)
        expect(await applyDiff(nodes, next, await createDiff(nodes, next, previous))).toEqual(previous)
      }),
      { numRuns: 15 },
    )
  }, 120_000)

  it('[OB13] the diff is a map of its own, with both ids of each key', async () => {
    const nodes = createCountingStore().nodes()
    const owner = fileId('owner')
    const previous = await createMap(nodes, { type: 'map', owner }, [entry(1), entry(2)])
    const next = await createMap(nodes, { type: 'map', owner }, [
      entry(2),
      { key: 'key 1', value: idOf(7) },
      entry(3),
    ])
    const diff = await createDiff(nodes, previous, next)
    expect((await nodes.read(diff)).head).toMatchObject({ type: 'diffMap', owner })
    expect((await listMap(nodes, diff)).items).toEqual([
      { key: 'key 1', previous: idOf(1), next: idOf(7) },
      { key: 'key 3', next: idOf(3) },
    ])
  })

  it('[OB13] work on sets', async () => {
    const nodes = createCountingStore().nodes()
    const previous = await createMap(nodes, { type: 'set' }, [{ value: idOf(1) }, { value: idOf(2) }])
    const next = await createMap(nodes, { type: 'set' }, [{ value: idOf(2) }, { value: idOf(3) }])
    const diff = await createDiff(nodes, previous, next)
    expect((await nodes.read(diff)).head.type).toBe('diffSet')
    expect(new Set((await listMap(nodes, diff)).items)).toEqual(
      new Set([{ next: idOf(3) }, { previous: idOf(1) }]),
    )
    expect(await applyDiff(nodes, previous, diff)).toEqual(next)
    const other = await addToSet(nodes, previous, idOf(3))
    await expect(applyDiff(nodes, other, diff)).rejects.toMatchObject({ code: 'OBJECT_CONFLICT' })
  })

  it('refuse a map that is not the one the diff was made from', async () => {
    const nodes = createCountingStore().nodes()
    const previous = await createMap(nodes, { type: 'map' }, [entry(1)])
    const diff = await createDiff(nodes, previous, await createMap(nodes, { type: 'map' }, []))
    const other = await setValue(nodes, previous, { key: 'key 1', value: idOf(2) })
    await expect(applyDiff(nodes, other, diff)).rejects.toMatchObject({ code: 'OBJECT_CONFLICT' })
  })

  it('refuse what is no diff of this type, and the diff of a diff', async () => {
    const nodes = createCountingStore().nodes()
    const map = await createMap(nodes, { type: 'map' }, [entry(1)])
    const set = await createMap(nodes, { type: 'set' }, [])
    const diff = await createDiff(nodes, map, await createMap(nodes, { type: 'map' }, []))
    for (const attempt of [
      applyDiff(nodes, set, diff),
      applyDiff(nodes, map, map),
      createDiff(nodes, diff, diff),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
    }
  })
})
