import { ByteReader, type Bytes, ByteWriter, compareBytes, equalBytes, toHex, utf8 } from '#core/bytes.ts'
import { CID_BYTES, type Digest, decodeCid, encodeCid } from '#core/cid.ts'
import type { DelegationVerifier } from '#core/delegation.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import { AppError, type AppErrorOptions } from '#core/errors.ts'
import { sha256 } from '#core/hash.ts'
import type { Address, Identity } from '#core/identity.ts'
import { CELL_SIZE_M, PARCEL_COUNT } from '#core/land.ts'
import { MAX_CLOCK_SKEW_MS, MAX_MODEL_HEIGHT_M } from '#core/limits.ts'
import { ED25519_SIGNATURE_BYTES, type Ed25519Verifier } from '#core/signatures.ts'

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

/** Where a model stands within its parcel, in integers, so that every engine reads the same. */
export interface FixedPose {
  /** millimetres from the parcel's centre, east */
  readonly x: number
  /** millimetres above the ground */
  readonly y: number
  /** millimetres from the parcel's centre */
  readonly z: number
  /** thousandths of a degree, 0..359,999 */
  readonly yaw: number
  /** millionths, above 0: models in millimetres need a thousandth, and fractions of it */
  readonly scale: number
}

/** The same in the units of people: metres, degrees, a factor. `web/api/types.ts` has it as ModelPlacement. */
export interface Pose {
  readonly x: number
  readonly y: number
  readonly z: number
  readonly yawDegrees: number
  readonly scale: number
}

export interface ReadPlacement extends PlacementRecord {
  /** SHA-256 of the signed bytes */
  readonly hash: Bytes
  readonly signed: Bytes
  readonly signature: Bytes
  readonly delegation: Bytes
  /** the whole, as it travels and is kept */
  readonly envelope: Bytes
}

export type PlacementErrorCode =
  | 'PLACEMENT_INVALID'
  | 'PLACEMENT_POSE'
  | 'PLACEMENT_MACHINE'
  | 'PLACEMENT_TIME'
  | 'PLACEMENT_NOT_AUTHORISED'
  | 'PLACEMENT_FORGED'

const DOMAIN = utf8('tabland/placement/1')
const SIGNED_BYTES = DOMAIN.length + 32 + 2 + 1 + CID_BYTES + 5 * 4 + 8 + 8 + 20 + 32
const MILLIMETRES = 1_000
const MILLIDEGREES = 1_000
const FULL_TURN = 360 * MILLIDEGREES
const MILLIONTHS = 1_000_000
/** half a cell to each side */
const MAX_SIDE_MM = (CELL_SIZE_M * MILLIMETRES) / 2
const MAX_HEIGHT_MM = MAX_MODEL_HEIGHT_M * MILLIMETRES
/** A model of a millimetre grows to a metre. */
export const MAX_SCALE = 1_000
/** Fits a double and leaves room above any count of records. */
const MAX_SEQUENCE = 2 ** 48
const NO_POSE: FixedPose = { x: 0, y: 0, z: 0, yaw: 0, scale: 0 }

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

/**
 * @throws PLACEMENT_POSE when the model would leave its parcel: 5 m to each side, 20 m up or down, scale to 1,000
 */
export function toFixedPose({ x, y, z, yawDegrees, scale }: Pose): FixedPose {
  const turned = Math.round(yawDegrees * MILLIDEGREES) % FULL_TURN
  const pose = {
    x: Math.round(x * MILLIMETRES),
    y: Math.round(y * MILLIMETRES),
    z: Math.round(z * MILLIMETRES),
    yaw: turned < 0 ? turned + FULL_TURN : Math.abs(turned),
    scale: Math.round(scale * MILLIONTHS),
  }
  assertPose(pose)
  return pose
}

export function fromFixedPose({ x, y, z, yaw, scale }: FixedPose): Pose {
  return {
    x: x / MILLIMETRES,
    y: y / MILLIMETRES,
    z: z / MILLIMETRES,
    yawDegrees: yaw / MILLIDEGREES,
    scale: scale / MILLIONTHS,
  }
}

function assertPose({ x, y, z, yaw, scale }: FixedPose): void {
  const fits =
    within(x, -MAX_SIDE_MM, MAX_SIDE_MM) &&
    within(z, -MAX_SIDE_MM, MAX_SIDE_MM) &&
    within(y, -MAX_HEIGHT_MM, MAX_HEIGHT_MM) &&
    within(yaw, 0, FULL_TURN - 1) &&
    within(scale, 1, MAX_SCALE * MILLIONTHS)
  if (fits) return
  throw placementError(
    'PLACEMENT_POSE',
    `A model stands within ${MAX_SIDE_MM / MILLIMETRES} m of its parcel's centre, ${MAX_MODEL_HEIGHT_M} m up or down, with a scale up to ${MAX_SCALE}; got x ${x}, y ${y}, z ${z} mm, yaw ${yaw}, scale ${scale} millionths. Move it back.`,
  )
}

function within(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}

