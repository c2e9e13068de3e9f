import { ByteReader, type Bytes, ByteWriter, concat, toHex } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { MAX_BLOCK_BUNDLE_BYTES } from '#core/limits.ts'
import type { Timers } from '#core/timers.ts'
import type { RequestHandler, Transport } from '#core/transport.ts'
import { type ReadGraphBlock, readGraphBlock } from '#graph/machine/graph-block.ts'
import type { RelevanceMachine } from '#graph/machine/relevance-machine.ts'
import { FRAME_TARGET_BYTES, misbehaviour, oneAtATime, syncError, withIdleLimit } from './sync-frames.ts'

/**
 * [KG23] A machine's blocks, from one height on. Request: machine 32, height u32. Answer: a frame of the height that the
 * answerer is at (u32), then the blocks from the asked height up to it as one stream of (u32 length ‖ bundle)*, cut into
 * frames. Each block is checked and kept before the next is read, so that what was broken off goes on where it ended.
 */
const REQUEST_BYTES = 36
/** No machine gets there: the answer is the height alone. */
const NO_HEIGHT = 2 ** 32 - 1

/** What answers are read from. */
export type BlockSource = Pick<RelevanceMachine, 'tip' | 'bundle'>

/** Answers for one machine; about others it says that it has no block. */
export function createBlocksHandler(machine: Bytes, source: BlockSource): RequestHandler {
  return oneAtATime((request) => answer(machine, source, request))
}

async function* answer(machine: Bytes, source: BlockSource, request: Bytes): AsyncGenerator<Uint8Array> {
  if (request.length !== REQUEST_BYTES) {
    throw syncError(
      'SYNC_REQUEST_INVALID',
      `A request of blocks has ${request.length} bytes, expected ${REQUEST_BYTES}.`,
    )
  }
  const reader = new ByteReader(request)
  const isOurs = toHex(reader.bytes(32, 'machine')) === toHex(machine)
  const last = isOurs ? source.tip.height : 0
  yield encodeU32(last)
  for (let height = Math.max(1, reader.u32('height')); height <= last; height++) {
    const bundle = await source.bundle(height)
    if (bundle === undefined) return
    const sized = concat(encodeU32(bundle.length), bundle)
    for (let at = 0; at < sized.length; at += FRAME_TARGET_BYTES)
      yield sized.subarray(at, at + FRAME_TARGET_BYTES)
  }
}

function encodeU32(value: number): Bytes {
  return new ByteWriter(4).u32(value).finish()
}

export interface BlockPullInit {
  readonly transport: Pick<Transport, 'requests'>
  /** id of the protocol */
  readonly protocol: string
  readonly timers: Timers
  /** 32 bytes */
  readonly machine: Bytes
  readonly signal: AbortSignal
}

/**
 * Height that a peer says it is at; 0 when it has no block of this machine.
 *
 * @throws SYNC_MISBEHAVIOUR, SYNC_IDLE, or what the transport throws
 */
export async function askHeight(
  peer: string,
  { transport, protocol, timers, machine, signal }: BlockPullInit,
): Promise<number> {
  const request = new ByteWriter(REQUEST_BYTES).bytes(machine).u32(NO_HEIGHT).finish()
  const frames = withIdleLimit(
    (limited) => transport.requests.request(peer, protocol, request, { signal: limited }),
    { timers, signal, peer },
  )
  for await (const frame of frames) return readHeight(frame, peer)
  return 0
}

/** @throws SYNC_MISBEHAVIOUR */
function readHeight(frame: Bytes, peer: string): number {
  if (frame.length !== 4) throw misbehaviour(peer, 'its answer does not begin with a height.')
  return new ByteReader(frame).u32('height')
}

/** A block of a peer, read and not verified. */
export interface PulledBlock {
  readonly block: ReadGraphBlock
  /** height that the peer is at */
  readonly last: number
}

