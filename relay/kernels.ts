import { readFile } from 'node:fs/promises'
import { createFallbackKernel, type KernelCandidate } from '#graph/rank-fallback.ts'
import type { RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import { buildWasm } from '#wasm/build.ts'

/** The rank kernel of a Node.js process: the one asked for, or the fastest that works. `warn` hears of a dropped one. */
export function createNodeKernel(
  wanted: 'ts' | 'wasm' | undefined,
  warn: (line: string) => void,
): RankKernel {
  if (wanted === 'ts') return createTsKernel()
  const ts: KernelCandidate = { name: 'ts', load: async () => createTsKernel() }
  const wasm: KernelCandidate = { name: 'wasm', load: loadWasmKernel }
  return createFallbackKernel({
    candidates: wanted === 'wasm' ? [wasm] : [wasm, ts],
    onDrop: (kernel, cause) => warn(`The ${kernel} kernel failed: ${(cause as Error).message}`),
  })
}

async function loadWasmKernel(): Promise<RankKernel> {
  const { rank } = await buildWasm()
  return createWasmKernel(new Uint8Array(await readFile(rank)))
}
