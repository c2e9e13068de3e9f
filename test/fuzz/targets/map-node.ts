import { equalBytes } from '#core/bytes.ts'
import { compareEntries, decodeEntry, encodeEntry, type MapEntry } from '#objects/map/map-entry.ts'
import { decodeMapNode, hubNode, type MapNode, simpleNode } from '#objects/map/map-node.ts'
import { fileId, idOf } from '#test/web/objects/map/map-fixtures.ts'
import type { FuzzTarget } from '../fuzz.ts'

/** [OB5] A node that is taken is written as the same bytes, and so are its entries. */
export function mapNodeTarget(): FuzzTarget {
  return {
    name: 'map-node',
    seeds: goodNodes().map(({ bytes }) => bytes),
    maxInputBytes: 4_096,
    codes: ['OBJECT_INVALID'],
    run(input) {
      const node = decodeMapNode(input)
      const again = node.mode === 'hub' ? hubNode(node.head, node) : simpleNode(node.head, node.entries)
      if (!equalBytes(again.bytes, input)) throw new Error('the node has another encoding')
      if (node.mode === 'simple') for (const entry of node.entries) checkEntry(node, entry)
    },
  }
}

function checkEntry({ head: { type } }: MapNode, entry: MapEntry): void {
  const again = encodeEntry(type, decodeEntry(type, entry))
  if (!equalBytes(again.raw, entry.raw)) throw new Error('an entry has another encoding')
}

function goodNodes(): MapNode[] {
  const head = { role: 'root', depth: 0 } as const
  const owned = { ...head, owner: fileId('owner'), decId: fileId('dec') }
  const keyed = [
    encodeEntry('map', { key: 'a', value: idOf(1) }),
    encodeEntry('map', { key: 'grüße', value: idOf(2) }),
  ]
  const ids = [idOf(1), idOf(2), idOf(3)].map((value) => encodeEntry('set', { value })).sort(compareEntries)
  const changes = [
    encodeEntry('diffMap', { key: 'a', next: idOf(1) }),
    encodeEntry('diffMap', { key: 'b', previous: idOf(1), next: idOf(2), diff: idOf(3) }),
  ]
  const setChanges = [
    encodeEntry('diffSet', { next: idOf(1) }),
    encodeEntry('diffSet', { previous: idOf(2) }),
  ]
  const subs = [3, 700, 1_899].map((bucket) => ({ bucket, id: idOf(bucket) }))
  return [
    simpleNode({ ...head, type: 'map' }, []),
    simpleNode({ ...owned, type: 'map' }, keyed),
    simpleNode({ ...head, type: 'set', role: 'sub', depth: 3 }, ids),
    simpleNode({ ...head, type: 'diffMap' }, changes),
    simpleNode({ ...owned, type: 'diffSet' }, setChanges),
    hubNode({ ...owned, type: 'map' }, { total: 3_000, size: 90_000, subs }),
  ]
}
