import { encodeFunctionData } from 'viem'
import type { ModelIntent } from '#api/wallet-types.ts'
import { modelAbi } from '#contracts/model.ts'
import { encodeCid, parseDigest } from '#core/cid.ts'
import { parseObjectId } from '#objects/object-id.ts'
import { toFixedPose, toPlanetPose } from '#objects/placement-pose.ts'
import { type Hex, hexOf } from '../hex.ts'

/** Numbers of `Model.Ground`. */
const GROUND = { parcel: 1, planet: 2 } as const
const EVERYBODY: Hex = `0x${'00'.repeat(20)}`
const NO_OBJECT: Hex = `0x${'00'.repeat(32)}`

/** What happens to a token of `Model`, as the contract takes it. @throws CID_INVALID, OBJECT_INVALID, PLACEMENT_POSE */
export function encodeModel(intent: ModelIntent): Hex {
  const abi = modelAbi
  switch (intent.kind) {
    case 'mint-model': {
      const { root, object, royalty } = intent
      const objectId = object === undefined ? NO_OBJECT : hexOf(parseObjectId(object))
      const args = [hexOf(encodeCid(parseDigest(root))), objectId, royalty, EVERYBODY] as const
      return encodeFunctionData({ abi, functionName: 'mint', args })
    }
    case 'place-model': {
      const { model, on, parcel, placement } = intent
      const pose = on === 'parcel' ? toFixedPose(placement) : toPlanetPose(placement)
      const args = [BigInt(model), { ground: GROUND[on], id: parcel, ...pose }] as const
      return encodeFunctionData({ abi, functionName: 'place', args })
    }
    case 'take-model':
      return encodeFunctionData({ abi, functionName: 'take', args: [BigInt(intent.model)] })
    case 'accept-model':
      return encodeFunctionData({ abi, functionName: 'accept', args: [BigInt(intent.model)] })
    case 'give-model': {
      const { model, from, to } = intent
      const args = [from as Hex, to as Hex, BigInt(model)] as const
      return encodeFunctionData({ abi, functionName: 'safeTransferFrom', args })
    }
  }
}
