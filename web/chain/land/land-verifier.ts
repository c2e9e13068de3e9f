import type { Bytes } from '#core/bytes.ts'
import type { Keccak } from '#core/keccak.ts'
import { chainError } from '../chain-errors.ts'
import { type Hex, hexOf } from '../hex.ts'
import { landRoot } from './land-root.ts'
import { EMPTY_LAND, type LandTable } from './land-table.ts'
import { applyChanges, decodeSnapshot, NO_BASE } from './snapshot.ts'

/** What a source offers as the land: bytes of a snapshot, or what was read word by word. */
export type LandOffer =
  | { readonly kind: 'snapshot'; readonly bytes: Bytes }
  | { readonly kind: 'table'; readonly table: LandTable }

/** Land whose trie has this storage root. */
export interface ProvenLand {
  readonly root: Hex
  readonly table: LandTable
}

/** Rebuilds tries: on a thread of its own in a tab. */
export interface LandVerifier {
  /**
   * The land that is offered, when its trie has exactly this root ([CH14]): a word that was altered, left out or added
   * gives another.
   *
   * @param base what a snapshot may tell changes of
   * @throws SNAPSHOT_INVALID, SNAPSHOT_FORGED
   */
  verify(offer: LandOffer, root: Hex, base?: ProvenLand): Promise<ProvenLand>
}

export function createLandVerifier(keccak: Keccak): LandVerifier {
  return {
    async verify(offer, root, base) {
      const table = offer.kind === 'table' ? offer.table : await unpack(offer.bytes, base)
      const found = hexOf(landRoot(keccak, table))
      if (found === root) return { root, table }
      throw chainError(
        'SNAPSHOT_FORGED',
        `The land that was sent has the storage root ${found}, the chain proves ${root}: a word is altered, left out or added. Another source is asked.`,
        { details: { found, root } },
      )
    },
  }
}

async function unpack(bytes: Bytes, base: ProvenLand | undefined): Promise<LandTable> {
  const { head, changes } = await decodeSnapshot(bytes)
  if (head.base === NO_BASE) return applyChanges(EMPTY_LAND, changes)
  if (base !== undefined && head.base === base.root) return applyChanges(base.table, changes)
  throw chainError(
    'SNAPSHOT_INVALID',
    `A snapshot tells what changed since the root ${head.base}, which is not here: it was asked for another.`,
  )
}
