import { isParcelId } from '#core/land-rule.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { mappingSlot, PLANET_AGREED, PLANET_EXISTS, PLANET_WANTED } from '../storage-slots.ts'

/** Where a parcel leads ([CH5]), proved against one block. */
export interface ProvenPortal {
  readonly parcel: number
  /** has it a planet of its own? */
  readonly hasPlanet: boolean
  /** another parcel's planet that its owner wants it to lead to */
  readonly wanted?: PlanetOfParcel & { readonly agreed: boolean }
  /** where one enters: absent where it leads nowhere */
  readonly leadsTo?: PlanetOfParcel
}

/** A planet: it has the id of its parcel, and that parcel's owner. */
export interface PlanetOfParcel {
  readonly planet: number
  /** lower case */
  readonly owner: Hex
}

/** A parcel and its owner, as the chain has proved them. */
export interface OwnedParcel {
  readonly id: number
  readonly owner: Hex
}

export interface PortalContracts {
  readonly landGrid: Hex
  readonly planet: Hex
}

const OWNER_BITS = (1n << 160n) - 1n

/**
 * Where parcels lead, by the rule of `Planet.portalOf`: to the planet that both owners agreed on, else to their own.
 *
 * @returns in the order of the parcels
 * @throws RPC_UNREACHABLE
 */
export async function readPortals(
  parcels: readonly OwnedParcel[],
  header: Header,
  reader: Pick<ChainReader, 'account'>,
  { landGrid, planet }: PortalContracts,
  signal?: AbortSignal,
): Promise<readonly ProvenPortal[]> {
  if (parcels.length === 0) return []
  const read = async (contract: Hex, slots: readonly bigint[]) =>
    slots.length === 0 ? [] : (await reader.account(header, contract, { slots, signal })).slots
  const own = await read(
    planet,
    parcels.flatMap(({ id, owner }) => [existsSlot(id), wantedSlot(owner, id)]),
  )
  const wanting = parcels.flatMap(({ id }, at) => {
    const wanted = Number(own[2 * at + 1] ?? 0n)
    return isParcelId(wanted) ? [{ id, wanted }] : []
  })
  const words = await read(
    landGrid,
    wanting.map(({ wanted }) => BigInt(wanted)),
  )
  const owners = words.map(ownerOf)
  const agreed = await read(
    planet,
    wanting.map(({ id, wanted }, at) => agreedSlot(owners[at]!, wanted, id)),
  )
  return parcels.map(({ id, owner }, at) => {
    const hasPlanet = own[2 * at] === 1n
    const wants = wanting.findIndex((each) => each.id === id)
    const wanted =
      wants === -1
        ? undefined
        : { planet: wanting[wants]!.wanted, owner: owners[wants]!, agreed: agreed[wants] === 1n }
    const leadsTo = wanted?.agreed ? wanted : hasPlanet ? { planet: id, owner } : undefined
    return {
      parcel: id,
      hasPlanet,
      ...(wanted === undefined ? {} : { wanted }),
      ...(leadsTo === undefined ? {} : { leadsTo: { planet: leadsTo.planet, owner: leadsTo.owner } }),
    }
  })
}

function existsSlot(planet: number): bigint {
  return mappingSlot(BigInt(planet), PLANET_EXISTS)
}

function wantedSlot(owner: Hex, parcel: number): bigint {
  return mappingSlot(BigInt(parcel), mappingSlot(owner, PLANET_WANTED))
}

function agreedSlot(owner: Hex, planet: number, parcel: number): bigint {
  return mappingSlot(BigInt(parcel), mappingSlot(BigInt(planet), mappingSlot(owner, PLANET_AGREED)))
}

function ownerOf(word: bigint): Hex {
  return `0x${(word & OWNER_BITS).toString(16).padStart(40, '0')}`
}
