import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { MAX_MAP_PATH, MAX_PROOF_NODES } from '#core/limits.ts'
import { formatMapPath, isMapId, parseMapPath } from '#objects/map/map-path.ts'
import { createMap, setValue } from '#objects/map/object-map.ts'
import { type PathProof, provePath, verifyPath } from '#objects/map/path-proof.ts'
import type { ObjectId } from '#objects/object-id.ts'
import { createCountingStore, entries, entry, fileId, idOf } from './map-fixtures.ts'

const REFUSED = expect.objectContaining({ code: 'PATH_PROOF_INVALID' })

describe('a path proof in a map of 100,000 entries', () => {
  const store = createCountingStore()
  let large: ObjectId
  let root: ObjectId
  let proof: PathProof

  beforeAll(async () => {
    const nodes = store.nodes()
    large = await createMap(nodes, { type: 'map' }, entries(100_000))
    root = await createMap(nodes, { type: 'map' }, [{ key: 'large', value: large }, entry(1)])
    proof = (await provePath(nodes, root, '/large/key 4711')).proof
  }, 120_000)

  it('[OB15] reads 4 nodes at most, and verifies', async () => {
    store.reset()
    const one = await provePath(store.nodes(), large, '/key 4711')
    expect(store.reads.length).toBeLessThanOrEqual(4)
    expect(one.value).toEqual(idOf(4_711))
    expect(one.proof.length).toBe(store.reads.length)
    verifyPath(large, '/key 4711', idOf(4_711), one.proof)
  })

  it('[OB15] goes through maps in one another', async () => {
    store.reset()
    const { value, proof: longer } = await provePath(store.nodes(), root, '/large/key 4711')
    expect(store.reads.length).toBe(3)
    verifyPath(root, '/large/key 4711', value, longer)
    verifyPath(root, '/large/key 4711/', value, longer)
  })

  it.each(['/large/key 100000', '/none', '/none/below', '/key 1/below'])(
    '[OB15] shows that there is nothing at %s',
    async (path) => {
      const { value, proof: absence } = await provePath(store.nodes(), root, path)
      expect(value).toBeUndefined()
      verifyPath(root, path, undefined, absence)
      expect(() => verifyPath(root, path, idOf(1), absence)).toThrow(REFUSED)
    },
  )

  it('[OB15] of the root needs no node', async () => {
    expect(await provePath(store.nodes(), root, '/')).toEqual({ value: root, proof: [] })
    verifyPath(root, '/', root, [])
  })

  it.each<[string, () => [ObjectId, string, ObjectId | undefined, PathProof]]>([
    ['another root', () => [idOf('root'), '/large/key 4711', idOf(4_711), proof]],
    ['another root that is a map', () => [large, '/large/key 4711', idOf(4_711), proof]],
    ['another path', () => [root, '/large/key 4712', idOf(4_712), proof]],
    ['another value', () => [root, '/large/key 4711', idOf(4_712), proof]],
    ['nothing', () => [root, '/large/key 4711', undefined, proof]],
    ['a node that is missing', () => [root, '/large/key 4711', idOf(4_711), proof.slice(0, -1)]],
    ['no nodes', () => [root, '/large/key 4711', idOf(4_711), []]],
    ['a node too many', () => [root, '/large/key 4711', idOf(4_711), [...proof, proof[0]!]]],
    ['nodes in another order', () => [root, '/large/key 4711', idOf(4_711), [...proof].reverse()]],
    [
      'very many nodes',
      () => [root, '/', root, Array.from({ length: MAX_PROOF_NODES + 1 }, () => proof[0]!)],
    ],
  ])('[OB15] is refused for %s', (_, forged) => {
    expect(() => verifyPath(...forged())).toThrow(REFUSED)
  })

  it('[OB15] is refused with any flipped bit', () => {
    const bits = proof.map((node) => 8 * node.length)
    fc.assert(
      fc.property(fc.nat(bits.length - 1), fc.nat(), (index, at) => {
        const forged = proof.map((node) => node.slice())
        const bit = at % bits[index]!
        forged[index]![bit >> 3]! ^= 1 << (bit & 7)
        expect(() => verifyPath(root, '/large/key 4711', idOf(4_711), forged)).toThrow(REFUSED)
      }),
      { numRuns: 400 },
    )
  })

  it('[OB15] of a small tree is refused with each of its bits flipped', async () => {
    const nodes = createCountingStore().nodes()
    const dir = await createMap(nodes, { type: 'map' }, [entry(1), entry(2)])
    const top = await createMap(nodes, { type: 'map', owner: fileId('owner') }, [{ key: 'dir', value: dir }])
    const { value, proof: small } = await provePath(nodes, top, '/dir/key 2')
    for (const [index, node] of small.entries()) {
      for (let bit = 0; bit < 8 * node.length; bit++) {
        const forged = small.map((bytes) => bytes.slice())
        forged[index]![bit >> 3]! ^= 1 << (bit & 7)
        expect(() => verifyPath(top, '/dir/key 2', value, forged)).toThrow(REFUSED)
      }
    }
  })

  it('[OB15] is refused with any flipped bit of root or value', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.boolean(), (bit, isRoot) => {
        const [forgedRoot, forgedValue] = [root.slice() as ObjectId, idOf(4_711).slice() as ObjectId]
        const forged = isRoot ? forgedRoot : forgedValue
        forged[bit >> 3]! ^= 1 << (bit & 7)
        expect(() => verifyPath(forgedRoot, '/large/key 4711', forgedValue, proof)).toThrow(REFUSED)
      }),
      { numRuns: 300 },
    )
  })

  it('[OB15] of an old version does not hold for the new root', async () => {
    const changed = await setValue(store.nodes(), large, { key: 'key 4711', value: idOf('new') })
    const { proof: old } = await provePath(store.nodes(), large, '/key 4711')
    expect(() => verifyPath(changed, '/key 4711', idOf(4_711), old)).toThrow(REFUSED)
  })

  it('says what does not hold', () => {
    expect(() => verifyPath(root, '/large/key 4711', idOf(4_712), proof)).toThrowErrorMatchingInlineSnapshot(
      `[AppError: The proof of /large/key 4711 does not hold: it shows 7CK82EGQXANPsyyjktaNHU4ZqSvhd697XyLHYsJzVRqy, not 7CK82EGWtAo8hNcFHH87rhz5vgXvzgq7nyPSBw1mgKgd. The value was not used.]`,
    )
    expect(() => verifyPath(root, '/large/key 4711', idOf(4_711), [proof[0]!, proof[0]!])).toThrow(
      /node 2 is not the one that the path leads to/,
    )
  })
})

