import { ByteReader, type Bytes, ByteWriter, concat, equalBytes } from '#core/bytes.ts'
import { ADDRESS_BYTES } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import type { RequestHandler } from '#core/transport.ts'
import type { BandwidthQuote } from '#graph/machine/bandwidth.ts'
import type { RelevanceMachine } from '#graph/machine/relevance-machine.ts'
import type { BlockPullInit } from './blocks.ts'
import { misbehaviour, syncError, withIdleLimit } from './sync-frames.ts'

/**
 * [KG5] What a neuron may link in a machine's next block. Request: machine 32, address 20. Answer: one frame of height
 * u32 of that block, cost of a link u64, what the neuron has u64, what it has at most u64; nothing for another machine.
 * No block commits to it: it is the word of who answers.
 */
const REQUEST_BYTES = 32 + ADDRESS_BYTES
const ANSWER_BYTES = 4 + 3 * 8

/** A neuron's bandwidth for the block of this height, the next one. */
export interface ToldBandwidth extends BandwidthQuote {
  readonly height: number
}

export function createBandwidthHandler(
  id: Bytes,
  machine: Pick<RelevanceMachine, 'bandwidth'>,
): RequestHandler {
  return async function* (request) {
    if (request.length !== REQUEST_BYTES) {
      throw syncError(
        'SYNC_REQUEST_INVALID',
        `A request of a bandwidth has ${request.length} bytes, expected ${REQUEST_BYTES}.`,
      )
    }
    if (!equalBytes(request.subarray(0, 32), id)) return
    const { height, cost, remaining, max } = machine.bandwidth(request.slice(32))
    yield new ByteWriter(ANSWER_BYTES).u32(height).u64(cost).u64(remaining).u64(max).finish()
  }
}

/**
 * Asks a peer how much a neuron may link; undefined when it has not that machine.
 *
 * @throws SYNC_MISBEHAVIOUR that names the peer for an answer that cannot be, SYNC_IDLE, or what the transport throws
 */
export async function askBandwidth(
  peer: string,
  neuron: Address,
  { transport, protocol, timers, machine, signal }: BlockPullInit,
): Promise<ToldBandwidth | undefined> {
  const request = concat(machine, neuron)
  const frames = withIdleLimit(
    (limited) => transport.requests.request(peer, protocol, request, { signal: limited }),
    { timers, signal, peer },
  )
  for await (const frame of frames) return read(frame, peer)
  return undefined
}

function read(frame: Bytes, peer: string): ToldBandwidth {
  if (frame.length !== ANSWER_BYTES)
    throw misbehaviour(peer, `its word on a bandwidth has ${frame.length} bytes, expected ${ANSWER_BYTES}.`)
  const reader = new ByteReader(frame)
  const height = reader.u32('height')
  const [cost, remaining, max] = [reader.u64('cost'), reader.u64('remaining'), reader.u64('max')]
  if (cost === 0n || remaining > max)
    throw misbehaviour(peer, `a link costs ${cost}, and a neuron has ${remaining} of ${max}.`)
  return { height, cost, remaining, max }
}
