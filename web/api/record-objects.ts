import { type Bytes, equalBytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { bodyHash } from '#objects/body.ts'
import { decodeObject, objectIdOf } from '#objects/object.ts'
import { objectRefused } from '#objects/object-errors.ts'
import { formatObjectId, type ObjectId, objectIdInfo } from '#objects/object-id.ts'
import type { ObjectHead, ObjectStore, PutOptions, PutResult, StoredObject } from '#objects/object-store.ts'
import type { PlacementService } from '#objects/placement-service.ts'
import { linkBatchType } from '#objects/types/link-batch.ts'
import { placementType } from '#objects/types/placement.ts'
import type { RecordsErrorCode } from './records.ts'

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
    // without the code of placements, links are found all the same
    const placement = await placements.findObject(id).catch(() => undefined)
    return placement ?? graph.findObject(id)
  }

  /** A newer body of this very object was seen: an older one is nobody's word any more ([OB10]). */
  function assertNotOlder({ id, object }: StoredObject, held: Bytes | undefined): void {
    const [offered, known] = [object.body, held && decodeObject(held).body]
    if (offered === undefined || known === undefined || offered.updated >= known.updated) return
    const why = `its body is of ${offered.updated}, and one of ${known.updated} (µs since 1601) stands`
    throw objectRefused('OBJECT_OLD_BODY', formatObjectId(id), why)
  }

  async function ingest(stored: StoredObject, { requested, own = false }: PutOptions): Promise<PutResult> {
    const { id, object, bytes } = stored
    const name = formatObjectId(id)
    if (requested !== undefined && !equalBytes(requested, id)) {
      throw objectRefused('OBJECT_WRONG_ID', formatObjectId(requested), `what came has the id ${name}`)
    }
    const trust = await store.trust(object)
    if (trust.level !== 'owner') throw objectRefused('OBJECT_STRANGER', name, 'its owner did not sign it')
    assertNotOlder(stored, await find(id))
    const to = object.desc.type === linkBatchType.type ? graph : placements
    const [result] = await to.ingest([bytes])
    const { status, failure } = result!
    if (status === 'new' || status === 'have') return { ...stored, status, isCut: false }
    // it is what it says, though it does not count here (yet): whoever asked for it sees it, whoever puts it hears why
    if (failure === undefined) {
      if (own) throw lost()
    } else if (own || status === 'refused') throw new AppError(failure.code, failure.message)
    return { ...stored, status: 'unkept', isCut: false }
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

function lost(): AppError<RecordsErrorCode> {
  return new AppError(
    'PLACEMENT_LOST',
    'Something newer stands on this parcel. Look at it and place yours anew.',
  )
}
