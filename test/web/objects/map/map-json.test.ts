import { describe, expect, it } from 'vitest'
import { MAX_MAP_PATH, MAX_PROOF_NODES } from '#core/limits.ts'
import { parseMapTree, parsePathProof, pathProofToJson } from '#objects/map/map-json.ts'
import { createMap } from '#objects/map/object-map.ts'
import { provePath } from '#objects/map/path-proof.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { createCountingStore, entry, idOf } from './map-fixtures.ts'

const REFUSED = expect.objectContaining({ code: 'OBJECT_INVALID' })
const ID = formatObjectId(idOf(1))

describe('parseMapTree', () => {
  it('gives the values of a tree by their paths', () => {
    const tree = { a: ID, dir: { empty: {}, set: [ID, formatObjectId(idOf(2))] } }
    expect([...parseMapTree(tree)]).toEqual([
      { path: '/a', type: 'id', id: idOf(1) },
      { path: '/dir/set', type: 'set', ids: [idOf(1), idOf(2)] },
    ])
    expect([...parseMapTree({})]).toEqual([])
  })

  it.each<[string, unknown]>([
    ['an id alone', ID],
    ['an array alone', [ID]],
    ['nothing', undefined],
    ['null', { a: null }],
    ['a number', { a: 7 }],
    ['text that is no id', { a: 'b' }],
    ['a number in a set', { a: [7] }],
    ['an empty key', { '': ID }],
    ['a key with a slash', { 'a/b': ID }],
    ['maps in one another without end', nest(MAX_MAP_PATH + 1)],
  ])('refuses %s', (_, json) => {
    expect(() => [...parseMapTree(json)]).toThrow(REFUSED)
  })

  it('takes as many levels as a path has', () => {
    expect([...parseMapTree(nest(MAX_MAP_PATH))].length).toBe(1)
  })
})

function nest(levels: number): unknown {
  return levels === 0 ? ID : { a: nest(levels - 1) }
}

describe('parsePathProof', () => {
  it('[OB15] reads what pathProofToJson writes', async () => {
    const nodes = createCountingStore().nodes()
    const root = await createMap(nodes, { type: 'map' }, [entry(1)])
    for (const path of ['/key 1', '/none', '/']) {
      const statement = { root, path, ...(await provePath(nodes, root, path)) }
      expect(parsePathProof(JSON.parse(JSON.stringify(pathProofToJson(statement))))).toEqual(statement)
    }
  })

  const good = { root: ID, path: '/a', value: ID, nodes: ['00'] }

  it.each<[string, unknown]>([
    ['no object', 'proof'],
    ['no root', { ...good, root: undefined }],
    ['a root that is no id', { ...good, root: 'x' }],
    ['no path', { ...good, path: 1 }],
    ['no value', { ...good, value: undefined }],
    ['no nodes', { ...good, nodes: undefined }],
    ['a node that is no text', { ...good, nodes: [7] }],
    ['a node that is no hex', { ...good, nodes: ['0x0g'] }],
    ['too many nodes', { ...good, nodes: Array.from({ length: MAX_PROOF_NODES + 1 }, () => '00') }],
  ])('refuses %s', (_, json) => {
    expect(() => parsePathProof(json)).toThrow(REFUSED)
  })
})
