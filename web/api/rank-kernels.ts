import { createKernelChoice, type KernelChoice } from '#graph/kernel-choice.ts'
import { createWasmPasses } from '#wasm/bindings/link-passes.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import rankWasmUrl from '#wasm/build/rank.wasm?url'
import { openCardKernel, openKernel } from '#webgpu/kernels/rank/open-kernel.ts'
import shader from '#webgpu/kernels/rank/rank.wgsl?raw'

/** Below, wasm is done (under 10 ms) before the card has answered to four checks of the stop rule. */
const MIN_CARD_LINKS = 2 ** 16

/** The kernels of a tab, for its graph worker; what is dropped is told to the console. */
export function createTabKernels(): KernelChoice {
  const card = () => ({ gpu: navigator.gpu, shader })
  return createKernelChoice({
    wasm: async () => createWasmKernel(await loadModule()),
    passes: async () => createWasmPasses(await loadModule()),
    card: () => openCardKernel(card()),
    webgpu: () => openKernel(card()),
    minCardLinks: MIN_CARD_LINKS,
    onDrop: (name, cause) =>
      console.warn(`Tabland: the ${name} rank kernel failed, the next one takes over.`, cause),
  })
}

async function loadModule(): Promise<WebAssembly.Module> {
  const response = await fetch(new URL(rankWasmUrl, import.meta.url))
  return WebAssembly.compile(await response.arrayBuffer())
}
