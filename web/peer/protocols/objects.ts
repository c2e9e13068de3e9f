import { ByteReader, type Bytes, ByteWriter, concat } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { MAX_OBJECT_BYTES, MAX_OBJECTS_ANSWER_BYTES, MAX_OBJECTS_PER_REQUEST } from '#core/limits.ts'
import { OBJECT_ID_BYTES, type ObjectId, toObjectId } from '#objects/object-id.ts'
import { FRAME_TARGET_BYTES } from './sync-frames.ts'

export type ObjectsErrorCode = 'OBJECTS_MESSAGE_INVALID'

/** An object that a peer has and would give. */
export interface ObjectOffer {
  readonly id: ObjectId
  /** of its body, µs since 1601; 0 without one */
  readonly updated: bigint
  /** of the encoded object */
  readonly bytes: number
}

/** `get` asks for objects; `offer` says which ones can be had, so that whoever wants one asks for it. */
export type ObjectsRequest =
  | { readonly kind: 'get'; readonly ids: readonly ObjectId[] }
  | { readonly kind: 'offer'; readonly offers: readonly ObjectOffer[] }

/** What a peer says of an id: the encoded object, that it has none, or that it has no more to give now. */
export type ObjectAnswer = Bytes | 'lacks' | 'later'

const GET = 0
const OFFER = 1
const OFFER_BYTES = OBJECT_ID_BYTES + 8 + 4
const LENGTH_BYTES = 4
const LACKS = 0
const LATER = 0xffff_ffff

/** kind u8, then ids of 32 bytes, or offers of id, u64 and u32 */
export function encodeObjectsRequest(request: ObjectsRequest): Bytes {
  if (request.kind === 'get') return concat(Uint8Array.of(GET), ...request.ids)
  const writer = new ByteWriter(1 + request.offers.length * OFFER_BYTES).u8(OFFER)
  for (const { id, updated, bytes } of request.offers) writer.bytes(id).u64(updated).u32(bytes)
  return writer.finish()
}

/** @throws OBJECTS_MESSAGE_INVALID */
export function decodeObjectsRequest(bytes: Uint8Array): ObjectsRequest {
  return orInvalid('request', () => {
    const reader = new ByteReader(bytes)
    const kind = reader.u8('kind')
    if (kind !== GET && kind !== OFFER) throw new RangeError(`unknown kind ${kind}`)
    const size = kind === GET ? OBJECT_ID_BYTES : OFFER_BYTES
    const count = reader.remaining / size
    if (!Number.isInteger(count) || count < 1 || count > MAX_OBJECTS_PER_REQUEST) {
      throw new RangeError(`expected 1 to ${MAX_OBJECTS_PER_REQUEST} times ${size} bytes`)
    }
    const readId = () => toObjectId(reader.bytes(OBJECT_ID_BYTES, 'id'))
    if (kind === GET) return { kind: 'get', ids: Array.from({ length: count }, readId) }
    const offers = Array.from({ length: count }, () => ({
      id: readId(),
      updated: reader.u64('updated'),
      bytes: reader.u32('bytes'),
    }))
    return { kind: 'offer', offers }
  })
}

/**
 * Frames of an answer to `get`: for each id in order u32 length ‖ object, cut wherever a frame is full. What `read`
 * gives beyond MAX_OBJECTS_ANSWER_BYTES is left for another request.
 */
export async function* encodeObjectAnswers(
  ids: readonly ObjectId[],
  read: (id: ObjectId) => Promise<ObjectAnswer>,
): AsyncGenerator<Bytes> {
  let frame = new ByteWriter(FRAME_TARGET_BYTES)
  let room = FRAME_TARGET_BYTES
  let total = 0
  for (const id of ids) {
    const found = total >= MAX_OBJECTS_ANSWER_BYTES ? 'later' : await read(id)
    const answer =
      found instanceof Uint8Array && total + found.length > MAX_OBJECTS_ANSWER_BYTES ? 'later' : found
    let rest = encodeAnswer(answer)
    total += rest.length - LENGTH_BYTES
    while (rest.length >= room) {
      yield frame.bytes(rest.subarray(0, room)).finish()
      rest = rest.subarray(room)
      frame = new ByteWriter(FRAME_TARGET_BYTES)
      room = FRAME_TARGET_BYTES
    }
    frame.bytes(rest)
    room -= rest.length
  }
  if (room < FRAME_TARGET_BYTES) yield frame.finish()
}

/** Answers for `count` ids. @throws OBJECTS_MESSAGE_INVALID, or what the frames throw */
export async function decodeObjectAnswers(
  frames: AsyncIterable<Uint8Array>,
  count: number,
): Promise<readonly ObjectAnswer[]> {
  const parts: Uint8Array[] = []
  let room = MAX_OBJECTS_ANSWER_BYTES + count * LENGTH_BYTES
  for await (const frame of frames) {
    room -= frame.length
    if (room < 0) throw invalid('answer', `it has more than ${MAX_OBJECTS_ANSWER_BYTES} bytes`)
    parts.push(frame)
  }
  return orInvalid('answer', () => {
    const reader = new ByteReader(concat(...parts))
    const answers = Array.from({ length: count }, () => readAnswer(reader))
    reader.end('answer')
    return answers
  })
}

function encodeAnswer(answer: ObjectAnswer): Bytes {
  if (typeof answer === 'string') {
    return new ByteWriter(LENGTH_BYTES).u32(answer === 'lacks' ? LACKS : LATER).finish()
  }
  return new ByteWriter(LENGTH_BYTES + answer.length).u32(answer.length).bytes(answer).finish()
}

function readAnswer(reader: ByteReader): ObjectAnswer {
  const length = reader.u32('length')
  if (length === LACKS) return 'lacks'
  if (length === LATER) return 'later'
  if (length > MAX_OBJECT_BYTES) throw new RangeError(`an object of ${length} bytes`)
  return reader.bytes(length, 'object')
}

/** u8 for each offer: 1 = held now */
export function encodeOfferAnswer(held: readonly boolean[]): Bytes {
  return Uint8Array.from(held, Number)
}

/** @throws OBJECTS_MESSAGE_INVALID */
export function decodeOfferAnswer(bytes: Uint8Array, count: number): readonly boolean[] {
  if (bytes.length === count && bytes.every((byte) => byte <= 1)) return Array.from(bytes, Boolean)
  throw invalid('answer', `expected ${count} bytes of 0 or 1, got ${bytes.length}`)
}

function orInvalid<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw invalid(what, (cause as Error).message, cause)
  }
}

function invalid(what: string, why: string, cause?: unknown): AppError<ObjectsErrorCode> {
  return new AppError('OBJECTS_MESSAGE_INVALID', `A peer's ${what} about objects was refused: ${why}.`, {
    cause,
  })
}
