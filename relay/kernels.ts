import { readFile } from 'node:fs/promises'
import { createKernelChoice, type KernelChoice } from '#graph/kernel-choice.ts'
import { createWasmPasses } from '#wasm/bindings/link-passes.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import { buildWasm } from '#wasm/build.ts'
import { webgpuError } from '#webgpu/errors.ts'
import { openCardKernel, openKernel } from '#webgpu/kernels/rank/open-kernel.ts'

/** Loading Dawn and a driver takes half a second, in which wasm ranks about this many links. */
const MIN_CARD_LINKS = 2 ** 22
const SHADER = new URL('../webgpu/kernels/rank/rank.wgsl', import.meta.url)

/** The kernels of a Node.js process. `warn` hears of one that was dropped. */
export function createNodeKernels(warn: (line: string) => void): KernelChoice {
  const withDawn = async () => ({ gpu: await loadDawn(), shader: await readFile(SHADER, 'utf8') })
  return createKernelChoice({
    wasm: async () => createWasmKernel(await loadModule()),
    passes: async () => createWasmPasses(await loadModule()),
    card: async () => {
      const init = await withDawn().catch(() => undefined)
      return init && openCardKernel(init)
    },
    webgpu: async () => openKernel(await withDawn()),
    minCardLinks: MIN_CARD_LINKS,
    onDrop: (kernel, cause) => warn(`The ${kernel} kernel failed: ${(cause as Error).message}`),
  })
}

async function loadModule(): Promise<WebAssembly.Module> {
  const { rank } = await buildWasm()
  return WebAssembly.compile(new Uint8Array(await readFile(rank)))
}

/** The package is for who develops Tabland or wants it; relays go without. Dawn ends with the last reference to it, whatever its devices still do. */
let dawn: GPU | undefined

async function loadDawn(): Promise<GPU> {
  try {
    const { create } = await import('webgpu')
    dawn ??= create([])
    return dawn
  } catch (cause) {
    throw webgpuError(
      'WEBGPU_ABSENT',
      'WebGPU in Node.js takes the npm package webgpu: run npm install webgpu, or choose the wasm kernel.',
      { cause },
    )
  }
}
