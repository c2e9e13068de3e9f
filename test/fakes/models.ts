import { type Hex, hexOf } from '#chain/hex.ts'
import { modelSlots } from '#chain/models/model-words.ts'
import { MODEL_COUNT } from '#chain/storage-slots.ts'
import { concat } from '#core/bytes.ts'
import { encodeCid, parseDigest } from '#core/cid.ts'
import type { FixedPose } from '#objects/placement-pose.ts'
import type { FakeAccount } from './fake-chain.ts'

export const MODEL: Hex = '0x00000000000000000000000000000000000000b3'
export const MODEL_ROOT = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
const UPRIGHT: FixedPose = { x: 0, y: 0, z: 0, yaw: 0, scale: 1_000_000 }

export interface FakeModel {
  readonly holder: bigint
  /** @default its holder */
  readonly author?: bigint
  readonly access?: bigint
  readonly object?: bigint
  /** id of the parcel; none: it stands nowhere */
  readonly parcel?: number
  readonly on?: 'parcel' | 'planet'
  readonly pose?: Partial<FixedPose>
}

/** Model's account, its words as Solidity lays them out: models have the ids 1, 2, … */
export function modelAccount(models: readonly FakeModel[]): FakeAccount {
  const storage = new Map<bigint, bigint>([[MODEL_COUNT, BigInt(models.length)]])
  const content = concat(encodeCid(parseDigest(MODEL_ROOT)), new Uint8Array(30))
  const text = [0, 1].map((at) => BigInt(hexOf(content.subarray(32 * at, 32 * at + 32))))
  for (const [index, model] of models.entries()) {
    const { holder, author = holder, access = 0n, object = 0n } = model
    const words = [holder, holder, placementWord(model), author, access, object, 2n * 34n + 1n, ...text]
    const slots = modelSlots(index + 1)
    for (const [at, word] of words.entries()) if (word !== 0n) storage.set(slots[at]!, word)
  }
  return { balanceWei: 0n, nonce: 1n, storage }
}

function placementWord({ parcel, on = 'parcel', pose = {} }: FakeModel): bigint {
  if (parcel === undefined) return 0n
  const { x, y, z, yaw, scale } = { ...UPRIGHT, ...pose }
  const bits = (value: number, shift: bigint) => BigInt.asUintN(32, BigInt(value)) << shift
  const ground = on === 'parcel' ? 1n : 2n
  const turned = bits(yaw, 120n) | bits(scale, 152n)
  return ground | (BigInt(parcel) << 8n) | bits(x, 24n) | bits(y, 56n) | bits(z, 88n) | turned
}
