import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MemoryBlockstore } from 'blockstore-core'
import { createRecords } from '#api/records.ts'
import { machineOf } from '#core/machine.ts'
import { createGraphService } from '#graph/graph-service.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { createPlacementService, type PlacementService } from '#objects/placement-service.ts'
import { createContent } from '#peer/content.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import type { ContentServices } from './content-services.ts'
import { withoutDenied, withoutDeniedTexts } from './deny-list.ts'
import { openFileRecordStore } from './file-record-store.ts'
import { createNodeKernels } from './kernels.ts'
import { openFileSecret } from './node-profile.ts'
import { startObjectServices } from './object-services.ts'
import type { RelayServicesContext, RunningServices } from './relay.ts'
import type { RecordStats } from './stats.ts'

/** The folder of the sample world beside this one. */
const SAMPLE_DIR = fileURLToPath(new URL('../sample/', import.meta.url))

/**
 * What a relay does for newcomers besides introducing them: it keeps the links, placements, texts and named
 * objects that it hears and hands them on, and, when asked to, signs and serves the sample world. It trusts none of it more than
 * a tab would, and signs nothing of its own.
 */
export async function startRecordServices(context: RelayServicesContext): Promise<RunningServices> {
  const { transport, libp2p, dataDir, network, sample, denyList, log } = context
  const warn = (error: unknown) => log(`Warning: ${(error as Error).message}`)
  const machine = machineOf(network)
  const store = await openFileRecordStore({ folder: join(dataDir, 'records') })
  const graph = createGraphService({
    machine,
    store,
    timers: systemTimers,
    now: Date.now,
    ...createNodeKernels(log),
    pause: createPause(),
  })
  const placements = createPlacementService({ machine, store, now: Date.now, onFailure: warn })
  const records = createRecords({
    network,
    transport,
    store,
    graph: withoutDeniedTexts(graph, denyList),
    placements,
    onMisbehaviour: (peer, error) => log(`Peer ${peer} is not asked again: ${(error as Error).message}`),
  })
  await records.start()
  const held = await watchRecords(graph, placements)
  const end = async () => {
    await records.stop()
    await store.close()
  }
  const objects =
    context.objectBytes > 0
      ? await startObjectServices(context, store, { graph, placements }).catch(async (error) => {
          await end() // a relay that starts again must not find its own lock
          throw error
        })
      : undefined
  let content: ContentServices | undefined
  let starting: Promise<void> | undefined
  /** The code of blocks takes 40 MB: a relay has it from its first client on. */
  const onClient = () => {
    starting ??= serveContent().catch(warn)
  }
  if (sample) await serveContent()
  else if (context.cacheBytes > 0) libp2p.addEventListener('peer:connect', onClient)

  async function serveContent(): Promise<void> {
    const { startContentServices } = await import('./content-services.ts')
    content = await startContentServices(context)
    if (sample) await addSample(content.own)
  }

  async function addSample(own: MemoryBlockstore): Promise<void> {
    const [{ loadSample }, { addSampleWorld }] = await Promise.all([
      import('./sample.ts'),
      import('./sample-world.ts'),
    ])
    const content = createContent({
      helia: { blockstore: withoutDenied(own, denyList) },
      provide: async () => {},
    })
    const secret = await openFileSecret(dataDir, 'sample.key')
    const init = { sample: await loadSample(SAMPLE_DIR), network, secret }
    const report = await addSampleWorld(init, { content, graph, placements })
    log(`The sample world has ${report.models} models, ${report.texts} texts and ${report.links} links.`)
    for (const refusal of report.refusals) log(`Warning: a part of the sample was refused: ${refusal}`)
  }

  return {
    recordStats: () => ({ ...held(), objects: objects?.stats() }),
    contentStats: () => content?.stats(),
    async stop() {
      libp2p.removeEventListener('peer:connect', onClient)
      await records.stop()
      await objects?.stop()
      await starting
      await content?.stop()
      await store.close()
    },
  }
}

/** Counts what is held, as it changes. */
async function watchRecords(
  graph: Pick<GraphService, 'watch'>,
  placements: Pick<PlacementService, 'watch'>,
): Promise<() => Omit<RecordStats, 'objects'>> {
  let [links, texts] = [0, 0]
  const builtOn = new Set<number>()
  await graph.watch((status) => {
    links = status.links
    texts = status.texts
  })
  await placements.watch((changes) => {
    for (const { parcel, build } of changes) {
      if (build === undefined) builtOn.delete(parcel)
      else builtOn.add(parcel)
    }
  })
  return () => ({ links, texts, placements: builtOn.size })
}
