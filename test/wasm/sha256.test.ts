import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createFastestHasher, createWasmHasher } from '#wasm/bindings/sha256.ts'
import { buildWasm } from '#wasm/build.ts'
import { describeTreeHasher } from '../contract/tree-hasher-contract.ts'

async function readBinary(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile((await buildWasm()).sha256))
}

describeTreeHasher('AssemblyScript', async () => createWasmHasher(await readBinary()))

it('hashes messages that are longer than those it takes side by side', async () => {
  const [wasm, ts] = [await createWasmHasher(await readBinary()), await createFastestHasher(noSimd, () => {})]
  const messages = Uint8Array.from({ length: 3 * 1_079 }, (_, i) => i * i)
  for (const messageBytes of [1_077, 1_078, 1_079]) {
    const [out, expected] = [new Uint8Array(3 * 32), new Uint8Array(3 * 32)]
    const batch = { prefix: 1, messages: messages.subarray(0, 3 * messageBytes), messageBytes } as const
    wasm.hashEach({ ...batch, out })
    ts.hashEach({ ...batch, out: expected })
    expect(out).toEqual(expected)
  }
})

it('takes a compiled module, as workers are sent', async () => {
  const hasher = await createFastestHasher(
    async () => WebAssembly.compile(await readBinary()),
    (cause) => expect.fail(String(cause)),
  )
  expect(hasher.name).toBe('wasm')
})

it('falls back to TypeScript where the module does not compile, and says why', async () => {
  const causes: unknown[] = []
  const hasher = await createFastestHasher(noSimd, (cause) => causes.push(cause))
  expect(hasher.name).toBe('ts')
  expect(causes).toEqual([expect.any(WebAssembly.CompileError)])
})

/** Bytes that no engine takes: what an engine without SIMD thinks of the module. */
async function noSimd(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(8)
}
