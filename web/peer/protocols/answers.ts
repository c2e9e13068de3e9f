import { ByteReader, type Bytes, ByteWriter, concat, equalBytes } from '#core/bytes.ts'
import { DIGEST_BYTES, type Digest } from '#core/cid.ts'
import { isAppError } from '#core/errors.ts'
import { MAX_ANSWER_BYTES, MAX_FRAME_BYTES } from '#core/limits.ts'
import type { RequestHandler } from '#core/transport.ts'
import { decodeAnswer, encodeAnswer, type ProvenAnswer, verifyAnswer } from '#graph/machine/answer.ts'
import type { BlockRule } from '#graph/machine/block-rule.ts'
import { readBlockObject, type SignedGraphBlock } from '#graph/machine/graph-block.ts'
import type { RelevanceMachine } from '#graph/machine/relevance-machine.ts'
import type { BlockPullInit } from './blocks.ts'
import { FRAME_TARGET_BYTES, misbehaviour, oneAtATime, syncError, withIdleLimit } from './sync-frames.ts'

/**
 * [KG16a] Answers with proofs, for who has not the graph. Request: machine 32, digest 32 of the particle. Answer: one
 * stream of u32 length ‖ signed block, u32 length ‖ answer, cut into frames; nothing when there is no block yet, or
 * it is another machine's.
 */
const REQUEST_BYTES = 32 + DIGEST_BYTES
const MAX_STREAM_BYTES = MAX_FRAME_BYTES + MAX_ANSWER_BYTES

export function createAnswersHandler(id: Bytes, machine: Pick<RelevanceMachine, 'answer'>): RequestHandler {
  return oneAtATime((request) => answer(id, machine, request))
}

async function* answer(
  id: Bytes,
  machine: Pick<RelevanceMachine, 'answer'>,
  request: Bytes,
): AsyncGenerator<Uint8Array> {
  if (request.length !== REQUEST_BYTES) {
    throw syncError(
      'SYNC_REQUEST_INVALID',
      `A request of an answer has ${request.length} bytes, expected ${REQUEST_BYTES}.`,
    )
  }
  if (!equalBytes(request.subarray(0, 32), id)) return
  const proven = await machine.answer(request.slice(32))
  if (proven === undefined) return
  const bytes = concat(...[proven.block, encodeAnswer(proven.answer)].flatMap(sized))
  // no reader takes a longer one
  if (bytes.length > MAX_STREAM_BYTES) return
  for (let at = 0; at < bytes.length; at += FRAME_TARGET_BYTES)
    yield bytes.subarray(at, at + FRAME_TARGET_BYTES)
}

function sized(part: Bytes): readonly Bytes[] {
  return [new ByteWriter(4).u32(part.length).finish(), part]
}

/** An answer that was checked against a block that its rule certifies. */
export interface CheckedAnswer {
  readonly block: SignedGraphBlock
  readonly answer: ProvenAnswer
}

/**
 * Asks a peer what a particle links to, and checks that the answer is whole and in order under a certified block;
 * undefined when the peer has none.
 *
 * @throws SYNC_MISBEHAVIOUR that names the peer for an answer that does not hold, BLOCK_TIME, SYNC_IDLE, or what the
 *   transport throws
 */
export async function askAnswer(
  peer: string,
  from: Digest,
  { transport, protocol, timers, machine, signal, rule }: BlockPullInit & { readonly rule: BlockRule },
): Promise<CheckedAnswer | undefined> {
  const request = concat(machine, from)
  const frames = withIdleLimit(
    (limited) => transport.requests.request(peer, protocol, request, { signal: limited }),
    { timers, signal, peer },
  )
  const parts: Bytes[] = []
  let length = 0
  for await (const frame of frames) {
    length += frame.length
    if (length > MAX_STREAM_BYTES)
      throw misbehaviour(peer, `its answer has more than ${MAX_STREAM_BYTES} bytes.`)
    parts.push(frame)
  }
  if (length === 0) return undefined
  try {
    return await check(concat(...parts), { machine, from, rule })
  } catch (cause) {
    if (!isAppError(cause) || cause.code === 'BLOCK_TIME') throw cause // our own clock may be wrong
    throw misbehaviour(peer, cause.message, cause)
  }
}

/** @throws AppError */
async function check(
  bytes: Bytes,
  { machine, from, rule }: { readonly machine: Bytes; readonly from: Digest; readonly rule: BlockRule },
): Promise<CheckedAnswer> {
  const reader = new ByteReader(bytes)
  const block = readBlockObject(reader.bytes(reader.u32('length'), 'block'))
  const answer = decodeAnswer(reader.bytes(reader.u32('length'), 'answer'))
  reader.end('answer')
  if (!equalBytes(block.machine, machine))
    throw syncError('SYNC_MISBEHAVIOUR', 'Its block is of another machine.')
  if (!equalBytes(answer.from, from)) throw syncError('SYNC_MISBEHAVIOUR', 'It answers another question.')
  await rule.verify(block)
  verifyAnswer(block.desc, answer)
  return { block, answer }
}