/** The signed bytes: the domain and the fields in order, fixed width, big-endian; without a root 34 zeros stand for it. */
export function encodePlacement(record: PlacementRecord): Bytes {
  const { root, pose } = record
  return new ByteWriter(SIGNED_BYTES)
    .bytes(DOMAIN)
    .bytes(record.machine)
    .u16(record.parcel)
    .u8(root === undefined ? 0 : 1)
    .bytes(root === undefined ? new Uint8Array(CID_BYTES) : encodeCid(root))
    .i32(pose.x)
    .i32(pose.y)
    .i32(pose.z)
    .u32(pose.yaw)
    .u32(pose.scale)
    .u64(BigInt(record.timeUs))
    .u64(BigInt(record.sequence))
    .bytes(record.neuron)
    .bytes(record.device)
    .finish()
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

/** @throws PLACEMENT_INVALID, PLACEMENT_POSE */
export async function signPlacement(fields: NewPlacement, identity: Identity): Promise<ReadPlacement> {
  const { pose, root, ...rest } = fields
  if (root !== undefined && pose === undefined) {
    throw placementError(
      'PLACEMENT_POSE',
      'A model needs a place on its parcel: give its position, turn and scale.',
    )
  }
  const signed = encodePlacement({
    ...rest,
    root,
    pose: root === undefined || pose === undefined ? NO_POSE : toFixedPose(pose),
    neuron: identity.neuron,
    device: identity.device.publicKey,
  })
  const signature = await identity.device.sign(signed)
  const record = new ByteWriter(signed.length + signature.length).bytes(signed).bytes(signature).finish()
  return readPlacement(encodeEnvelope({ delegation: identity.delegation, record }))
}

/**
 * Reads an envelope's record: layout and bounds. What needs a key or a clock is {@link verifyPlacement}'s.
 *
 * @throws PLACEMENT_INVALID
 */
export function readPlacement(envelope: Bytes): ReadPlacement {
  try {
    const { delegation, record } = decodeEnvelope(envelope)
    const signed = record.slice(0, Math.max(0, record.length - ED25519_SIGNATURE_BYTES))
    const signature = record.slice(signed.length)
    return { ...readFields(signed), hash: sha256(signed), signed, signature, delegation, envelope }
  } catch (cause) {
    throw placementError(
      'PLACEMENT_INVALID',
      `A placement record could not be read: ${(cause as Error).message} It was dropped.`,
      { cause },
    )
  }
}

function readFields(signed: Bytes): PlacementRecord {
  const reader = new ByteReader(signed)
  expect(
    equalBytes(reader.bytes(DOMAIN.length, 'domain'), DOMAIN),
    'It does not begin with "tabland/placement/1".',
  )
  const machine = reader.bytes(32, 'machine')
  const parcel = reader.u16('parcel')
  expect(parcel < PARCEL_COUNT, `There is no parcel ${parcel}.`)
  const root = readRoot(reader)
  const pose = {
    x: reader.i32('x'),
    y: reader.i32('y'),
    z: reader.i32('z'),
    yaw: reader.u32('yaw'),
    scale: reader.u32('scale'),
  }
  if (root !== undefined) assertPose(pose)
  else
    expect(
      Object.values(pose).every((value) => value === 0),
      'Nothing stands there, yet it has a place.',
    )
  const timeUs = readInteger(reader, 'time', Number.MAX_SAFE_INTEGER)
  const sequence = readInteger(reader, 'sequence', MAX_SEQUENCE)
  const neuron = reader.bytes(20, 'neuron')
  const device = reader.bytes(32, 'device')
  reader.end('placement')
  return { machine, parcel, root, pose, timeUs, sequence, neuron, device }
}

function readRoot(reader: ByteReader): Digest | undefined {
  const flag = reader.u8('root flag')
  const bytes = reader.bytes(CID_BYTES, 'root')
  if (flag === 1) return decodeCid(bytes)
  expect(flag === 0 && bytes.every((byte) => byte === 0), 'Its root is neither there nor absent.')
  return undefined
}

function readInteger(reader: ByteReader, field: string, max: number): number {
  const value = reader.u64(field)
  expect(value <= BigInt(max), `Expected ${field} up to ${max}, got ${value}.`)
  return Number(value)
}

function expect(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw placementError('PLACEMENT_INVALID', sentence)
}

export interface PlacementVerifierComponents {
  /** 32 bytes */
  readonly machine: Bytes
  readonly delegations: DelegationVerifier
  readonly signatures: Ed25519Verifier
  /** unix ms */
  readonly now: () => number
}

/** @throws PLACEMENT_MACHINE, PLACEMENT_TIME, PLACEMENT_NOT_AUTHORISED, PLACEMENT_FORGED */
export async function verifyPlacement(
  placement: ReadPlacement,
  { machine, delegations, signatures, now }: PlacementVerifierComponents,
): Promise<void> {
  if (!equalBytes(placement.machine, machine)) {
    throw placementError(
      'PLACEMENT_MACHINE',
      'A placement record was made for another network. It was dropped.',
    )
  }
  const aheadMs = placement.timeUs / 1_000 - now()
  if (aheadMs > MAX_CLOCK_SKEW_MS) {
    throw placementError(
      'PLACEMENT_TIME',
      `A placement record is dated ${Math.round(aheadMs / 1_000)} s in the future. It will be taken then; check the clock of this device.`,
    )
  }
  try {
    const { neuron: people, device: deviceKey, timeUs } = placement
    delegations.verify(placement.delegation, { people, deviceKey, machine, scope: 'placements', timeUs })
  } catch (cause) {
    throw placementError(
      'PLACEMENT_NOT_AUTHORISED',
      `The wallet 0x${toHex(placement.neuron)} did not authorise the device of a placement record: ${(cause as Error).message}`,
      { cause },
    )
  }
  if (await signatures.verify(placement.device, placement.signature, placement.signed)) return
  throw placementError(
    'PLACEMENT_FORGED',
    `The signature of a placement record does not verify for device ${toHex(placement.device)}. It was dropped.`,
  )
}

function placementError(
  code: PlacementErrorCode,
  message: string,
  options?: AppErrorOptions,
): AppError<PlacementErrorCode> {
  return new AppError(code, message, options)
}