/**
 * Reads a peer's blocks from `height` on.
 *
 * @throws SYNC_MISBEHAVIOUR for what is no row of blocks, SYNC_IDLE, or what the transport throws
 */
export async function* pullBlocks(
  peer: string,
  height: number,
  { transport, protocol, timers, machine, signal }: BlockPullInit,
): AsyncGenerator<PulledBlock> {
  const request = new ByteWriter(REQUEST_BYTES).bytes(machine).u32(height).finish()
  const frames = withIdleLimit(
    (limited) => transport.requests.request(peer, protocol, request, { signal: limited }),
    { timers, signal, peer },
  )
  let last: number | undefined
  let rest: Bytes = new Uint8Array(0)
  for await (const frame of frames) {
    if (last === undefined) {
      last = readHeight(frame, peer)
      continue
    }
    rest = concat(rest, frame)
    for (let bundle = takeBundle(rest, peer); bundle !== undefined; bundle = takeBundle(rest, peer)) {
      rest = rest.slice(4 + bundle.length)
      yield { block: readPulled(bundle, peer), last }
    }
  }
  if (rest.length > 0) throw misbehaviour(peer, 'its answer ends within a block.')
}

/** The first whole bundle of a stream. @throws SYNC_MISBEHAVIOUR for one that is too long */
function takeBundle(rest: Bytes, peer: string): Bytes | undefined {
  if (rest.length < 4) return undefined
  const length = new ByteReader(rest).u32('length')
  if (length > MAX_BLOCK_BUNDLE_BYTES) throw misbehaviour(peer, `a block of it has ${length} bytes.`)
  return rest.length < 4 + length ? undefined : rest.slice(4, 4 + length)
}

/** @throws SYNC_MISBEHAVIOUR */
function readPulled(bundle: Bytes, peer: string): ReadGraphBlock {
  try {
    return readGraphBlock(bundle)
  } catch (cause) {
    throw misbehaviour(peer, (cause as Error).message, cause)
  }
}

export interface BlockSyncInit extends Omit<BlockPullInit, 'machine'> {
  readonly machine: RelevanceMachine
  /** id of the machine, 32 bytes */
  readonly id: Bytes
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void
}

/** Refusals that the peer's own clock or a race explains. */
const INNOCENT: ReadonlySet<string> = new Set(['BLOCK_GAP', 'BLOCK_FORKED', 'BLOCK_TIME', 'LINKS_TIME'])

/**
 * Brings a machine up to a peer's last block. Nothing is applied that does not verify and lead to the very roots that
 * its block commits to. Returns the height that it is at.
 *
 * @throws SYNC_MISBEHAVIOUR that names the peer, BLOCK_FORKED with both blocks kept, SYNC_IDLE, or what the transport
 *   throws; what was taken until then stays
 */
export async function syncBlocks(peer: string, init: BlockSyncInit): Promise<number> {
  const { machine, id, onProgress } = init
  // the last block again: a peer on another branch shows the fork by it
  const from = Math.max(1, machine.tip.height)
  for await (const { block, last } of pullBlocks(peer, from, { ...init, machine: id })) {
    const isKnown = block.desc.height === machine.tip.height && toHex(block.hash) === hexOf(machine.tip.hash)
    if (!isKnown) await applyFrom(peer, machine, block)
    onProgress({ done: machine.tip.height, total: Math.max(last, machine.tip.height) })
  }
  return machine.tip.height
}

function hexOf(hash: Bytes | undefined): string {
  return hash === undefined ? '' : toHex(hash)
}

async function applyFrom(peer: string, machine: RelevanceMachine, block: ReadGraphBlock): Promise<void> {
  try {
    await machine.apply(block)
  } catch (error) {
    const isFault = isAppError(error) && /^(BLOCK|LINKS)_/.test(error.code) && !INNOCENT.has(error.code)
    throw isFault ? misbehaviour(peer, error.message, error) : error
  }
}
