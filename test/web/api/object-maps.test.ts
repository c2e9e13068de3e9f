import { beforeEach, describe, expect, it } from 'vitest'
import { createObjectMaps } from '#api/object-maps.ts'
import type { ObjectMapsApi } from '#api/object-types.ts'
import { dataObjectId, formatObjectId } from '#objects/object-id.ts'
import type { ObjectStore } from '#objects/object-store.ts'
import { openTestObjects } from '#test/fakes/object-peers.ts'

const idOf = (number: number) => formatObjectId(dataObjectId(Uint8Array.of(number >> 8, number & 0xff)))
const TREE = { a: idOf(1), folder: { b: idOf(2) }, set: [idOf(3), idOf(4)] }

let author: ObjectMapsApi
let reader: ObjectMapsApi
/** nodes that the reader asked the author for */
let asked = 0
let announced: { ids: number; named: readonly string[] }[]

beforeEach(() => {
  asked = 0
  announced = []
  const [mine, other] = [openTestObjects().store, openTestObjects().store]
  author = mapsOf(mine)
  reader = mapsOf(other, mine)
})

function mapsOf(store: ObjectStore, source?: ObjectStore): ObjectMapsApi {
  return createObjectMaps({
    store,
    exchange: {
      async get(id) {
        const here = await store.get(id)
        if (here !== undefined) return here
        asked += 1
        const found = await source?.get(id)
        if (found === undefined) throw new Error('nobody has it')
        return store.put(found.bytes, { requested: id })
      },
      async announce(ids, { named = ids } = {}) {
        announced.push({ ids: ids.length, named: named.map(formatObjectId) })
        return []
      },
    },
  })
}

describe('[OB14] trees of maps as objects', () => {
  it('are built, offered by their root, and read by path from a peer', async () => {
    const root = await author.build(TREE)
    expect(announced).toEqual([{ ids: 3, named: [root] }])
    expect(await reader.get(root, '/a')).toBe(idOf(1))
    expect(asked).toBe(1)
    expect(await reader.get(root, '/folder/b')).toBe(idOf(2))
    expect(asked).toBe(2)
    expect(await reader.get(root, '/nothing')).toBeUndefined()
  })

  it('[OB15] prove what stands at a path, to whoever knows nothing but the root', async () => {
    const root = await author.build(TREE)
    const proof = await author.prove(root, '/folder/b')
    expect(proof).toMatchObject({ root, path: '/folder/b', value: idOf(2) })
    expect(await reader.verify(JSON.parse(JSON.stringify(proof)), root)).toEqual({
      root,
      path: '/folder/b',
      value: idOf(2),
    })
    expect(asked).toBe(0)
    for (const forged of [
      { ...proof, value: idOf(9) },
      { ...proof, value: null },
    ])
      await expect(reader.verify(forged)).rejects.toMatchObject({ code: 'PATH_PROOF_INVALID' })
    await expect(reader.verify(proof, idOf(1))).rejects.toMatchObject({ code: 'PATH_PROOF_INVALID' })
    await expect(reader.verify({ root })).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })

  it('[OB13] of thousands of entries are read by the nodes on the path alone', async () => {
    const entries = Array.from({ length: 3_000 }, (_, i) => [`key ${i}`, idOf(i)] as const)
    const root = await author.build(Object.fromEntries(entries))
    expect(await reader.get(root, '/key 1234')).toBe(idOf(1234))
    expect(asked).toBe(2)
  })

  it('that are none are refused, and nothing is stored', async () => {
    await expect(author.build({ a: 7 })).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
    await expect(author.get('moon', '/a')).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
    expect(announced).toEqual([])
  })
})
