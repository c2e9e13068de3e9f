import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalBytes } from '#core/bytes.ts'
import type { MapItems } from '#objects/map/map-entry.ts'
import { createMap, listMap } from '#objects/map/object-map.ts'
import { provePath, verifyPath } from '#objects/map/path-proof.ts'
import { createRootState, type RootCell, type RootTransaction } from '#objects/map/root-state.ts'
import type { ObjectId } from '#objects/object-id.ts'
import { createCountingStore, entries, fileId, idOf } from './map-fixtures.ts'

function createMemoryCell(): RootCell & { root: ObjectId | undefined } {
  const cell: RootCell & { root: ObjectId | undefined } = {
    root: undefined,
    get: async () => cell.root,
    async compareAndSet(previous, next) {
      const { root } = cell
      const isSame =
        root === undefined || previous === undefined ? root === previous : equalBytes(root, previous)
      if (isSame) cell.root = next
      return isSame
    },
  }
  return cell
}

function setup() {
  const store = createCountingStore()
  const cell = createMemoryCell()
  const state = createRootState(
    { nodes: store.nodes(), cell },
    { owner: fileId('owner'), decId: fileId('dec') },
  )
  const change = async (work: (transaction: RootTransaction) => Promise<unknown>) => {
    const transaction = await state.begin()
    await work(transaction)
    return transaction.commit()
  }
  const get = async (path: string) => (await state.begin()).get(path)
  return { store, cell, state, change, get }
}

describe('a root state', () => {
  it('[OB14] commits all changes of a transaction to a new root', async () => {
    const { store, cell, change, get } = setup()
    const root = await change(async (transaction) => {
      await transaction.insert('/a', idOf(1))
      await transaction.insert('/dir/sub/b', idOf(2))
      await transaction.set('/dir/c', idOf(3))
    })
    expect(cell.root).toEqual(root)
    expect(await get('/dir/sub/b')).toEqual(idOf(2))
    expect(await get('/dir/c/')).toEqual(idOf(3))
    expect(await get('/dir/none')).toBeUndefined()
    expect(await get('/a/below')).toBeUndefined()
    expect(await get('/')).toEqual(root)
    const { value, proof } = await provePath(store.nodes(), root, '/dir/sub/b')
    verifyPath(root, '/dir/sub/b', value, proof)
    expect((await store.nodes().read(root)).head).toMatchObject({
      owner: fileId('owner'),
      decId: fileId('dec'),
    })
  })

  it('[OB14] leaves the old root when a transaction does not commit', async () => {
    const { cell, state, change, store } = setup()
    const root = await change((transaction) => transaction.insert('/a', idOf(1)))
    store.reset()
    const transaction = await state.begin()
    await transaction.set('/a', idOf(2))
    await transaction.insert('/b', idOf(2))
    expect(await transaction.get('/a')).toEqual(idOf(2))
    expect(cell.root).toEqual(root)
    expect(store.writes).toEqual([])
  })

  it('[OB14] gives a conflict to the second of two writers, and loses nothing of the first', async () => {
    const { state, get, change } = setup()
    await change((transaction) => transaction.insert('/a', idOf(1)))
    const first = await state.begin()
    const second = await state.begin()
    await first.insert('/b', idOf(2))
    await second.insert('/c', idOf(3))
    await first.commit()
    await expect(second.commit()).rejects.toMatchObject({ code: 'OBJECT_CONFLICT' })
    expect(await get('/b')).toEqual(idOf(2))
    expect(await get('/c')).toBeUndefined()
    await change((transaction) => transaction.insert('/c', idOf(3)))
    expect(await get('/b')).toEqual(idOf(2))
    expect(await get('/c')).toEqual(idOf(3))
  })

  it('[OB14] gives a conflict to the second of two first writers', async () => {
    const { state } = setup()
    const [first, second] = [await state.begin(), await state.begin()]
    await first.insert('/a', idOf(1))
    await second.insert('/a', idOf(1))
    await second.insert('/b', idOf(2))
    await first.commit()
    await expect(second.commit()).rejects.toMatchObject({ code: 'OBJECT_CONFLICT' })
  })

  it('[OB14] lets one writer after the other add up', async () => {
    const { state, get } = setup()
    const add = async (index: number): Promise<void> => {
      const transaction = await state.begin()
      await transaction.insert(`/n/${index}`, idOf(index))
      await transaction.commit().catch((error: { code?: string }) => {
        if (error.code !== 'OBJECT_CONFLICT') throw error
        return add(index)
      })
    }
    await Promise.all(Array.from({ length: 8 }, (_, i) => add(i)))
    for (let i = 0; i < 8; i++) expect(await get(`/n/${i}`)).toEqual(idOf(i))
  })

  it('ends a transaction with its commit', async () => {
    const { state } = setup()
    const transaction = await state.begin()
    await transaction.insert('/a', idOf(1))
    await transaction.commit()
    for (const late of [
      transaction.get('/a'),
      transaction.set('/a', idOf(2)),
      transaction.list('/'),
      transaction.commit(),
    ]) {
      await expect(late).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' })
    }
  })

  it('writes nothing for a transaction that changed nothing', async () => {
    const { store, change } = setup()
    const root = await change((transaction) => transaction.insert('/a/b', idOf(1)))
    store.reset()
    const same = await change(async (transaction) => {
      await transaction.set('/a/b', idOf(1))
      await transaction.insert('/x/y', idOf(2))
      await transaction.remove('/x/y')
      await transaction.remove('/none/at/all')
    })
    expect(same).toEqual(root)
    expect(store.writes).toEqual([])
  })

  it('stores nodes before what points to them, and only those of the new root', async () => {
    const { store, change } = setup()
    store.reset()
    const root = await change(async (transaction) => {
      await transaction.insert('/a/b/c', idOf(1))
      await transaction.list('/a')
      await transaction.set('/a/b/c', idOf(2))
    })
    expect(store.writes.length).toBe(3)
    expect(store.writes.at(-1)).toEqual(root)
  })
})

