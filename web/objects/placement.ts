import { type Bytes, compareBytes } from '#core/bytes.ts'
import type { Digest } from '#core/cid.ts'
import type { Address, Identity } from '#core/identity.ts'
import { objectIdOfDesc } from './desc.ts'
import { objectIdOf } from './object.ts'
import type { ObjectId } from './object-id.ts'
import { fromUnixUs } from './object-time.ts'
import { createContent, createDesc, readContent } from './object-type.ts'
import { readPlacementEnvelope } from './placement-envelope.ts'
import { type PlacementErrorCode, placementError } from './placement-errors.ts'
import { assertPose, type FixedPose, NO_POSE, type Pose, toFixedPose } from './placement-pose.ts'
import {
  isEnvelope,
  ownerOf,
  type RecordFault,
  type RecordProof,
  type RecordVerifier,
  readRecordObject,
  signRecord,
} from './signed-record.ts'
import { type PlacementBody, placementType } from './types/placement.ts'

/**
 * A signed record of what stands on a parcel, and how. Until land is on a chain anybody may build anywhere; of two
 * records for one parcel the greater one by {@link comparePlacements} wins in every tab.
 */
export interface PlacementRecord {
  /** 32 bytes */
  readonly machine: Bytes
  /** serial, 0..49,999 */
  readonly parcel: number
  /** digest of the model's root; undefined clears the parcel */
  readonly root: Digest | undefined
  readonly pose: FixedPose
  /** µs since 1970 */
  readonly timeUs: number
  /** one more than that of the record which this one follows */
  readonly sequence: number
  /** 20 bytes */
  readonly neuron: Address
  /** 32 bytes */
  readonly device: Bytes
}

export interface ReadPlacement extends PlacementRecord {
  /** SHA-256 of what is signed */
  readonly hash: Bytes
  readonly proof: RecordProof
  /** of the Placement object; undefined for a record of before there were any */
  readonly id: ObjectId | undefined
  /** the whole, as it travels and is kept */
  readonly envelope: Bytes
}

/** of the encoded object: about 520 bytes */
const MAX_PLACEMENT_BYTES = 1_024
const FORM = { type: placementType, part: 'body', maxBytes: MAX_PLACEMENT_BYTES } as const
const KIND = { name: 'placement record', scope: 'placements' } as const
const FAULT_CODES = {
  machine: 'PLACEMENT_MACHINE',
  time: 'PLACEMENT_TIME',
  'not-authorised': 'PLACEMENT_NOT_AUTHORISED',
  forged: 'PLACEMENT_FORGED',
} as const satisfies Record<RecordFault['reason'], PlacementErrorCode>
/** Fits a double and leaves room above any count of records. */
export const MAX_SEQUENCE = 2 ** 48

/**
 * Total order of the records of one parcel: later time, then higher sequence, then higher hash. A join of it gives
 * the same winner whatever the order in which records come.
 */
export function comparePlacements(
  a: Pick<ReadPlacement, 'timeUs' | 'sequence' | 'hash'>,
  b: Pick<ReadPlacement, 'timeUs' | 'sequence' | 'hash'>,
): number {
  return a.timeUs - b.timeUs || a.sequence - b.sequence || compareBytes(a.hash, b.hash)
}

export interface NewPlacement {
  readonly machine: Bytes
  readonly parcel: number
  readonly root: Digest | undefined
  /** ignored without a root */
  readonly pose?: Pose
  readonly timeUs: number
  readonly sequence: number
}

/** Signs the newest body of the identity's object for this parcel. @throws PLACEMENT_INVALID, PLACEMENT_POSE */
export async function signPlacement(fields: NewPlacement, identity: Identity): Promise<ReadPlacement> {
  const { machine, parcel, sequence } = fields
  const model = modelOf(fields)
  const time = fromUnixUs(fields.timeUs)
  const body = { sequence: BigInt(sequence), ...(model === undefined ? {} : { model }) }
  const object = {
    desc: createDesc(placementType, { machine, parcel }, { owner: ownerOf(identity) }),
    body: { updated: time, content: createContent(placementType, 'body', body) },
  }
  return readPlacement(await signRecord(object, identity, { part: 'body', time }))
}

/** Id of the object that says what a wallet wants on a parcel. */
export function placementIdOf(
  { machine, parcel }: Pick<NewPlacement, 'machine' | 'parcel'>,
  identity: Identity,
): ObjectId {
  return objectIdOfDesc(createDesc(placementType, { machine, parcel }, { owner: ownerOf(identity) }))
}

function modelOf({ root, pose }: NewPlacement): PlacementBody['model'] {
  if (root === undefined) return undefined
  if (pose !== undefined) return { root, ...toFixedPose(pose) }
  throw placementError(
    'PLACEMENT_POSE',
    'A model needs a place on its parcel: give its position, turn and scale.',
  )
}

/**
 * Reads a record: form and bounds. What needs a key or a clock is {@link verifyPlacement}'s.
 *
 * @throws PLACEMENT_INVALID
 */
export function readPlacement(envelope: Bytes): ReadPlacement {
  try {
    const placement = isEnvelope(envelope) ? readPlacementEnvelope(envelope) : readPlacementObject(envelope)
    const { root, pose, sequence } = placement
    if (root !== undefined) assertPose(pose)
    if (sequence > MAX_SEQUENCE)
      throw new Error(`Expected a sequence up to ${MAX_SEQUENCE}, got ${sequence}.`)
    return { ...placement, envelope }
  } catch (cause) {
    throw placementError(
      'PLACEMENT_INVALID',
      `A placement record was dropped, as it could not be read: ${(cause as Error).message}`,
      { cause },
    )
  }
}

/** @throws OBJECT_INVALID */
function readPlacementObject(bytes: Bytes): Omit<ReadPlacement, 'envelope'> {
  const { object, ...record } = readRecordObject(bytes, FORM)
  const { machine, parcel } = readContent(placementType, 'desc', object.desc.content)
  const { sequence, model } = readContent(placementType, 'body', object.body!.content)
  const { root, ...pose } = model ?? { root: undefined, ...NO_POSE }
  return { ...record, id: objectIdOf(object), machine, parcel, root, pose, sequence: Number(sequence) }
}

/** @throws PLACEMENT_MACHINE, PLACEMENT_TIME, PLACEMENT_NOT_AUTHORISED, PLACEMENT_FORGED */
export async function verifyPlacement(placement: ReadPlacement, verifier: RecordVerifier): Promise<void> {
  const fault = await verifier.judge(placement, KIND)
  if (fault !== undefined) {
    throw placementError(FAULT_CODES[fault.reason], fault.message, { cause: fault.cause })
  }
}
