import { readFileSync } from 'node:fs'
import { type Bytes, fromHex } from '#core/bytes.ts'

interface EarlierRecord {
  readonly envelope: Bytes
  readonly hash: Bytes
}

/** Link batches 0, 1, 2 of one feed and two placements, as fakeIdentity(1) signed them before they were objects. */
export function earlierRecords(): Record<'links' | 'placements', readonly EarlierRecord[]> {
  const url = new URL('../vectors/records/before-objects.json', import.meta.url)
  const { links, placements } = JSON.parse(readFileSync(url, 'utf8')) as Record<
    'links' | 'placements',
    readonly { envelope: string; hash: string }[]
  >
  const read = (records: typeof links) =>
    records.map(({ envelope, hash }) => ({ envelope: fromHex(envelope), hash: fromHex(hash) }))
  return { links: read(links), placements: read(placements) }
}
