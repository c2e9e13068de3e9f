import { type Bytes, utf8 } from '#core/bytes.ts'
import { parseDigest, type TextBlock, textBlocks, textCid } from '#core/cid.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import type { GraphService } from '#graph/graph-types.ts'
import type { Link } from '#graph/link-batch.ts'
import { signPlacement } from '#objects/placement.ts'
import type { PlacementService } from '#objects/placement-service.ts'
import type { Content } from '#peer/content.ts'
import type { Sample, SampleModel } from './sample.ts'
import { createSampleIdentity, signSampleLinks } from './sample-author.ts'

/** Where the sample world goes: the relay's own store and services, as if it had come from a peer. */
export interface SampleWorldComponents {
  readonly content: Pick<Content, 'add' | 'putBlocks'>
  readonly graph: Pick<GraphService, 'ingest' | 'addText'>
  readonly placements: Pick<PlacementService, 'ingest'>
}

/** Signed records of the sample, the same bytes each time. */
export interface SignedSample {
  readonly batches: readonly Bytes[]
  /** how many the batches hold together */
  readonly links: number
  readonly placements: readonly Bytes[]
}

export interface SampleWorldReport {
  readonly texts: number
  readonly links: number
  readonly models: number
  /** why records were refused, each reason once: a clock that is years behind, for example */
  readonly refusals: readonly string[]
}

export interface AddSampleWorld extends Pick<SignSampleInit, 'network' | 'secret'> {
  readonly sample: Sample
}

/** Stores the sample's content, signs its records and hands both to the services. */
export async function addSampleWorld(
  { sample, network, secret }: AddSampleWorld,
  { content, graph, placements }: SampleWorldComponents,
): Promise<SampleWorldReport> {
  // All at once: what waits to be written together is one flush of the store.
  const particles = await Promise.all(
    sample.texts.map(async (text) => {
      const blocks = textBlocks(text)
      const { cid } = blocks.at(-1) as TextBlock // the root comes last
      await Promise.all([content.putBlocks(blocks), graph.addText(cid, utf8(text))])
      return cid
    }),
  )
  const roots = new Map<string, string>()
  for (const { name, bytes } of sample.models) {
    if (!roots.has(name)) roots.set(name, (await content.add(bytes)).cid)
  }
  const signed = await signSample({ sample, particles, roots, network, secret })
  const results = [...(await graph.ingest(signed.batches)), ...(await placements.ingest(signed.placements))]
  const refusals = results.flatMap(({ status, failure }) =>
    status === 'new' || status === 'have' || status === 'lost' ? [] : [failure?.message ?? status],
  )
  return {
    texts: particles.length,
    links: signed.links,
    models: sample.models.length,
    refusals: [...new Set(refusals)],
  }
}

export interface SignSampleInit {
  readonly sample: Pick<Sample, 'links' | 'models' | 'madeAtMs'>
  /** the relay's own, 32 bytes: whoever knows it can freeze the sample's feed in every tab */
  readonly secret: Bytes
  /** CIDs of the sample's texts, in their order */
  readonly particles: readonly string[]
  /** CIDs of the sample's models by their names */
  readonly roots: ReadonlyMap<string, string>
  readonly network: NetworkName
}

/**
 * Signs the sample's links and placements. Nothing in it depends on the clock or on chance, so that every start of
 * a relay gives the same records.
 */
export async function signSample(init: SignSampleInit): Promise<SignedSample> {
  const { sample, roots, network, secret } = init
  const machine = machineOf(network)
  const links = linksOf(init)
  const author = { links, madeAtMs: sample.madeAtMs, machine, secret, account: 0 }
  const identity = await createSampleIdentity(author)
  const batches: Bytes[] = []
  for await (const batch of signSampleLinks(author, identity)) batches.push(batch)
  const timeUs = sample.madeAtMs * 1_000
  const placements = await Promise.all(
    sample.models.map(async (model) => {
      const fields = { machine, timeUs, sequence: 0, parcel: model.parcel, pose: model.placement }
      return (await signPlacement({ ...fields, root: parseDigest(rootOf(model, roots)) }, identity)).envelope
    }),
  )
  return { batches, links: links.length, placements }
}

function rootOf({ name }: SampleModel, roots: ReadonlyMap<string, string>): string {
  const root = roots.get(name)
  if (root === undefined) throw new Error(`The sample's model ${name} was not stored.`)
  return root
}

/** Every link of the sample once: between texts, and from words to models. */
function linksOf({ sample, particles, roots }: SignSampleInit): readonly Link[] {
  const digests = particles.map(parseDigest)
  const between = sample.links.map(([from, to]) => ({
    from: digests[from] as Bytes,
    to: digests[to] as Bytes,
  }))
  const named = new Map(sample.models.map((model) => [model.name, model]))
  const toModels = [...named.values()].flatMap((model) => {
    const to = parseDigest(rootOf(model, roots))
    return model.words.map((word) => ({ from: parseDigest(textCid(word)), to }))
  })
  return [...between, ...toModels]
}
