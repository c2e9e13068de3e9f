import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { LinkPasses } from '#graph/link-passes.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import { createWasmPasses } from '#wasm/bindings/link-passes.ts'
import { buildWasm } from '#wasm/build.ts'
import { arbitraryInput, readWordnet, withHashedStakes } from '../web/graph/rank-graphs.ts'

describe('createWasmPasses', () => {
  let module: WebAssembly.Module
  let passes: LinkPasses
  beforeAll(async () => {
    module = await WebAssembly.compile(new Uint8Array(await readFile((await buildWasm()).rank)))
    passes = createWasmPasses(module, 0)
  })

  it('builds the graphs that plain TypeScript builds', () => {
    fc.assert(
      fc.property(arbitraryInput(), (input) => {
        expect(buildRankGraph(input, passes)).toEqual(buildRankGraph(input))
      }),
      { numRuns: 50 },
    )
  })

  it('builds the same WordNet, of 997 neurons', () => {
    const input = withHashedStakes(readWordnet())
    const [wasm, plain] = [buildRankGraph(input, createWasmPasses(module)), buildRankGraph(input)]
    for (const name of ['order', 'sources', 'weights', 'rows', 'columns'] as const) {
      expect(Buffer.from(wasm[name].buffer).equals(Buffer.from(plain[name].buffer)), name).toBe(true)
    }
  })

  it('leaves what it is given as it was', () => {
    const links = { targets: Uint32Array.of(1, 0), starts: Uint32Array.of(0), counts: Uint32Array.of(2) }
    const rows = Uint32Array.of(0, 1)
    expect([...passes.byDestination({ ...links, rows })]).toEqual([0, 0])
    expect([...rows]).toEqual([0, 1])
  })
})
