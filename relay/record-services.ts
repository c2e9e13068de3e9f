import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createRecords } from '#api/records.ts'
import { machineOf } from '#core/machine.ts'
import { createGraphService } from '#graph/graph-service.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { createPlacementService, type PlacementService } from '#objects/placement-service.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import type { ContentServices } from './content-services.ts'
import { withoutDeniedTexts } from './deny-list.ts'
import { openFileRecordStore } from './file-record-store.ts'
import { createNodeKernels } from './kernels.ts'
import type { KeyServices } from './key-services.ts'
import type { MachineServices } from './machine-services.ts'
import { startObjectServices } from './object-services.ts'
import type { RelayServicesContext, RunningServices } from './relay-services.ts'
import type { startSample } from './sample-services.ts'
import type { RecordStats } from './stats.ts'

/**
 * What a relay does for newcomers besides introducing them: it keeps the links, placements, texts and named
 * objects that it hears and hands them on, and, when asked to, signs and serves the sample world, orders links into
 * blocks or follows who does, and hands out keys that owners gave to it. It trusts none of it more than a tab would, and
 * signs nothing of its own but, as an orderer, blocks of it.
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
  const keys =
    context.keyBytes > 0
      ? await startKeys(context).catch(async (error) => {
          await objects?.stop()
          await end()
          throw error
        })
      : await tellOfKeys(context)
  const machineServices = await startMachine(context, graph).catch(async (error) => {
    keys?.stop()
    await objects?.stop()
    await end()
    throw error
  })
  let content: ContentServices | undefined
  let running: Awaited<ReturnType<typeof startSample>> | undefined
  let starting: Promise<void> | undefined
  /** The code of blocks takes 40 MB: a relay has it from its first client on. */
  const onClient = () => {
    starting ??= serveContent().catch(warn)
  }
  if (sample !== 'none') await serveContent()
  else if (context.cacheBytes > 0) libp2p.addEventListener('peer:connect', onClient)

  async function serveContent(): Promise<void> {
    const { startContentServices } = await import('./content-services.ts')
    content = await startContentServices(context, graph)
    if (sample === 'none') return
    const { startSample } = await import('./sample-services.ts')
    running = await startSample(context, { own: content.own, graph, placements })
  }

  return {
    recordStats: () => ({ ...held(), objects: objects?.stats(), keys: keys?.stats() }),
    contentStats: () => content?.stats(),
    machine: () => machineServices?.served(),
    async stop() {
      libp2p.removeEventListener('peer:connect', onClient)
      await running?.stop()
      await machineServices?.stop()
      await records.stop()
      keys?.stop()
      await objects?.stop()
      await starting
      await content?.stop()
      await store.close()
    },
  }
}

/** Its code comes with a chain's, which few relays need. */
async function startKeys(context: RelayServicesContext): Promise<KeyServices> {
  const { startKeyServices } = await import('./key-services.ts')
  return startKeyServices(context)
}

/** A relay that takes no keys any more has those of before on its disk, which only its operator can delete then. */
async function tellOfKeys({ dataDir, log }: RelayServicesContext): Promise<undefined> {
  const folder = join(dataDir, 'keys')
  const names = await readdir(folder).catch(() => [])
  if (names.some((name) => name.endsWith('.key')))
    log(
      `Warning: ${folder} has keys that owners gave. Without --keys they go to nobody, and no owner can take them back: start with --keys, or delete the folder.`,
    )
}

async function startMachine(
  context: RelayServicesContext,
  graph: GraphService,
): Promise<MachineServices | undefined> {
  const { machine: role } = context
  switch (role.kind) {
    case 'none':
      return undefined
    case 'order': {
      const { startOrdererServices } = await import('./machine-services.ts')
      return startOrdererServices({ ...context, ...role }, graph)
    }
    case 'follow': {
      const { startFollowerServices } = await import('./follower-services.ts')
      return startFollowerServices({ ...context, ...role })
    }
  }
}

/** Counts what is held, as it changes. */
async function watchRecords(
  graph: Pick<GraphService, 'watch'>,
  placements: Pick<PlacementService, 'watch'>,
): Promise<() => Omit<RecordStats, 'objects' | 'keys'>> {
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
