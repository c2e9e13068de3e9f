import { readFile } from 'node:fs/promises'
import type { Keccak } from '#core/keccak.ts'
import type { TreeHasher } from '#merkle/tree-hasher.ts'
import { createFastestKeccak } from '#wasm/bindings/keccak.ts'
import { createFastestHasher } from '#wasm/bindings/sha256.ts'
import { buildWasm } from '#wasm/build.ts'

/** The fastest hasher of trees that works in this Node.js process. `warn` hears why it is not the wasm one. */
export async function createNodeHasher(warn: (line: string) => void): Promise<TreeHasher> {
  return createFastestHasher(
    async () => new Uint8Array(await readFile((await buildWasm()).sha256)),
    (cause) => warn(`Hashing without SIMD: ${(cause as Error).message}`),
  )
}

/** The fastest Keccak-256 that works in this Node.js process. `warn` hears why it is not the wasm one. */
export async function createNodeKeccak(warn: (line: string) => void): Promise<Keccak> {
  return createFastestKeccak(
    async () => new Uint8Array(await readFile((await buildWasm()).keccak)),
    (cause) => warn(`Hashing without wasm: ${(cause as Error).message}`),
  )
}
