import { decodeDesc, encodeDesc } from '#objects/desc.ts'
import { parsePathProof, pathProofToJson } from '#objects/map/map-json.ts'
import { createMapNodes, type MapStore } from '#objects/map/map-store.ts'
import { buildMapTree } from '#objects/map/map-tree.ts'
import { provePath, verifyPath } from '#objects/map/path-proof.ts'
import { encodeObject } from '#objects/object.ts'
import { formatObjectId, type ObjectId, parseObjectId } from '#objects/object-id.ts'
import type { ObjectStore } from '#objects/object-store.ts'
import type { ObjectExchange } from '#peer/object-exchange.ts'
import type { ObjectMapsApi } from './object-types.ts'
import type { CallOptions } from './types.ts'

export interface ObjectMapsComponents {
  readonly store: Pick<ObjectStore, 'put'>
  readonly exchange: Pick<ObjectExchange, 'get' | 'announce'>
}

export function createObjectMaps({ store, exchange }: ObjectMapsComponents): ObjectMapsApi {
  /** Nodes by their ids: those on a path are asked for one after the other, each checked. */
  const nodesFor = ({ signal }: CallOptions = {}, made: ObjectId[] = []) => {
    const nodes: MapStore = {
      async get(id) {
        const { object } = await exchange.get(id, signal === undefined ? {} : { signal })
        return encodeDesc(object.desc)
      },
      async put({ id, bytes }) {
        signal?.throwIfAborted()
        await store.put(encodeObject({ desc: decodeDesc(bytes), descSigns: [], bodySigns: [] }), {
          own: true,
        })
        made.push(id)
      },
    }
    return createMapNodes(nodes)
  }

  const prove: ObjectMapsApi['prove'] = async (text, path, options) => {
    const root = parseObjectId(text, 'root')
    return pathProofToJson({ root, path, ...(await provePath(nodesFor(options), root, path)) })
  }

  return {
    async build(tree, options) {
      const made: ObjectId[] = []
      const root = await buildMapTree(nodesFor(options, made), tree)
      void exchange.announce(made, { named: [root] }).catch(() => {}) // peers that come later are told then
      return formatObjectId(root)
    },
    get: async (root, path, options) => (await prove(root, path, options)).value ?? undefined,
    prove,
    async verify(json, text) {
      const statement = parsePathProof(json)
      const root = text === undefined ? statement.root : parseObjectId(text, 'root')
      verifyPath(root, statement.path, statement.value, statement.proof)
      const { nodes: _, ...shown } = pathProofToJson({ ...statement, root })
      return shown
    },
  }
}
