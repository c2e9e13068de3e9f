import { type LandTable, WORD_BYTES } from './land-table.ts'

/** Ids of the parcels whose words differ between two lands, ascending: sold, moved, minted, warned, fallen free. */
export function changedParcels({ words: before }: LandTable, { words: after }: LandTable): readonly number[] {
  const changed: number[] = []
  const end = Math.max(before.length, after.length)
  for (let at = WORD_BYTES; at < end; at += WORD_BYTES) {
    for (let byte = at; byte < at + WORD_BYTES; byte++) {
      if ((before[byte] ?? 0) === (after[byte] ?? 0)) continue
      changed.push(at / WORD_BYTES)
      break
    }
  }
  return changed
}
