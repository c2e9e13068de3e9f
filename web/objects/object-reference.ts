import type { ObjectId } from './object-id.ts'
import type { RawReader } from './raw-reader.ts'
import type { RawWriter } from './raw-writer.ts'

/** A reference to an object, with the owner who may be asked for it. */
export interface ObjectReference {
  readonly id: ObjectId
  readonly owner?: ObjectId | undefined
}

export function writeReference(writer: RawWriter, { id, owner }: ObjectReference): void {
  writer.objectId(id).bool(owner !== undefined)
  if (owner !== undefined) writer.objectId(owner)
}

/** @throws OBJECT_INVALID */
export function readReference(reader: RawReader, field: string): ObjectReference {
  return reader.within(field, () => {
    const id = reader.objectId('id')
    return reader.bool('owner') ? { id, owner: reader.objectId('owner') } : { id }
  })
}
