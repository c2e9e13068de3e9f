import type { Bytes } from '#core/bytes.ts'
import { createTsKeccak, KECCAK_BYTES, type Keccak } from '#core/keccak.ts'

/** wasm/assembly/keccak.ts as it is exported. */
interface KeccakExports {
  hash(message: number, length: number, out: number): void
  hashEach(messages: number, length: number, count: number, out: number): void
}

const PAGE_BYTES = 65_536
/** The first page is the module's own. */
const MESSAGE_AT = PAGE_BYTES
/** 2,048 slots at once; nodes of a trie are far below. Longer messages go to the TypeScript one. */
const MESSAGE_BYTES = PAGE_BYTES
const OUT_AT = MESSAGE_AT + MESSAGE_BYTES
const MEMORY_BYTES = OUT_AT + MESSAGE_BYTES

/**
 * Keccak-256 in AssemblyScript, for a page, a worker or Node.js.
 *
 * @param source the bytes of wasm/build/keccak.wasm, or its compiled module
 */
export async function createWasmKeccak(source: Bytes | WebAssembly.Module): Promise<Keccak> {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source)
  const memory = new WebAssembly.Memory({ initial: Math.ceil(MEMORY_BYTES / PAGE_BYTES) })
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  // The module is built from wasm/assembly/keccak.ts alone, and its tests call each of these.
  const exports = instance.exports as unknown as KeccakExports
  const bytes = new Uint8Array(memory.buffer)
  const long = createTsKeccak()
  return {
    name: 'wasm',
    hashInto(message, out, at) {
      if (message.length > MESSAGE_BYTES) return long.hashInto(message, out, at)
      bytes.set(message, MESSAGE_AT)
      exports.hash(MESSAGE_AT, message.length, OUT_AT)
      for (let i = 0; i < KECCAK_BYTES; i++) out[at + i] = bytes[OUT_AT + i]!
    },
    hashEach(messages, messageBytes) {
      if (messageBytes > MESSAGE_BYTES) return long.hashEach(messages, messageBytes)
      const count = messages.length / messageBytes
      const out = new Uint8Array(count * KECCAK_BYTES)
      const step = Math.floor(MESSAGE_BYTES / Math.max(messageBytes, KECCAK_BYTES))
      for (let from = 0; from < count; from += step) {
        const taken = Math.min(step, count - from)
        bytes.set(messages.subarray(from * messageBytes, (from + taken) * messageBytes), MESSAGE_AT)
        exports.hashEach(MESSAGE_AT, messageBytes, taken, OUT_AT)
        out.set(bytes.subarray(OUT_AT, OUT_AT + taken * KECCAK_BYTES), from * KECCAK_BYTES)
      }
      return out
    },
  }
}

/**
 * The wasm one, or the TypeScript one where it does not load.
 *
 * @param load gives the bytes of wasm/build/keccak.wasm, or its compiled module
 * @param onFallback hears why
 */
export async function createFastestKeccak(
  load: () => Promise<Bytes | WebAssembly.Module>,
  onFallback: (cause: unknown) => void,
): Promise<Keccak> {
  try {
    return await createWasmKeccak(await load())
  } catch (cause) {
    onFallback(cause)
    return createTsKeccak()
  }
}
