import { type Bytes, concat } from '#core/bytes.ts'
import { HASH_BYTES } from '#merkle/tree-hash.ts'
import { countMessages, createTsHasher, type HashBatch, type TreeHasher } from '#merkle/tree-hasher.ts'

/** wasm/assembly/sha256.ts as it is exported; u64 crosses as a BigInt. */
interface Sha256Exports {
  hashEach(prefix: number, messages: number, messageBytes: number, count: number, out: number): void
  begin(): void
  update(blocks: number, count: number): void
  finish(rest: number, restBytes: number, totalBytes: bigint, out: number): void
}

const PAGE_BYTES = 65_536
const BLOCK_BYTES = 64
/** 17 blocks with the prefix and the padding: what wasm/assembly/sha256.ts has masks for. */
const MAX_MESSAGE_BYTES = 17 * BLOCK_BYTES - 10
/** The first page is the module's own. It reads this much before and behind messages, whatever there is. */
const MESSAGES_AT = PAGE_BYTES + 2 * BLOCK_BYTES
/** 4,096 nodes: with their hashes they stay in a core's cache. */
const PIECE_BYTES = 256 * 1024
const PIECE_MESSAGES = 4_096
/** Three messages fill up the last four, and the padding of the last reads on. */
const OUT_AT = MESSAGES_AT + PIECE_BYTES + 4 * MAX_MESSAGE_BYTES
const MEMORY_BYTES = OUT_AT + (PIECE_MESSAGES + 4) * HASH_BYTES

/**
 * SHA-256 in AssemblyScript, four messages side by side by SIMD, for a page, a worker or Node.js.
 *
 * @param source the bytes of wasm/build/sha256.wasm, or its compiled module
 * @throws what WebAssembly.compile throws when the engine has no SIMD
 */
export async function createWasmHasher(source: Bytes | WebAssembly.Module): Promise<TreeHasher> {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source)
  const memory = new WebAssembly.Memory({ initial: Math.ceil(MEMORY_BYTES / PAGE_BYTES) })
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  // The module is built from wasm/assembly/sha256.ts alone, and its tests call each of these.
  const exports = instance.exports as unknown as Sha256Exports
  const bytes = new Uint8Array(memory.buffer)
  return {
    name: 'wasm',
    hashEach(batch) {
      const count = countMessages(batch)
      if (batch.messageBytes > MAX_MESSAGE_BYTES) hashOneByOne(exports, bytes, batch)
      else hashSideBySide(exports, bytes, batch, count)
    },
    hash: (message) => hashOne(exports, bytes, message),
  }
}

/**
 * The wasm hasher, or the TypeScript one where it does not load: engines without SIMD are from before 2023.
 *
 * @param load gives the bytes of wasm/build/sha256.wasm, or its compiled module
 * @param onFallback hears why
 */
export async function createFastestHasher(
  load: () => Promise<Bytes | WebAssembly.Module>,
  onFallback: (cause: unknown) => void,
): Promise<TreeHasher> {
  try {
    return await createWasmHasher(await load())
  } catch (cause) {
    onFallback(cause)
    return createTsHasher()
  }
}

function hashSideBySide(exports: Sha256Exports, bytes: Bytes, batch: HashBatch, count: number): void {
  const { prefix, messages, messageBytes, out } = batch
  const step = Math.min(PIECE_MESSAGES, Math.floor(PIECE_BYTES / messageBytes))
  for (let from = 0; from < count; from += step) {
    const taken = Math.min(step, count - from)
    bytes.set(messages.subarray(from * messageBytes, (from + taken) * messageBytes), MESSAGES_AT)
    exports.hashEach(prefix, MESSAGES_AT, messageBytes, taken, OUT_AT)
    out.set(bytes.subarray(OUT_AT, OUT_AT + taken * HASH_BYTES), from * HASH_BYTES)
  }
}

function hashOneByOne(exports: Sha256Exports, bytes: Bytes, batch: HashBatch): void {
  const { prefix, messages, messageBytes, out } = batch
  for (let from = 0, to = 0; from < messages.length; from += messageBytes, to += HASH_BYTES) {
    const message = concat(Uint8Array.of(prefix), messages.subarray(from, from + messageBytes))
    out.set(hashOne(exports, bytes, message), to)
  }
}

function hashOne(exports: Sha256Exports, bytes: Bytes, message: Uint8Array): Bytes {
  exports.begin()
  let from = 0
  for (; message.length - from >= BLOCK_BYTES; ) {
    const whole = Math.min(PIECE_BYTES, message.length - from)
    const blocks = Math.floor(whole / BLOCK_BYTES)
    bytes.set(message.subarray(from, from + blocks * BLOCK_BYTES), MESSAGES_AT)
    exports.update(MESSAGES_AT, blocks)
    from += blocks * BLOCK_BYTES
  }
  bytes.set(message.subarray(from), MESSAGES_AT)
  exports.finish(MESSAGES_AT, message.length - from, BigInt(message.length), OUT_AT)
  return bytes.slice(OUT_AT, OUT_AT + HASH_BYTES)
}
