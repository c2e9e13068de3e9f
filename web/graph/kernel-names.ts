import type { KernelName } from './graph-ranker.ts'

/** Rank engines ([KG12]), fastest first. */
export const KERNEL_NAMES = ['webgpu', 'wasm', 'ts'] as const satisfies readonly KernelName[]
