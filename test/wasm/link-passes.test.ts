import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type LinkPasses, PLAIN_PASSES } from '#graph/link-passes.ts'
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
    const loose = { particles: 2, neurons: 2, links: Uint32Array.of(1, 0, 0, 0, 1, 1) }
    const carries = Uint32Array.of(1, 1)
    const places = { order: Uint32Array.of(1, 0), starts: Uint32Array.of(1, 0) }
    const before = structuredClone([loose, carries, places])
    const [wasm, plain] = [passes.open(loose)!, PLAIN_PASSES.open(loose)!]
    expect(wasm.degrees).toEqual(plain.degrees)
    expect(wasm.count(carries)).toEqual(plain.count(carries))
    expect(wasm.fold(places)).toEqual(plain.fold(places))
    expect([loose, carries, places]).toEqual(before)
    expect([...rows]).toEqual([0, 1])
  })

  it.each([
    ['a source', Uint32Array.of(0, 1, 0, 2, 1, 0)],
    ['a destination', Uint32Array.of(0, 2, 0)],
    ['a neuron', Uint32Array.of(0, 1, 1)],
  ])('[KG11] refuses %s that there is not, as plain TypeScript does', (_, links) => {
    const input = { particles: 2, links, stakes: [9n] }
    const codeOf = (chosen?: LinkPasses) => {
      try {
        buildRankGraph(input, chosen)
      } catch (error) {
        return (error as { code?: string }).code
      }
    }
    expect(codeOf(passes)).toMatch(/^RANK_(ENDPOINT|NEURON)$/)
    expect(codeOf(passes)).toBe(codeOf())
  })
})
