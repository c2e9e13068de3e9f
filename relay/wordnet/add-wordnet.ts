import { type Bytes, utf8 } from '#core/bytes.ts'
import { type Cid, parseDigest, textCid } from '#core/cid.ts'
import { MAX_LINKS_PER_BATCH } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { createSampleIdentity, signSampleLinks } from '../sample-author.ts'
import type { WordNet } from './parse-wordnet.ts'

/** WordNet 3.0 is of December 2006; keys of devices and their delegations are of the samples' own date. */
const MADE_AT_MS = Date.parse('2026-11-20T00:00:00Z')
/** Below MAX_LINKS_PER_NEURON, so that all of it fits two accounts; account 0 signs the sample world. */
const LINKS_PER_ACCOUNT = 300_000
const FIRST_ACCOUNT = 1
/** Each takes some 0.1 ms to be hashed and checked. */
const TEXTS_PER_PAUSE = 32
/** Texts and batches handed over at once, each a flush of the store; between them the relay answers others. */
const TEXTS_AT_ONCE = 4_096
const BATCHES_AT_ONCE = 64

export interface AddWordNetInit {
  readonly wordnet: WordNet
  readonly network: NetworkName
  /** the relay's own, 32 bytes */
  readonly secret: Bytes
  readonly signal: AbortSignal
  readonly pause: () => Promise<void>
  /** 0..1, as it goes on */
  readonly onProgress: (share: number) => void
}

export interface WordNetReport {
  readonly texts: number
  readonly links: number
  /** why records were refused, each reason once */
  readonly refusals: readonly string[]
}

type Graph = Pick<GraphService, 'addText' | 'ingest'>

/** Signs WordNet's links and hands them to the graph with its texts, little by little. */
export async function addWordNet(graph: Graph, init: AddWordNetInit): Promise<WordNetReport> {
  const { texts, links } = init.wordnet
  const total = texts.length + links.length
  const particles = await addTexts(graph, init, total)
  const digests = particles.map(parseDigest)
  const refusals = new Set<string>()
  let done = 0
  for (let start = 0; start < links.length; start += LINKS_PER_ACCOUNT) {
    const author = {
      links: links
        .slice(start, start + LINKS_PER_ACCOUNT)
        .map(([from, to]) => ({ from: digests[from]!, to: digests[to]! })),
      madeAtMs: MADE_AT_MS,
      machine: machineOf(init.network),
      secret: init.secret,
      account: FIRST_ACCOUNT + start / LINKS_PER_ACCOUNT,
    }
    const batches = signSampleLinks(author, await createSampleIdentity(author))
    for await (const group of groupsOf(batches, BATCHES_AT_ONCE)) {
      for (const { status, failure } of await graph.ingest(group)) {
        if (status !== 'new' && status !== 'have') refusals.add(failure?.message ?? status)
      }
      done += group.length
      init.onProgress((texts.length + (done * links.length) / batchesIn(links.length)) / total)
      await rest(init)
    }
  }
  return { texts: texts.length, links: links.length, refusals: [...refusals] }
}

async function addTexts(graph: Graph, init: AddWordNetInit, total: number): Promise<readonly Cid[]> {
  const particles: Cid[] = []
  let storing: Promise<void>[] = []
  try {
    for (const text of init.wordnet.texts) {
      const cid = textCid(text)
      particles.push(cid)
      storing.push(graph.addText(cid, utf8(text)))
      if (particles.length % TEXTS_PER_PAUSE === 0) await rest(init)
      if (storing.length < TEXTS_AT_ONCE) continue
      await Promise.all(storing)
      storing = []
      init.onProgress(particles.length / total)
    }
    await Promise.all(storing)
    return particles
  } finally {
    await Promise.allSettled(storing) // also when it stops half way
  }
}

async function rest({ pause, signal }: Pick<AddWordNetInit, 'pause' | 'signal'>): Promise<void> {
  await pause()
  signal.throwIfAborted()
}

/** Batches that so many links give, each account's last one being short. */
function batchesIn(links: number): number {
  const whole = Math.floor(links / LINKS_PER_ACCOUNT)
  const perAccount = Math.ceil(LINKS_PER_ACCOUNT / MAX_LINKS_PER_BATCH)
  return whole * perAccount + Math.ceil((links - whole * LINKS_PER_ACCOUNT) / MAX_LINKS_PER_BATCH)
}

async function* groupsOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let group: T[] = []
  for await (const item of items) {
    group.push(item)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
