import { ByteReader, type Bytes, ByteWriter, equalBytes } from '#core/bytes.ts'
import type { Identity } from '#core/identity.ts'
import { MAX_BLOCK_BATCHES, MAX_BLOCK_BUNDLE_BYTES, MAX_FRAME_BYTES } from '#core/limits.ts'
import { rootHash } from '#merkle/tree-hash.ts'
import { fromUnixUs } from '#objects/object-time.ts'
import { createDesc, readContent } from '#objects/object-type.ts'
import { ownerOf, readRecordObject, type SignedRecord, signRecord } from '#objects/signed-record.ts'
import { type GraphBlockDesc, graphBlockType } from '#objects/types/graph-block.ts'
import { linkCount, type ReadLinkBatch, readLinkBatch } from '../link-batch.ts'
import { machineError } from './machine-errors.ts'
import { MAX_BLOCK_LINKS } from './parameters.ts'

/** What the graph and its ranks are after a block ([KG16a]). */
export type BlockState = Pick<
  GraphBlockDesc,
  | 'links'
  | 'particles'
  | 'linksRoot'
  | 'allLinksRoot'
  | 'rankedAt'
  | 'rankRoot'
  | 'mapRoot'
  | 'stakes'
  | 'rankStakes'
>

/** All of them. */
export const BLOCK_STATE_FIELDS = [
  ...(['links', 'particles', 'linksRoot', 'allLinksRoot', 'rankedAt', 'rankRoot', 'mapRoot'] as const),
  ...(['stakes', 'rankStakes'] as const),
] satisfies readonly (keyof BlockState)[]

/** What a block says before its state is known. */
export interface BlockHead {
  readonly machine: Bytes
  /** from 1 */
  readonly height: number
  /** hash of the block before; undefined for the first */
  readonly prev: Bytes | undefined
  /** µs since 1970 */
  readonly timeUs: number
  /** version of the parameters */
  readonly parameters: number
}

/** A block without its batches: what its signature is of. */
export type SignedGraphBlock = Omit<ReadGraphBlock, 'batches' | 'bundle'>

/** A block as it was read: everything that can be checked without a key or the graph is. */
export interface ReadGraphBlock extends SignedRecord {
  /** SHA-256 of its desc: what `prev` of the next block names */
  readonly hash: Bytes
  readonly desc: GraphBlockDesc
  readonly batches: readonly ReadLinkBatch[]
  /** block and batches as they travel and are kept: u32 count, then u32 length ‖ bytes of each */
  readonly bundle: Bytes
}

const FORM = { type: graphBlockType, part: 'desc', maxBytes: MAX_FRAME_BYTES } as const

/** Signs a block. @throws BLOCK_INVALID for more than a block may hold */
export async function signGraphBlock(
  { head, state, batches }: { head: BlockHead; state: BlockState; batches: readonly ReadLinkBatch[] },
  identity: Identity,
): Promise<ReadGraphBlock> {
  const { machine, height, prev, parameters, timeUs } = head
  const content: GraphBlockDesc = {
    ...state,
    machine,
    device: identity.device.publicKey,
    height,
    ...(prev === undefined ? {} : { prev }),
    parameters,
    batches: batches.length,
    batchesRoot: batchesRootOf(batches),
  }
  const time = fromUnixUs(timeUs)
  const desc = createDesc(graphBlockType, content, { owner: ownerOf(identity), created: time })
  const block = await signRecord({ desc }, identity, { part: 'desc', time })
  return readGraphBlock(encodeBundle([block, ...batches.map(({ envelope }) => envelope)]))
}

/**
 * Reads a block and the batches beside it: form, bounds, and that the batches are those of the block. Signatures are a
 * BlockRule's and the batches' verifier's, the state is the machine's.
 *
 * @throws BLOCK_INVALID
 */
export function readGraphBlock(bundle: Bytes): ReadGraphBlock {
  return orInvalid(() => readBundle(bundle))
}

/** @throws BLOCK_INVALID with what `read` throws as its cause */
function orInvalid<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw machineError(
      'BLOCK_INVALID',
      `A block was dropped, as it could not be read: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

function readBundle(bundle: Bytes): ReadGraphBlock {
  const [bytes, ...envelopes] = decodeBundle(bundle)
  if (bytes === undefined) throw new Error('Expected a block, got nothing.')
  const block = readObject(bytes)
  const { desc } = block
  const batches = envelopes.map(readLinkBatch)
  const links = batches.reduce((sum, batch) => sum + linkCount(batch), 0)
  if (links > MAX_BLOCK_LINKS) throw new Error(`Expected at most ${MAX_BLOCK_LINKS} links, got ${links}.`)
  if (batches.length !== desc.batches || !equalBytes(batchesRootOf(batches), desc.batchesRoot)) {
    throw new Error(`Its ${desc.batches} batches are other ones than the ${batches.length} beside it.`)
  }
  return { ...block, batches, bundle }
}

/** @throws OBJECT_INVALID, Error */
function readObject(bytes: Bytes): SignedGraphBlock {
  const { object, ...record } = readRecordObject(bytes, FORM)
  const desc = readContent(graphBlockType, 'desc', object.desc.content)
  if (!equalBytes(desc.device, record.device)) throw new Error('It names one device and another signed it.')
  return { ...record, machine: desc.machine, desc }
}

/** Reads a block that came without its batches. @throws BLOCK_INVALID */
export function readBlockObject(bytes: Bytes): SignedGraphBlock {
  return orInvalid(() => readObject(bytes))
}

/** The block in a bundle, as it was signed. */
export function blockOfBundle(bundle: Bytes): Bytes {
  const reader = new ByteReader(bundle)
  reader.u32('count')
  return reader.bytes(reader.u32('length'), 'block')
}

/** Root over the batches' hashes, in order. */
function batchesRootOf(batches: readonly Pick<ReadLinkBatch, 'hash'>[]): Bytes {
  return rootHash(batches.map(({ hash }) => hash))
}

function encodeBundle(parts: readonly Uint8Array[]): Bytes {
  const writer = new ByteWriter(4 + parts.reduce((sum, { length }) => sum + 4 + length, 0)).u32(parts.length)
  for (const part of parts) writer.u32(part.length).bytes(part)
  return writer.finish()
}

/** @throws BYTES_TRUNCATED, BYTES_TRAILING, Error */
function decodeBundle(bundle: Bytes): readonly Bytes[] {
  if (bundle.length > MAX_BLOCK_BUNDLE_BYTES) {
    throw new Error(`Expected at most ${MAX_BLOCK_BUNDLE_BYTES} bytes, got ${bundle.length}.`)
  }
  const reader = new ByteReader(bundle)
  const count = reader.u32('count')
  if (count > 1 + MAX_BLOCK_BATCHES)
    throw new Error(`Expected at most ${MAX_BLOCK_BATCHES} batches, got ${count - 1}.`)
  const parts: Bytes[] = []
  for (let part = 0; part < count; part++) parts.push(reader.bytes(reader.u32('length'), 'part'))
  reader.end('block')
  return parts
}

/** Room that a batch takes in a bundle. */
export function bundledBytes({ envelope }: Pick<ReadLinkBatch, 'envelope'>): number {
  return 4 + envelope.length
}