describe('[OB14] operations of a transaction', () => {
  it.each<[string, (transaction: RootTransaction) => Promise<unknown>, string]>([
    ['an insert over a value', (transaction) => transaction.insert('/a', idOf(2)), 'OBJECT_CONFLICT'],
    ['an insert over a map', (transaction) => transaction.insert('/dir', idOf(2)), 'OBJECT_CONFLICT'],
    [
      'a set over another value',
      (transaction) => transaction.set('/a', idOf(2), { expected: idOf(9) }),
      'OBJECT_CONFLICT',
    ],
    [
      'a removal of another value',
      (transaction) => transaction.remove('/a', { expected: idOf(9) }),
      'OBJECT_CONFLICT',
    ],
    [
      'a removal of what is not there',
      (transaction) => transaction.remove('/z', { expected: idOf(9) }),
      'OBJECT_CONFLICT',
    ],
    ['a map where a value is', (transaction) => transaction.set('/a/b', idOf(2)), 'OBJECT_CONFLICT'],
    ['a change of the root itself', (transaction) => transaction.set('/', idOf(2)), 'OBJECT_INVALID'],
    ['a path that is none', (transaction) => transaction.set('a', idOf(2)), 'OBJECT_INVALID'],
    ['a list of nothing', (transaction) => transaction.list('/z'), 'MAP_NOT_FOUND'],
    ['a list of a value', (transaction) => transaction.list('/a'), 'MAP_NOT_FOUND'],
  ])('refuse %s and go on', async (_, operation, code) => {
    const { change, get } = setup()
    await change(async (transaction) => {
      await transaction.insert('/a', idOf(1))
      await transaction.insert('/dir/b', idOf(1))
      await expect(operation(transaction)).rejects.toMatchObject({ code })
      await transaction.insert('/c', idOf(3))
    })
    expect(await get('/a')).toEqual(idOf(1))
    expect(await get('/dir/b')).toEqual(idOf(1))
    expect(await get('/c')).toEqual(idOf(3))
  })

  it('see what those before them did, awaited or not', async () => {
    const { state } = setup()
    const transaction = await state.begin()
    const results = await Promise.all([
      transaction.set('/a/b', idOf(1)),
      transaction.get('/a/b'),
      transaction.set('/a/b', idOf(2), { expected: idOf(1) }),
      transaction.get('/a/b'),
      transaction.remove('/a/b', { expected: idOf(2) }),
      transaction.get('/a'),
    ])
    expect(results).toEqual([undefined, idOf(1), undefined, idOf(2), undefined, undefined])
  })

  it('compare a map by its id of now', async () => {
    const { store, state } = setup()
    const map = await createMap(
      store.nodes(),
      { type: 'map', owner: fileId('owner'), decId: fileId('dec') },
      [{ key: 'b', value: idOf(1) }],
    )
    const transaction = await state.begin()
    await transaction.set('/a/b', idOf(1))
    expect(await transaction.get('/a')).toEqual(map)
    await transaction.set('/a', idOf(7), { expected: map })
    expect(await transaction.get('/a/b')).toBeUndefined()
    expect(await transaction.get('/a')).toEqual(idOf(7))
  })

  it('page through a list', async () => {
    const { change, state } = setup()
    await change(async (transaction) => {
      for (const { key, value } of entries(25)) await transaction.insert(`/dir/${key}`, value)
    })
    const transaction = await state.begin()
    await transaction.insert('/dir/more', idOf('more'))
    const first = await transaction.list('/dir', { limit: 20 })
    const rest = await transaction.list('/dir', { cursor: first.next })
    const keys = [...first.items, ...rest.items].map((item) => (item as MapItems['map']).key)
    expect(new Set(keys)).toEqual(new Set([...entries(25).map(({ key }) => key), 'more']))
  })

  it('take over a map that was made elsewhere, and change it', async () => {
    const { store, change, get } = setup()
    const map = await createMap(store.nodes(), { type: 'map' }, entries(3))
    await change((transaction) => transaction.insert('/mine', map))
    await change((transaction) => transaction.remove('/mine/key 0'))
    expect(await get('/mine/key 0')).toBeUndefined()
    expect(await get('/mine/key 1')).toEqual(idOf(1))
    expect((await listMap(store.nodes(), map)).items.length).toBe(3)
  })
})

