import type { Bytes } from '#core/bytes.ts'
import type { Hex } from '../hex.ts'
import type { ProvenLand } from './land-verifier.ts'
import { encodeSnapshot } from './snapshot.ts'

/** Lands that were proved one after the other, for others who are behind. */
export interface Snapshots {
  /** Keeps it as the newest. */
  add(land: ProvenLand & { readonly block: number }): void
  /** The land of this root, or what changed since `base` when that is known too; undefined when it is not here. */
  get(root: Hex, base?: Hex): Promise<Bytes | undefined>
}

/** 2 MB each: whoever was away for longer than so many changes takes all of it. */
const MAX_KEPT = 8
/** Each of the kept ones whole, and the newest from each other one. */
const MAX_ENCODED = 2 * MAX_KEPT

export function createSnapshots({
  chainId,
  grid,
}: {
  readonly chainId: number
  readonly grid: Hex
}): Snapshots {
  const kept = new Map<Hex, ProvenLand & { readonly block: number }>()
  const encoded = new Map<string, Promise<Bytes>>()

  function encode(root: Hex, base: ProvenLand | undefined): Promise<Bytes> | undefined {
    const land = kept.get(root)
    if (land === undefined) return undefined
    const key = `${root} ${base?.root ?? ''}`
    const known =
      encoded.get(key) ?? encodeSnapshot({ chainId, grid, block: land.block, root }, land.table, base)
    encoded.delete(key)
    encoded.set(key, known)
    dropOldest(encoded, MAX_ENCODED)
    return known
  }

  return {
    add(land) {
      kept.delete(land.root)
      kept.set(land.root, land)
      dropOldest(kept, MAX_KEPT)
    },
    async get(root, base) {
      return encode(root, base === undefined ? undefined : kept.get(base))
    },
  }
}

function dropOldest<K>(map: Map<K, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return
    map.delete(key)
  }
}
