import type { Blockstore, InputPair, Pair } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { MAX_BLOCK_BYTES } from '#core/limits.ts'
import type { BlockEngine } from './block-engine.ts'
import { type BlockKey, keyBytes, toKey } from './block-key.ts'
import { BlockNotFoundError, type StoreErrorCode, toStoreError } from './errors.ts'
import { assertHashSupported, HASH_CODES } from './verify-block.ts'

type BlockInput = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export interface StoreCallOptions {
  readonly signal?: AbortSignal
}

export interface EngineBlockstoreInit {
  /** Called when a stored copy of `cid` was found damaged and dropped [SE2]: fetch it again, and tell. */
  readonly onDamage?: (cid: CID) => void
}

/** multicodec `raw`: the store knows multihashes only, so listed blocks get the neutral codec */
const RAW_CODEC = 0x55
/** Bytes handed to the engine and not yet acknowledged: 16 of the largest blocks. More wait for their turn. */
const MAX_WAITING_BYTES = 16 * MAX_BLOCK_BYTES
/** `putMany` writes this many at once: enough of the largest chunks to share a flush, 2 MiB in memory. */
const PUT_WINDOW = 8

/**
 * Helia's blockstore over an engine. Blocks are keyed by multihash, so one block has one copy whatever its CID's
 * version or codec. Identity CIDs carry their block and are never stored.
 */
export class EngineBlockstore implements Blockstore {
  readonly #engine: BlockEngine
  readonly #onDamage: ((cid: CID) => void) | undefined

  #waitingBytes = 0
  readonly #waitingForRoom: (() => void)[] = []

  constructor(engine: BlockEngine, { onDamage }: EngineBlockstoreInit = {}) {
    this.#engine = engine
    this.#onDamage = onDamage
  }

  /**
   * Resolves once the block is durable. An abort stops the waiting; the block may be stored all the same.
   * @throws STORE_BLOCK_MISMATCH, STORE_BLOCK_TOO_LARGE, STORE_HASH_UNSUPPORTED, STORE_QUOTA_EXCEEDED, STORE_IO_FAILED
   */
  async put(cid: CID, block: BlockInput, { signal }: StoreCallOptions = {}): Promise<CID> {
    signal?.throwIfAborted()
    const bytes = await collect(block, signal)
    if (isIdentity(cid)) assertIdentity(cid, bytes)
    else {
      assertHashSupported(cid.multihash)
      await settle(this.#putWhenRoom(toKey(cid.multihash.bytes), bytes), signal)
    }
    return cid
  }

  async *putMany(
    source: Iterable<InputPair> | AsyncIterable<InputPair>,
    options: StoreCallOptions = {},
  ): AsyncGenerator<CID> {
    const window: Promise<CID>[] = []
    try {
      for await (const { cid, bytes } of source) {
        const stored = this.put(cid, bytes, options)
        stored.catch(() => undefined)
        window.push(stored)
        if (window.length >= PUT_WINDOW) yield await (window.shift() as Promise<CID>)
      }
      for (const stored of window) yield await stored
    } finally {
      await Promise.allSettled(window)
    }
  }

  async *get(cid: CID, { signal }: StoreCallOptions = {}): AsyncGenerator<Bytes> {
    signal?.throwIfAborted()
    if (isIdentity(cid)) {
      yield new Uint8Array(cid.multihash.digest)
      return
    }
    const { bytes, damaged } = await settle(this.#engine.get(toKey(cid.multihash.bytes)), signal)
    if (damaged && bytes === undefined) this.#onDamage?.(cid)
    if (bytes === undefined) throw new BlockNotFoundError(cid.toString())
    yield bytes
  }

  async *getMany(
    source: Iterable<CID> | AsyncIterable<CID>,
    options: StoreCallOptions = {},
  ): AsyncGenerator<Pair> {
    for await (const cid of source) yield { cid, bytes: this.get(cid, options) }
  }

  async *getAll(options: StoreCallOptions = {}): AsyncGenerator<Pair> {
    options.signal?.throwIfAborted()
    for (const { key } of await settle(this.#engine.list(), options.signal)) {
      options.signal?.throwIfAborted()
      const cid = CID.createV1(RAW_CODEC, Digest.decode(keyBytes(key)))
      yield { cid, bytes: this.get(cid, options) }
    }
  }

  async has(cid: CID, { signal }: StoreCallOptions = {}): Promise<boolean> {
    signal?.throwIfAborted()
    return isIdentity(cid) || settle(this.#engine.has(toKey(cid.multihash.bytes)), signal)
  }

  async delete(cid: CID, { signal }: StoreCallOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    if (!isIdentity(cid)) await settle(this.#engine.delete(toKey(cid.multihash.bytes)), signal)
  }

  async *deleteMany(
    source: Iterable<CID> | AsyncIterable<CID>,
    options: StoreCallOptions = {},
  ): AsyncGenerator<CID> {
    for await (const cid of source) {
      await this.delete(cid, options)
      yield cid
    }
  }

  /** Keeps a caller that does not wait from filling memory with copies of its blocks. */
  async #putWhenRoom(key: BlockKey, bytes: Bytes): Promise<void> {
    const { length } = bytes
    while (this.#waitingBytes > 0 && this.#waitingBytes + length > MAX_WAITING_BYTES) {
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve))
    }
    this.#waitingBytes += length
    try {
      await this.#engine.put(key, bytes)
    } finally {
      this.#waitingBytes -= length
      for (const resume of this.#waitingForRoom.splice(0)) resume()
    }
  }
}

function isIdentity(cid: CID): boolean {
  return cid.multihash.code === HASH_CODES.identity
}

function assertIdentity(cid: CID, bytes: Uint8Array): void {
  if (equalBytes(cid.multihash.digest, bytes)) return
  throw new AppError<StoreErrorCode>(
    'STORE_BLOCK_MISMATCH',
    `The block's ${bytes.length} bytes are not those that its identity CID carries; use the CID of these bytes.`,
  )
}

/** The block as one private copy: the caller may reuse its buffers, and the engine may move ours to a worker. */
async function collect(block: BlockInput, signal: AbortSignal | undefined): Promise<Bytes> {
  if (block instanceof Uint8Array) {
    assertBlockSize(block.length)
    return new Uint8Array(block)
  }
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of block) {
    signal?.throwIfAborted()
    length += part.length
    assertBlockSize(length)
    parts.push(new Uint8Array(part))
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function assertBlockSize(length: number): void {
  if (length <= MAX_BLOCK_BYTES) return
  throw new AppError<StoreErrorCode>(
    'STORE_BLOCK_TOO_LARGE',
    `Expected a block of at most ${MAX_BLOCK_BYTES} bytes, got ${length} or more; split the content into smaller chunks.`,
  )
}

/** What the engine answers, its failures typed; or the signal's own reason as soon as it aborts. */
function settle<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const promise = answer.catch((error: unknown) => {
    throw toStoreError(error)
  })
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
