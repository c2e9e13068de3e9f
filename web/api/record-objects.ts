import type { Bytes } from '#core/bytes.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { bodyHash } from '#objects/body.ts'
import { decodeObject, objectIdOf } from '#objects/object.ts'
import { objectRefused } from '#objects/object-errors.ts'
import { formatObjectId, type ObjectId, objectIdInfo } from '#objects/object-id.ts'
import type { ObjectHead, ObjectStore, PutOptions, PutResult, StoredObject } from '#objects/object-store.ts'
import type { PlacementService } from '#objects/placement-service.ts'
import { linkBatchType } from '#objects/types/link-batch.ts'
import { placementType } from '#objects/types/placement.ts'

/** Where the objects are that peers merge: their own services keep them, once. */
export interface RecordServices {
  readonly graph: Pick<GraphService, 'findObject' | 'ingest'>
  readonly placements: Pick<PlacementService, 'findObject' | 'ingest'>
}

/**
 * The store with the link batches and placements of the peer in it: they are found by their ids, and one that is put
 * or fetched goes where links and placements go, and nowhere else.
 */
export function withRecords(store: ObjectStore, { graph, placements }: RecordServices): ObjectStore {
  async function find(id: ObjectId): Promise<Bytes | undefined> {
    if (objectIdInfo(id).category !== 'core') return undefined
    return (await placements.findObject(id)) ?? graph.findObject(id)
  }

  async function ingest(stored: StoredObject, { requested }: PutOptions): Promise<PutResult> {
    const trust = await store.trust(stored.object)
    const name = formatObjectId(stored.id)
    if (requested !== undefined && formatObjectId(requested) !== name) {
      throw objectRefused('OBJECT_WRONG_ID', formatObjectId(requested), `what came has the id ${name}`)
    }
    if (trust.level !== 'owner') {
      throw objectRefused('OBJECT_STRANGER', name, 'its owner did not sign it')
    }
    const to = stored.object.desc.type === linkBatchType.type ? graph : placements
    // one that does not come next, or that a greater one has replaced, is shown to who asked and not kept
    const [result] = await to.ingest([stored.bytes])
    return { ...stored, status: result?.status === 'new' ? 'new' : 'have', isCut: false }
  }

  return {
    own: () => store.own(),
    trust: (object) => store.trust(object),
    disown: (id) => store.disown(id),
    start: () => store.start(),
    async get(id) {
      const bytes = await find(id)
      return bytes === undefined ? store.get(id) : { id, bytes, object: decodeObject(bytes) }
    },
    async head(id) {
      const bytes = await find(id)
      return bytes === undefined ? store.head(id) : headOf(id, bytes)
    },
    async put(bytes, options = {}) {
      const object = decodeObject(bytes)
      const isRecord = object.desc.type === linkBatchType.type || object.desc.type === placementType.type
      if (!isRecord) return store.put(bytes, options)
      return ingest({ id: objectIdOf(object), object, bytes: new Uint8Array(bytes) }, options)
    },
  }
}

/** Nobody put it here as their own, and it goes only when another takes its place. */
function headOf(id: ObjectId, bytes: Bytes): ObjectHead {
  const { body } = decodeObject(bytes)
  const seen = body && { updated: body.updated, hash: bodyHash(body) }
  return { id, held: true, own: false, seen, bytes: bytes.length, usedAt: 0 }
}
