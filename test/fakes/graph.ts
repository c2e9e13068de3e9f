import { expect } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { machineOf } from '#core/machine.ts'
import { createGraphService } from '#graph/graph-service.ts'
import type { GraphService, GraphStatus } from '#graph/graph-types.ts'
import type { ContextKernel } from '#graph/rank-context.ts'
import type { RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { fakeIdentity, TEST_NOW } from './identity.ts'
import { createFeed, link } from './links.ts'
import { createMemoryRecordStore } from './memory-record-store.ts'
import { createFakeTimers } from './timers.ts'

export interface FakeGraphInit {
  readonly kernel?: RankKernel
  readonly contextKernel?: () => ContextKernel
  readonly store?: ReturnType<typeof createMemoryRecordStore>
  readonly pause?: () => Promise<void>
}

/** A graph of the test network over a store in memory; `statuses` has what it told once `watching` is awaited. */
export function createGraph(init: FakeGraphInit = {}) {
  const {
    kernel = createTsKernel(),
    contextKernel = createTsKernel,
    store = createMemoryRecordStore(),
    pause,
  } = init
  const timers = createFakeTimers()
  const graph = createGraphService({
    machine: machineOf('test'),
    store,
    kernel: () => kernel,
    contextKernel,
    timers,
    now: () => TEST_NOW,
    ...(pause === undefined ? {} : { pause }),
  })
  const statuses: GraphStatus[] = []
  return { graph, timers, store, statuses, watching: graph.watch((status) => statuses.push(status)) }
}

/** Links pairs of words in one batch of a device of its own, and tells their texts. */
export async function fill(
  graph: GraphService,
  pairs: readonly (readonly [string, string])[],
  device = 1,
): Promise<void> {
  const batch = await createFeed(await fakeIdentity(device)).next(pairs.map(([from, to]) => link(from, to)))
  expect(await graph.ingest([batch.envelope])).toEqual([{ status: 'new' }])
  for (const word of new Set(pairs.flat())) await graph.addText(textCid(word), utf8(word))
}
