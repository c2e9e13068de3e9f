import { concat, utf8 } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import { OBJECT_ID_BYTES, type ObjectId, objectIdKey, parseObjectId, toObjectId } from '#objects/object-id.ts'
import type { PublishedItem } from './object-types.ts'

/** The list of what was published, one record each. */
const ITEM = 'objects/published/'
/** Ids of the objects that were made for it, 32 bytes each. */
const OBJECTS = 'objects/made/'

/** The newest first; a record that cannot be read is left out. */
export async function loadPublished(store: RecordStore): Promise<readonly PublishedItem[]> {
  const items: PublishedItem[] = []
  for await (const { value } of store.entries(ITEM)) {
    const item = parseItem(value)
    if (item !== undefined) items.push(item)
  }
  return items.sort((a, b) => b.publishedAt - a.publishedAt)
}

/** All of it is durable, or nothing. `objects`: ids in base58. */
export async function savePublished(
  store: RecordStore,
  item: PublishedItem,
  objects: readonly string[],
): Promise<void> {
  await store.put([
    { key: OBJECTS + item.id, value: concat(...objects.map((id) => parseObjectId(id))) },
    { key: ITEM + item.id, value: utf8(JSON.stringify(item)) },
  ])
}

/** Gives the ids of its objects that belong to no other item. */
export async function forgetPublished(store: RecordStore, id: string): Promise<readonly ObjectId[]> {
  const own = new Map<string, ObjectId>()
  const shared = new Set<string>()
  for await (const { key, value } of store.entries(OBJECTS)) {
    for (let at = 0; at + OBJECT_ID_BYTES <= value.length; at += OBJECT_ID_BYTES) {
      const object = toObjectId(value.subarray(at, at + OBJECT_ID_BYTES))
      if (key === OBJECTS + id) own.set(objectIdKey(object), object)
      else shared.add(objectIdKey(object))
    }
  }
  await store.delete([ITEM + id, OBJECTS + id])
  return [...own].filter(([key]) => !shared.has(key)).map(([, object]) => object)
}

function parseItem(value: Uint8Array): PublishedItem | undefined {
  try {
    const item = JSON.parse(new TextDecoder().decode(value)) as Partial<Record<keyof PublishedItem, unknown>>
    const { id, link, kind, name, bytes, files, root, readers, publishedAt } = item
    if (kind !== 'file' && kind !== 'dir') return undefined
    if (typeof id !== 'string' || typeof link !== 'string' || typeof name !== 'string') return undefined
    if (typeof root !== 'string' || typeof bytes !== 'number' || typeof files !== 'number') return undefined
    if (typeof publishedAt !== 'number') return undefined
    const isRestricted = Array.isArray(readers) && readers.every((reader) => typeof reader === 'string')
    const restricted = isRestricted ? { readers } : {}
    return { id, link, kind, name, bytes, files, root, ...restricted, publishedAt }
  } catch {
    return undefined
  }
}
