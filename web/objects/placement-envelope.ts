import { ByteReader, type Bytes, equalBytes, utf8 } from '#core/bytes.ts'
import { CID_BYTES, type Digest, decodeCid } from '#core/cid.ts'
import { PARCEL_COUNT } from '#core/land.ts'
import type { ReadPlacement } from './placement.ts'
import { NO_POSE } from './placement-pose.ts'
import { readEnvelope } from './signed-record.ts'

/** Placements of before they became named objects: profiles and peers still hold some, and they stand as ever. */

const DOMAIN = utf8('tabland/placement/1')

/**
 * Reads `tabland/placement/1`: domain, machine, parcel, root flag, root, pose, time, sequence, neuron, device, fixed
 * width, big-endian; without a root 34 zeros stand for it.
 *
 * @throws ENVELOPE_INVALID, Error
 */
export function readPlacementEnvelope(bytes: Bytes): Omit<ReadPlacement, 'envelope'> {
  const { hash, ...proof } = readEnvelope(bytes)
  const reader = new ByteReader(proof.signed)
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
  const isNowhere = Object.entries(NO_POSE).every(([name, none]) => pose[name as keyof typeof pose] === none)
  expect(root !== undefined || isNowhere, 'Nothing stands there, yet it has a place.')
  const timeUs = readInteger(reader, 'time')
  const sequence = readInteger(reader, 'sequence')
  const neuron = reader.bytes(20, 'neuron')
  const device = reader.bytes(32, 'device')
  reader.end('placement')
  return { machine, parcel, root, pose, timeUs, sequence, neuron, device, hash, proof, id: undefined }
}

function readRoot(reader: ByteReader): Digest | undefined {
  const flag = reader.u8('root flag')
  const bytes = reader.bytes(CID_BYTES, 'root')
  if (flag === 1) return decodeCid(bytes)
  expect(flag === 0 && bytes.every((byte) => byte === 0), 'Its root is neither there nor absent.')
  return undefined
}

function readInteger(reader: ByteReader, field: string): number {
  const value = reader.u64(field)
  expect(value <= BigInt(Number.MAX_SAFE_INTEGER), `Expected a smaller ${field}, got ${value}.`)
  return Number(value)
}

function expect(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence)
}
