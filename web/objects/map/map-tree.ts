import type { ObjectId } from '../object-id.ts'
import { parseMapTree } from './map-json.ts'
import type { MapNodes } from './map-store.ts'
import { createMap } from './object-map.ts'
import { createRootState } from './root-state.ts'

/**
 * Makes the tree of maps that a JSON value describes (`parseMapTree`). @returns its root
 *
 * @throws OBJECT_INVALID, OBJECT_CONFLICT; what the store throws passes through
 */
export async function buildMapTree(nodes: MapNodes, json: unknown): Promise<ObjectId> {
  const cell = { get: async () => undefined, compareAndSet: async () => true }
  const transaction = await createRootState({ nodes, cell }).begin()
  for (const item of parseMapTree(json)) {
    await transaction.insert(item.path, item.type === 'id' ? item.id : await makeSet(nodes, item.ids))
  }
  return transaction.commit()
}

function makeSet(nodes: MapNodes, ids: readonly ObjectId[]): Promise<ObjectId> {
  const items = ids.map((value) => ({ value }))
  return createMap(nodes, { type: 'set' }, items)
}
