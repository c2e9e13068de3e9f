import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Gpu, type GpuOptions, openGpu } from '#webgpu/device.ts'
import { findChromium } from '../e2e/harness/chromium.ts'

/** WebGPU of Node.js, or why there is none. */
export type NodeGpu = { readonly gpu: GPU; readonly reason?: never } | { readonly reason: string }

/** Dawn ends with the last reference to it. */
let dawn: GPU | undefined

/**
 * Dawn on the driver that `$VK_DRIVER_FILES` names, or on the SwiftShader that Chromium brings along: slow, but on
 * every machine, and to the same bits.
 */
export async function findNodeGpu(): Promise<NodeGpu> {
  // Vulkan's loader reads it when Dawn starts.
  process.env.VK_DRIVER_FILES ??= swiftShader()
  if (process.env.VK_DRIVER_FILES === undefined) {
    return { reason: 'no Vulkan driver: install Chromium, or set VK_DRIVER_FILES' }
  }
  try {
    const { create } = await import('webgpu')
    dawn ??= create([])
    const adapter = await dawn.requestAdapter()
    if (adapter === null) return { reason: `no adapter from the driver ${process.env.VK_DRIVER_FILES}` }
    return { gpu: dawn }
  } catch (error) {
    return { reason: `the npm package webgpu does not load: ${(error as Error).message}` }
  }
}

/** A device of it. @throws Error where there is none */
export async function openNodeGpu(options: GpuOptions = {}): Promise<Gpu> {
  const found = await findNodeGpu()
  if (found.reason !== undefined) throw new Error(found.reason)
  return openGpu(found.gpu, { software: true, ...options })
}

/** Text of rank.wgsl. */
export function readRankShader(): Promise<string> {
  return readFile(new URL('../../webgpu/kernels/rank/rank.wgsl', import.meta.url), 'utf8')
}

function swiftShader(): string | undefined {
  const chromium = findChromium()
  const folders = ['/usr/lib/chromium', ...(chromium === undefined ? [] : [dirname(chromium)])]
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find(existsSync)
}
