import { readFile, stat } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { buildWasm } from '#wasm/build.ts'

it.each([
  ['rank', ['spread', 'pull', 'distance']],
  ['sha256', ['hashEach', 'begin', 'update', 'finish']],
] as const)('builds %s, a module that imports its memory and nothing else', async (name, names) => {
  const file = (await buildWasm())[name]
  const module = await WebAssembly.compile(new Uint8Array(await readFile(file)))
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
  const exported = WebAssembly.Module.exports(module).map((item) => item.name)
  expect(exported).toEqual(expect.arrayContaining([...names]))
})

it('leaves an up-to-date module alone', async () => {
  const { rank } = await buildWasm()
  const before = await stat(rank)
  await buildWasm()
  const after = await stat(rank)
  expect(after.mtimeMs).toBe(before.mtimeMs)
  expect(after.ino).toBe(before.ino)
})
