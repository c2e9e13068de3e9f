import type { AppError } from '#core/errors.ts'
import { type ObjectId, objectIdKey } from '#objects/object-id.ts'
import type { PutResult, StoredObject } from '#objects/object-store.ts'

/** What is still wanted, and what came. */
export class ObjectSearch {
  readonly wanted: Map<string, ObjectId>
  readonly found = new Map<string, StoredObject>()
  readonly refused = new Map<string, AppError>()
  /** came without a body that is their owner's: better than nothing */
  readonly cut = new Map<string, StoredObject>()
  asked = 0

  constructor(ids: readonly ObjectId[]) {
    this.wanted = new Map(ids.map((id) => [objectIdKey(id), id]))
  }

  hear(found: PutResult): void {
    if (found.isCut) this.cut.set(objectIdKey(found.id), found)
    else this.add(found)
  }

  add(found: StoredObject): void {
    const key = objectIdKey(found.id)
    if (!this.wanted.delete(key)) return
    this.found.set(key, found)
    this.refused.delete(key)
  }
}
