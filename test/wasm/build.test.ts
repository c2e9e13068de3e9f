import { readFile, stat } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { buildWasm } from '#wasm/build.ts'

it('builds a module that imports its memory and nothing else', async () => {
  const { rank } = await buildWasm()
  const module = await WebAssembly.compile(new Uint8Array(await readFile(rank)))
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['spread', 'pull', 'distance']),
  )
})

it('leaves an up-to-date module alone', async () => {
  const { rank } = await buildWasm()
  const before = await stat(rank)
  await buildWasm()
  const after = await stat(rank)
  expect(after.mtimeMs).toBe(before.mtimeMs)
  expect(after.ino).toBe(before.ino)
})
