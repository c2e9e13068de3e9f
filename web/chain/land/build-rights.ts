import { toHex } from '#core/bytes.ts'
import type { Address } from '#core/identity.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { LAND_BUILDERS, mappingSlot } from '../storage-slots.ts'

/** Whether a wallet may build on a parcel; `unknown` while the chain does not answer. */
export type BuildRight = 'yes' | 'no' | 'unknown'

export interface BuildRights {
  /** by the parcel's id on the chain */
  check(id: number, who: Address): Promise<BuildRight>
  /** These parcels are read anew when they are next asked about. */
  forget(ids: readonly number[]): void
}

export interface BuildRightsInit {
  readonly reader: Pick<ChainReader, 'head' | 'account'>
  readonly contracts: { readonly landGrid: Hex; readonly land: Hex }
  /** unix ms */
  readonly now: () => number
}

/** Owners change by transactions of minutes; a page that opens asks for thousands of parcels at once. */
const KNOWN_FOR_MS = 15_000
/** Parcels that are remembered: all of the first city. */
const MAX_KNOWN = 50_000
const OWNER_BITS = (1n << 160n) - 1n
const ACTIVE = 1n

interface Known {
  readonly word: bigint
  readonly at: number
}

/**
 * The right to build by the chain, proved: the owner of an active parcel has it, and whoever the owner named. Questions
 * of one moment are asked together.
 */
export function createBuildRights({ reader, contracts, now }: BuildRightsInit): BuildRights {
  const known = new Map<number, Known>()
  let asked: { readonly ids: Set<number>; readonly done: Promise<Header> } | undefined

  /** The header that the words of `id` were read at. */
  function read(id: number): Promise<Header> {
    if (asked === undefined) {
      const ids = new Set<number>()
      const done = Promise.resolve().then(async () => {
        asked = undefined
        return readWords([...ids])
      })
      asked = { ids, done }
    }
    asked.ids.add(id)
    return asked.done
  }

  async function readWords(ids: readonly number[]): Promise<Header> {
    const header = await reader.head()
    const missing = ids.filter((id) => now() - (known.get(id)?.at ?? 0) >= KNOWN_FOR_MS)
    if (missing.length > 0) {
      const { slots } = await reader.account(header, contracts.landGrid, { slots: missing.map(BigInt) })
      for (const [index, id] of missing.entries()) known.set(id, { word: slots[index] ?? 0n, at: now() })
    }
    for (const id of known.keys()) {
      if (known.size <= MAX_KNOWN) break
      if (!ids.includes(id)) known.delete(id)
    }
    return header
  }

  return {
    async check(id, who) {
      try {
        const header = await read(id)
        const { word = 0n } = known.get(id) ?? {}
        if (((word >> 184n) & 0xffn) !== ACTIVE) return 'no'
        const owner = word & OWNER_BITS
        if (owner === BigInt(`0x${toHex(who)}`)) return 'yes'
        const slots = [id, 0].map((parcel) => builderSlot(owner, parcel, who))
        const named = await reader.account(header, contracts.land, { slots })
        return named.slots.some((slot) => slot !== 0n) ? 'yes' : 'no'
      } catch {
        return 'unknown' // no endpoint answers, or they disagree
      }
    },
    forget(ids) {
      for (const id of ids) known.delete(id)
    },
  }
}

/** `_builders[owner][id][builder]` of Land; id 0 stands for all of the owner's. */
function builderSlot(owner: bigint, id: number, builder: Address): bigint {
  return mappingSlot(
    BigInt(`0x${toHex(builder)}`),
    mappingSlot(BigInt(id), mappingSlot(owner, LAND_BUILDERS)),
  )
}