describe('[OB5] the same values at the same paths', () => {
  const paths = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
    .map((keys) => `/${keys.join('/')}`)
  const operations = fc.array(
    fc.record({ path: paths, value: fc.nat(3), isRemoved: fc.boolean(), commits: fc.boolean() }),
    { maxLength: 40 },
  )

  it('are the same root, whatever happened before', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (steps) => {
        const { state, cell, change } = setup()
        const model = new Map<string, ObjectId>()
        let transaction = await state.begin()
        for (const { path, value, isRemoved, commits } of steps) {
          const isBelowValue = [...model.keys()].some((other) => path.startsWith(`${other}/`))
          if (isRemoved) {
            await transaction.remove(path)
            for (const other of model.keys()) if (`${other}/`.startsWith(`${path}/`)) model.delete(other)
          } else if (isBelowValue) {
            await expect(transaction.set(path, idOf(value))).rejects.toMatchObject({
              code: 'OBJECT_CONFLICT',
            })
          } else {
            await transaction.set(path, idOf(value))
            for (const other of model.keys()) if (other.startsWith(`${path}/`)) model.delete(other)
            model.set(path, idOf(value))
          }
          if (commits) {
            await transaction.commit()
            transaction = await state.begin()
          }
        }
        await transaction.commit()
        const fresh = setup()
        const expected = await fresh.change(async (other) => {
          for (const [path, value] of [...model].reverse()) await other.insert(path, value)
        })
        expect(cell.root).toEqual(expected)
        await change(async (other) => {
          for (const [path, value] of model) expect(await other.get(path)).toEqual(value)
        })
      }),
      { numRuns: 60 },
    )
  })
})
