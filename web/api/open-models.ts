import { CID } from 'multiformats/cid'
import { checksummed } from '#chain/checksummed.ts'
import type { Hex } from '#chain/hex.ts'
import { createBuildRights } from '#chain/land/build-rights.ts'
import { createModels, type Models, type ProvenModel } from '#chain/models/read-models.ts'
import type { Bytes } from '#core/bytes.ts'
import { formatObjectId, toObjectId } from '#objects/object-id.ts'
import { fromFixedPose } from '#objects/placement-pose.ts'
import { rootCid } from '#seed/root-cid.ts'
import { proofOf } from './chain-proof.ts'
import type { ModelFacts } from './chain-types.ts'
import type { ParcelsComponents } from './open-parcels.ts'

/** The models of a chain; undefined where it has none, or no land. */
export function openModels({
  chain,
  reader,
}: Pick<ParcelsComponents, 'chain' | 'reader'>): Models | undefined {
  const { model, landGrid, land } = chain.contracts
  if (model === undefined || landGrid === undefined || land === undefined) return undefined
  const rights = createBuildRights({ reader, contracts: { landGrid, land }, now: Date.now })
  return createModels({ reader, model, rights })
}

/** As a page shows it. @param me the wallet in use, `0x…` in lower case */
export function toModelFacts(
  found: ProvenModel,
  { reader, me }: Pick<ParcelsComponents, 'reader'> & { readonly me: string | undefined },
): ModelFacts {
  const { id, holder, isAccepted, author, royalty, access, objectId, content, place } = found
  const root = contentRoot(content)
  const object = objectId && tryObjectId(objectId)
  return {
    ...{ id, isAccepted, royalty, mine: holder === me, isRestricted: access !== undefined },
    holder: checksummed(holder),
    author: checksummed(author),
    ...(root === undefined ? {} : { root }),
    ...(object === undefined ? {} : { object }),
    ...(place === undefined
      ? {}
      : { place: { on: place.on, parcel: place.parcel, placement: fromFixedPose(place.pose) } }),
    proof: proofOf(found, reader),
  }
}

/** The CID that an author minted, who may have minted any bytes; undefined when they are none. */
export function contentRoot(content: Bytes): string | undefined {
  try {
    return rootCid(CID.decode(content))
  } catch {
    return undefined
  }
}

function tryObjectId(bytes: Bytes): string | undefined {
  try {
    return formatObjectId(toObjectId(bytes))
  } catch {
    return undefined
  }
}

/** The address as contracts' words have it. */
export function lowerHex(address: string): Hex {
  return address.toLowerCase() as Hex
}
