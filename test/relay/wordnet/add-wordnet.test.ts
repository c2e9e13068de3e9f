import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { beforeAll, describe, expect, it } from 'vitest'
import { textBlocks, textCid } from '#core/cid.ts'
import { machineOf } from '#core/machine.ts'
import { createGraphService } from '#graph/graph-service.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { LayeredBlockstore } from '#relay/cache/layered-blockstore.ts'
import { addWordNet, type WordNetReport } from '#relay/wordnet/add-wordnet.ts'
import { parseWordNet, type WordNet } from '#relay/wordnet/parse-wordnet.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'
import { PARTS } from './wordnet-fixture.ts'

const SECRET = new Uint8Array(32).fill(1)
const pause = async () => {}

describe('WordNet in a relay', () => {
  let wordnet: WordNet
  let graph: GraphService
  let report: WordNetReport
  const told: number[] = []

  const add = (signal = new AbortController().signal) =>
    addWordNet(graph, {
      wordnet,
      network: 'test',
      secret: SECRET,
      signal,
      pause,
      onProgress: (share) => told.push(share),
    })

  beforeAll(async () => {
    wordnet = await parseWordNet(PARTS, pause)
    graph = createGraphService({
      machine: machineOf('test'),
      store: createMemoryRecordStore(),
      kernel: () => createTsKernel(),
      timers: createFakeTimers(),
      now: () => Date.parse('2031-01-01'),
    })
    report = await add()
  })

  it('is signed, accepted whole and found, with progress to its end', async () => {
    expect(report).toEqual({ texts: wordnet.texts.length, links: 13, refusals: [] })
    const { results } = await graph.search('moon')
    expect(await graph.text(results[0]!.cid)).toBe('moon (noun): any natural satellite of a planet')
    expect(told.at(-1)).toBe(1)
    expect(told).toEqual([...told].sort((a, b) => a - b))
    // accounts of their own: the sample world's neuron has none of these
    expect(results[0]!.links).toHaveLength(1)
  })

  it('is there already when the relay starts again', async () => {
    expect(await add()).toEqual(report)
  })

  it('stops where it is when the relay does', async () => {
    await expect(add(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('its texts are served as blocks, made when somebody wants one', async () => {
    const store = new LayeredBlockstore(new MemoryBlockstore(), undefined, graph)
    const [block] = textBlocks('moon')
    const cid = CID.parse(textCid('moon'))
    expect(await store.has(cid)).toBe(true)
    expect((await store.get(cid).next()).value).toEqual(block!.bytes)
    const unknown = CID.parse(textCid('comet'))
    expect(await store.has(unknown)).toBe(false)
    await expect(store.get(unknown).next()).rejects.toMatchObject({ name: 'NotFoundError' })
    expect(await store.has(CID.createV1(0x55, cid.multihash))).toBe(false)
  })
})
