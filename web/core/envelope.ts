import { ByteReader, type Bytes, ByteWriter } from './bytes.ts'
import { AppError } from './errors.ts'

/**
 * A signed statement that is no named object: wishes and proofs between peers, and records of before there were
 * objects. `u16 length ‖ delegation ‖ record`; whoever has it can check it without asking anybody.
 */
export interface Envelope {
  readonly delegation: Bytes
  readonly record: Bytes
}

export type EnvelopeErrorCode = 'ENVELOPE_INVALID'

/** Of everything that frames carry behind a u16. The longest, a batch of 256 links, is under 18 KiB. */
export const MAX_ENVELOPE_BYTES = 18 * 1024

export function encodeEnvelope({ delegation, record }: Envelope): Bytes {
  return new ByteWriter(2 + delegation.length + record.length)
    .u16(delegation.length)
    .bytes(delegation)
    .bytes(record)
    .finish()
}

/** @throws ENVELOPE_INVALID */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > MAX_ENVELOPE_BYTES)
    throw invalid(`expected at most ${MAX_ENVELOPE_BYTES} bytes, got ${bytes.length}`)
  try {
    const reader = new ByteReader(bytes)
    const delegation = reader.bytes(reader.u16('delegation length'), 'delegation')
    return { delegation, record: reader.bytes(reader.remaining, 'record') }
  } catch (cause) {
    throw invalid(`${bytes.length} bytes end inside the delegation`, cause)
  }
}

function invalid(why: string, cause?: unknown): AppError<EnvelopeErrorCode> {
  return new AppError('ENVELOPE_INVALID', `A record could not be read: ${why}. It was dropped.`, { cause })
}

/**
 * Frames of several envelopes: each behind its u16 length, as many as fit `maxBytes`, in order.
 *
 * @throws ENVELOPE_INVALID for one that is too long
 */
export function packEnvelopes(envelopes: readonly Uint8Array[], maxBytes: number): readonly Bytes[] {
  const frames: Bytes[] = []
  let writer = new ByteWriter(maxBytes)
  let length = 0
  for (const envelope of envelopes) {
    if (envelope.length > 0xffff) throw invalid(`${envelope.length} bytes do not fit behind a u16`)
    if (length > 0 && length + 2 + envelope.length > maxBytes) {
      frames.push(writer.finish())
      writer = new ByteWriter(maxBytes)
      length = 0
    }
    writer.u16(envelope.length).bytes(envelope)
    length += 2 + envelope.length
  }
  if (length > 0) frames.push(writer.finish())
  return frames
}

/** @throws ENVELOPE_INVALID when the frame does not divide into envelopes */
export function unpackEnvelopes(frame: Uint8Array): readonly Bytes[] {
  const envelopes: Bytes[] = []
  try {
    const reader = new ByteReader(frame)
    while (reader.remaining > 0) envelopes.push(reader.bytes(reader.u16('envelope length'), 'envelope'))
    return envelopes
  } catch (cause) {
    throw invalid(`a frame of ${frame.length} bytes ends inside a record`, cause)
  }
}
