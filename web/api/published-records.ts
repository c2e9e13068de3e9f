import { type Bytes, utf8 } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { PublishedItem } from './object-types.ts'

/** The list of what was published, one record each. */
const ITEM = 'objects/published/'
/** Encoded objects of it: `objects/made/ID of the item/ID of the object`. */
const OBJECT = 'objects/made/'

/** The newest first; a record that cannot be read is left out. */
export async function loadPublished(store: RecordStore): Promise<readonly PublishedItem[]> {
  const items: PublishedItem[] = []
  for await (const { value } of store.entries(ITEM)) {
    const item = parseItem(value)
    if (item !== undefined) items.push(item)
  }
  return items.sort((a, b) => b.publishedAt - a.publishedAt)
}

/** All of it is durable, or nothing. */
export async function savePublished(
  store: RecordStore,
  item: PublishedItem,
  objects: ReadonlyMap<string, Bytes>,
): Promise<void> {
  await store.put([
    ...[...objects].map(([id, value]) => ({ key: `${OBJECT}${item.id}/${id}`, value })),
    { key: ITEM + item.id, value: utf8(JSON.stringify(item)) },
  ])
}

export async function forgetPublished(store: RecordStore, id: string): Promise<void> {
  const keys = [ITEM + id]
  for await (const { key } of store.entries(`${OBJECT}${id}/`)) keys.push(key)
  await store.delete(keys)
}

/** The encoded object of this id, whichever item it belongs to. */
export async function findMade(store: RecordStore, id: string): Promise<Bytes | undefined> {
  for await (const { key, value } of store.entries(OBJECT)) if (key.endsWith(`/${id}`)) return value
  return undefined
}

function parseItem(value: Uint8Array): PublishedItem | undefined {
  try {
    const item = JSON.parse(new TextDecoder().decode(value)) as Partial<Record<keyof PublishedItem, unknown>>
    const { id, link, kind, name, bytes, files, root, publishedAt } = item
    if (kind !== 'file' && kind !== 'dir') return undefined
    if (typeof id !== 'string' || typeof link !== 'string' || typeof name !== 'string') return undefined
    if (typeof root !== 'string' || typeof bytes !== 'number' || typeof files !== 'number') return undefined
    if (typeof publishedAt !== 'number') return undefined
    return { id, link, kind, name, bytes, files, root, publishedAt }
  } catch {
    return undefined
  }
}