describe('a path', () => {
  it('into a set is refused', async () => {
    const nodes = createCountingStore().nodes()
    const set = await createMap(nodes, { type: 'set' }, [{ value: idOf(1) }])
    const root = await createMap(nodes, { type: 'map' }, [{ key: 'set', value: set }])
    await expect(provePath(nodes, root, '/set/x')).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
    expect((await provePath(nodes, root, '/set')).value).toEqual(set)
  })

  it.each(['', 'a/b', '//a', '/a//b', `/${'x'.repeat(257)}`, '/\ud800', '/a'.repeat(MAX_MAP_PATH + 1)])(
    'is refused: %j',
    (path) => {
      expect(() => parseMapPath(path)).toThrow(expect.objectContaining({ code: 'OBJECT_INVALID' }))
    },
  )

  it.each([
    ['/', []],
    ['/a', ['a']],
    ['/a/b/', ['a', 'b']],
    ['/a b/ü', ['a b', 'ü']],
  ])('is read: %s', (path, keys) => {
    expect(parseMapPath(path)).toEqual(keys)
    expect(parseMapPath(formatMapPath(keys))).toEqual(keys)
  })

  it('goes on at ids of maps alone', async () => {
    expect(isMapId(await createMap(createCountingStore().nodes(), { type: 'map' }, []))).toBe(true)
    expect([idOf(1), fileId(1)].map(isMapId)).toEqual([false, false])
  })
})
