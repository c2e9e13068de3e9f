import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MemoryBlockstore } from 'blockstore-core'
import { createRecords } from '#api/records.ts'
import { machineOf } from '#core/machine.ts'
import { createGraphService } from '#graph/graph-service.ts'
import { createPlacementService } from '#objects/placement-service.ts'
import { createContent } from '#peer/content.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import { withoutDenied, withoutDeniedTexts } from './deny-list.ts'
import { openFileRecordStore } from './file-record-store.ts'
import { createNodeKernel } from './kernels.ts'
import { openFileSecret } from './node-profile.ts'
import type { RelayServicesContext, RunningServices } from './relay.ts'

/** The folder of the sample world beside this one. */
const SAMPLE_DIR = fileURLToPath(new URL('../sample/', import.meta.url))

/**
 * What a relay does for newcomers besides introducing them: it keeps the links, placements and texts that it
 * hears and hands them on, and, when asked to, signs and serves the sample world. It trusts none of it more than
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
    kernel: (name) => createNodeKernel(name, log),
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
  const sampleServer = sample ? await serveSample() : undefined

  async function serveSample() {
    const [{ createBlockServer }, { loadSample }, { addSampleWorld }] = await Promise.all([
      import('./block-server.ts'),
      import('./sample.ts'),
      import('./sample-world.ts'),
    ])
    const blocks = withoutDenied(new MemoryBlockstore(), denyList)
    const server = await createBlockServer(libp2p, blocks, { transport, network })
    const content = createContent({ helia: server.helia, provide: async () => {} })
    const secret = await openFileSecret(dataDir, 'sample.key')
    const init = { sample: await loadSample(SAMPLE_DIR), network, secret }
    const report = await addSampleWorld(init, { content, graph, placements })
    log(`The sample world has ${report.models} models, ${report.texts} texts and ${report.links} links.`)
    for (const refusal of report.refusals) log(`Warning: a part of the sample was refused: ${refusal}`)
    return server
  }

  return {
    async stop() {
      await records.stop()
      await sampleServer?.stop()
      await store.close()
    },
  }
}
