import { readFile } from 'node:fs/promises'
import type { ContextKernel } from '#graph/rank-context.ts'
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

/** The kernel that ranks in contexts ([KG15]): the one asked for, or wasm, and plain TypeScript where that fails. */
export async function createNodeContextKernel(wanted?: 'ts' | 'wasm'): Promise<ContextKernel> {
  if (wanted === 'ts') return createTsKernel()
  const wasm = loadWasmKernel()
  return wanted === 'wasm' ? wasm : wasm.catch(() => createTsKernel())
}

async function loadWasmKernel(): Promise<RankKernel & ContextKernel> {
  const { rank } = await buildWasm()
  return createWasmKernel(new Uint8Array(await readFile(rank)))
}
