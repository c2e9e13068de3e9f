import { join } from 'node:path'
import { MemoryBlockstore } from 'blockstore-core'
import type { Helia } from 'helia'
import { beforeAll, describe, expect, it } from 'vitest'
import { textCid } from '#core/cid.ts'
import { machineOf } from '#core/machine.ts'
import { createGraphService } from '#graph/graph-service.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { type BuildChange, createPlacementService } from '#objects/placement-service.ts'
import { createContent } from '#peer/content.ts'
import { loadSample, type Sample } from '#relay/sample.ts'
import { addSampleWorld, type SampleWorldReport, signSample } from '#relay/sample-world.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'
import { ROOT } from '../../scripts/lib/root.ts'

const SECRET = new Uint8Array(32).fill(1)
const LATER = Date.parse('2031-01-01T00:00:00Z')

let sample: Sample
beforeAll(async () => {
  sample = await loadSample(join(ROOT, 'sample'))
})

function createServices(now = LATER) {
  const machine = machineOf('test')
  const store = createMemoryRecordStore()
  const graph = createGraphService({
    machine,
    store,
    kernel: () => createTsKernel(),
    timers: createFakeTimers(),
    now: () => now,
  })
  const onFailure = (error: unknown) => expect.unreachable(String(error))
  const placements = createPlacementService({ machine, store, now: () => now, onFailure })
  // Of Helia's blockstore, content asks for what every blockstore has.
  const helia = { blockstore: new MemoryBlockstore() as unknown as Helia['blockstore'] }
  const content = createContent({ helia, provide: async () => {} })
  return { graph, placements, content }
}

describe('the sample world in a relay', () => {
  const services = createServices()
  const changes: BuildChange[] = []
  let report: SampleWorldReport
  beforeAll(async () => {
    await services.placements.watch((news) => changes.push(...news))
    report = await addSampleWorld({ sample, network: 'test', secret: SECRET }, services)
    await services.graph.compute()
  })

  it('is accepted whole, years after it was made', async () => {
    expect(report).toMatchObject({ texts: sample.texts.length, models: sample.models.length, refusals: [] })
    expect((await services.graph.top({ limit: 1 })).total).toBeGreaterThanOrEqual(5_000)
  })

  it.each(['moon', 'lantern', 'fox'])('finds a definition and the model for "%s"', async (word) => {
    const model = sample.models.find(({ words }) => words.includes(word))
    const { cid: root } = await services.content.add(model?.bytes as Uint8Array)
    const { results } = await services.graph.search(word)
    expect(results.map(({ cid }) => cid)).toContain(root)
    const texts = await Promise.all(results.map(({ cid }) => services.graph.text(cid)))
    expect(texts.some((text) => text?.includes(' (noun): '))).toBe(true)
  })

  it('stands on its parcels and serves its texts and models', async () => {
    expect(changes.map(({ parcel }) => parcel).sort()).toEqual(
      sample.models.map(({ parcel }) => parcel).sort(),
    )
    const { parcel, bytes, placement } = sample.models[0] as Sample['models'][number]
    const build = changes.find((change) => change.parcel === parcel)?.build
    expect(build?.pose).toEqual(placement)
    expect(await services.content.cat(build?.root as string)).toEqual(bytes)
    const text = sample.texts[0] as string
    expect(new TextDecoder().decode(await services.content.cat(textCid(text)))).toBe(text)
  })

  it('is there already when it is added again', async () => {
    changes.length = 0
    expect((await addSampleWorld({ sample, network: 'test', secret: SECRET }, services)).refusals).toEqual([])
    expect(changes).toEqual([])
  })

  it('says why when the clock is years behind', async () => {
    const { refusals } = await addSampleWorld(
      { sample, network: 'test', secret: SECRET },
      createServices(Date.parse('2020-01-01')),
    )
    expect(refusals.length).toBeGreaterThan(0)
    expect(refusals.join()).toContain('in the future')
  })
})

describe('signing the sample', () => {
  const sign = (count: number, secret = SECRET) =>
    signSample({
      sample: { ...sample, links: sample.links.slice(0, count), models: [] },
      particles: sample.texts.map(textCid),
      roots: new Map(),
      network: 'test',
      secret,
    })

  it('gives the same bytes each time', async () => {
    const [first, second] = [await sign(600), await sign(600)]
    expect(first.batches).toHaveLength(3)
    expect(second).toEqual(first)
  })

  it('uses another device for another sample, so that no feed forks', async () => {
    const { graph } = createServices()
    const results = await graph.ingest([...(await sign(300)).batches, ...(await sign(301)).batches])
    expect(results.map(({ status }) => status)).toEqual(['new', 'new', 'new', 'new'])
  })

  it('cannot be frozen by whoever has the sample: the device is the relay’s own', async () => {
    const { graph } = createServices()
    const other = new Uint8Array(32).fill(2)
    const results = await graph.ingest([...(await sign(300)).batches, ...(await sign(299, other)).batches])
    expect(results.map(({ status }) => status)).not.toContain('forked')
    expect(await graph.heads()).toHaveLength(2)
  })
})
