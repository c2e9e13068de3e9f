import type { MemoryBlockstore } from 'blockstore-core'
import type { GraphService } from '#graph/graph-types.ts'
import type { PlacementService } from '#objects/placement-service.ts'
import { createContent } from '#peer/content.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import { withoutDenied } from './deny-list.ts'
import { SAMPLE_DIR } from './node-defaults.ts'
import { openFileSecret } from './node-profile.ts'
import type { RelayServicesContext } from './relay-services.ts'
import { loadSample } from './sample.ts'
import { addSampleWorld } from './sample-world.ts'

/** Progress is told this often. */
const TOLD_SHARE = 0.1

export interface SampleServicesComponents {
  readonly own: MemoryBlockstore
  readonly graph: GraphService
  readonly placements: PlacementService
}

/** Loads what `--sample` names: the sample world at once; WordNet goes on by itself until it is there or stopped. */
export async function startSample(
  context: RelayServicesContext,
  { own, graph, placements }: SampleServicesComponents,
): Promise<{ stop(): Promise<void> }> {
  const { dataDir, network, denyList, log } = context
  const content = createContent({
    helia: { blockstore: withoutDenied(own, denyList) },
    provide: async () => {},
  })
  const secret = await openFileSecret(dataDir, 'sample.key')
  const init = { sample: await loadSample(SAMPLE_DIR), network, secret }
  const report = await addSampleWorld(init, { content, graph, placements })
  log(`The sample world has ${report.models} models, ${report.texts} texts and ${report.links} links.`)
  tellRefusals(report.refusals, log)
  const stopping = new AbortController()
  const adding =
    context.sample === 'wordnet'
      ? loadWordNet(context, graph, stopping.signal).catch((error: unknown) => {
          if (!stopping.signal.aborted) log(`Warning: ${(error as Error).message}`)
        })
      : undefined
  return {
    async stop() {
      stopping.abort()
      await adding
    },
  }
}

async function loadWordNet(
  { dataDir, network, log }: RelayServicesContext,
  graph: GraphService,
  signal: AbortSignal,
): Promise<void> {
  const [{ openWordNet }, { parseWordNet }, { addWordNet }] = await Promise.all([
    import('./wordnet/open-wordnet.ts'),
    import('./wordnet/parse-wordnet.ts'),
    import('./wordnet/add-wordnet.ts'),
  ])
  const pause = createPause()
  const wordnet = await parseWordNet(await openWordNet({ dataDir, log, signal }), pause)
  log('WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. See sample/LICENSES.md.')
  const secret = await openFileSecret(dataDir, 'sample.key')
  let told = 0
  const onProgress = (share: number): void => {
    if (share < told + TOLD_SHARE) return
    told = Math.floor(share / TOLD_SHARE) * TOLD_SHARE
    log(`WordNet: ${Math.round(100 * told)} % is here.`)
  }
  const report = await addWordNet(graph, { wordnet, network, secret, signal, pause, onProgress })
  log(`WordNet has ${wordnet.synsets} meanings: ${report.texts} texts and ${report.links} links.`)
  tellRefusals(report.refusals, log)
}

function tellRefusals(refusals: readonly string[], log: (line: string) => void): void {
  for (const refusal of refusals) log(`Warning: a part of the sample was refused: ${refusal}`)
}
