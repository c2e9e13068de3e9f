import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import { type AppError, isAppError } from '#core/errors.ts'
import { MAX_LINKS_PER_NEURON } from '#core/limits.ts'
import { createMutex } from '#core/mutex.ts'
import type { RecordVerifier } from '#objects/signed-record.ts'
import { linkCount, type ReadLinkBatch, readLinkBatch, verifyLinkBatch } from './link-batch.ts'
import { type LinkErrorCode, linkError, UNTAKEN } from './link-errors.ts'
import { LinkGraph } from './link-graph.ts'
import { type AppendOutcome, type BatchRange, LinkLog } from './link-log.ts'
import type { LinkStore } from './link-store.ts'

/** What became of one envelope. All but `new` say why, with a code and a sentence. */
export interface IngestResult {
  /**
   * `new`: it is part of the graph. `have`: it was. `forked`: it shows a fork that was not known. `frozen`: its feed
   * forked before it. `gap`: the ones before it are missing. `refused`: see the failure.
   */
  readonly status: 'new' | 'have' | 'forked' | 'frozen' | 'gap' | 'refused'
  readonly failure?: { readonly code: LinkErrorCode; readonly message: string }
}

/** Verified envelopes of one reading of the store at start; more than this many are read in several goes. */
const LOAD_BUFFER = 65_536
/** Signatures checked at once: enough to fill WebCrypto's threads, few enough to let a search in between. */
const VERIFY_CHUNK = 128

/** A batch that verified or is known, or the reason why not. */
type CheckedBatch = ReadLinkBatch | AppError<LinkErrorCode>

export interface LinkIntakeComponents {
  readonly verifier: RecordVerifier
  readonly store: LinkStore
}

export interface LoadOptions {
  readonly onProgress: (done: number, total: number) => void
  /** a kept record that does not verify any more: its key, and why */
  readonly onDamaged: (key: string, error: unknown) => void
}

/** Where batches enter ([KG1]): checked, put in their feed, kept, merged. Everything is in the graph or refused. */
export class LinkIntake {
  readonly log = new LinkLog()
  readonly #components: LinkIntakeComponents
  readonly #mutex = createMutex()
  #graph = new LinkGraph()

  constructor(components: LinkIntakeComponents) {
    this.#components = components
  }

  /** Replaced when a fork takes links away. */
  get graph(): LinkGraph {
    return this.#graph
  }

  /** Takes batches over in the given order; resolves when the new ones are durable. Never throws for what is in them. */
  async ingest(envelopes: readonly Bytes[]): Promise<readonly IngestResult[]> {
    const results: IngestResult[] = []
    for await (const checked of this.#checkInChunks(envelopes))
      results.push(...(await this.#mutex(() => this.#apply(checked, true))))
    return results
  }

  /** Checks a chunk on WebCrypto's threads while the one before is merged on this. */
  async *#checkInChunks(envelopes: readonly Bytes[]): AsyncGenerator<readonly CheckedBatch[]> {
    const check = (at: number) =>
      at < envelopes.length ? this.#checkAll(envelopes.slice(at, at + VERIFY_CHUNK)) : undefined
    let next = check(0)
    for (let at = VERIFY_CHUNK; next !== undefined; at += VERIFY_CHUNK) {
      const checked = await next
      next = check(at)
      // whatever it fails of is thrown when its turn comes
      next?.catch(() => {})
      yield checked
    }
  }

  #checkAll(envelopes: readonly Bytes[]): Promise<readonly CheckedBatch[]> {
    return Promise.all(envelopes.map((envelope) => this.#check(envelope)))
  }

  /** A known batch is not verified again: replays are cheap. */
  async #check(envelope: Bytes): Promise<CheckedBatch> {
    try {
      const batch = readLinkBatch(envelope)
      if (!this.log.has(batch)) await verifyLinkBatch(batch, this.#components.verifier)
      return batch
    } catch (error) {
      if (isAppError(error)) return error as AppError<LinkErrorCode>
      throw error
    }
  }

  async #apply(checked: readonly CheckedBatch[], keep: boolean): Promise<readonly IngestResult[]> {
    const results: IngestResult[] = []
    let fresh: ReadLinkBatch[] = []
    let stale = false
    const flush = async (): Promise<void> => {
      if (keep && fresh.length > 0) await this.#components.store.append(fresh)
      fresh = []
    }
    try {
      for (const batch of checked) {
        if (isAppError<LinkErrorCode>(batch)) {
          results.push(refused(batch))
          continue
        }
        const failure = this.log.has(batch) ? undefined : this.#overBound(batch)
        if (failure !== undefined) {
          results.push(refused(failure))
          continue
        }
        const outcome = await this.#append(batch)
        if (outcome.kind === 'appended') {
          fresh.push(batch)
          this.#graph.addBatch(batch)
        } else if (outcome.kind === 'forked') {
          await flush()
          await this.#freeze(batch, outcome)
          stale ||= outcome.seq < outcome.length
        }
        results.push(toResult(outcome, batch))
      }
    } finally {
      // whatever ends the loop: what is in the log and the graph is kept
      await flush()
      if (stale) await this.#rebuild()
    }
    return results
  }

  #overBound(batch: ReadLinkBatch): AppError<LinkErrorCode> | undefined {
    const count = linkCount(batch)
    if (!this.#graph.hasRoomFor(count)) return fullError('links')
    if (this.#graph.hasRoomOf(batch.neuron, count)) return undefined
    return linkError(
      'LINKS_NEURON_FULL',
      `Neuron 0x${toHex(batch.neuron)} has as many links as this tab takes of one, ${MAX_LINKS_PER_NEURON}. More of them are not taken.`,
    )
  }

  /** Appends; what another tab of the profile has kept meanwhile closes a gap without asking the network. */
  async #append(batch: ReadLinkBatch): Promise<AppendOutcome> {
    let outcome = this.log.append(batch)
    if (outcome.kind === 'full' && (await this.#components.store.isOwn(batch.device))) {
      outcome = this.log.append(batch, true)
    }
    while (outcome.kind === 'gap') {
      const envelope = await this.#components.store.getBatch(batch.device, outcome.next)
      const kept = envelope === undefined ? undefined : await this.#check(envelope)
      if (kept === undefined || isAppError(kept) || this.log.append(kept).kind !== 'appended') return outcome
      this.#graph.addBatch(kept)
      outcome = this.log.append(batch)
    }
    return outcome
  }

  async #freeze(batch: ReadLinkBatch, { seq, length }: { seq: number; length: number }): Promise<void> {
    const { device, envelope } = batch
    const { store } = this.#components
    const other = seq < length ? await this.#findOther(batch) : undefined
    await store.freeze({
      device,
      seq,
      length,
      evidence: other === undefined ? [envelope] : [other, envelope],
    })
  }

  /** The batch that a newcomer contradicts: from the chain, or (when evidence is loaded) from the evidence itself. */
  async #findOther({ device, seq, hash }: ReadLinkBatch): Promise<Bytes | undefined> {
    const { store } = this.#components
    const inChain = await store.getBatch(device, seq)
    if (inChain !== undefined) return inChain
    return (await store.getEvidence(device)).find((envelope) => {
      const kept = readKept(envelope)
      return kept !== undefined && kept.seq === seq && !equalBytes(kept.hash, hash)
    })
  }

  /** Makes the graph anew from the batches that are still part of a chain. */
  async #rebuild(): Promise<void> {
    const graph = new LinkGraph()
    for await (const { value } of this.#components.store.entries()) {
      const batch = readKept(value)
      if (batch !== undefined && this.log.isAt(batch.device, batch.seq, batch.hash)) graph.addBatch(batch)
    }
    this.#graph = graph
  }

  /** Reads what the profile kept, checking all of it again: a record that was damaged is named, dropped and pulled anew. */
  async load({ onProgress, onDamaged }: LoadOptions): Promise<void> {
    let done = 0
    let buffer: { key: string; value: Bytes }[] = []
    const drain = async (): Promise<void> => {
      const total = done + buffer.length
      let at = 0
      for await (const checked of this.#checkInChunks(buffer.map(({ value }) => value))) {
        await this.#loadChunk(buffer.slice(at, at + checked.length), checked, onDamaged)
        at += checked.length
        onProgress(done + at, total)
      }
      done = total
      buffer = []
    }
    for await (const entry of this.#components.store.entries()) {
      buffer.push(entry)
      if (buffer.length === LOAD_BUFFER) await drain()
    }
    await drain()
  }

  async #loadChunk(
    entries: readonly { key: string; value: Bytes }[],
    checked: readonly CheckedBatch[],
    onDamaged: LoadOptions['onDamaged'],
  ): Promise<void> {
    const results = await this.#mutex(() => this.#apply(checked, false))
    const damaged = entries.flatMap(({ key }, index) => {
      const { status, failure } = results[index]!
      // a clock set back and a full graph pass; what waits for a batch that was dropped is pulled with it
      if (status !== 'refused' || (failure !== undefined && UNTAKEN.has(failure.code))) return []
      onDamaged(key, failure)
      return [key]
    })
    if (damaged.length > 0) await this.#components.store.delete(damaged)
  }

  readBatch(device: Bytes, seq: number): Promise<Bytes | undefined> {
    return this.#components.store.getBatch(device, seq)
  }

  /** Reads a range for a peer, from its start, up to `maxBytes`; fewer than asked when the feed changed meanwhile. */
  async readRange({ device, from, to, evidence }: BatchRange, maxBytes: number): Promise<readonly Bytes[]> {
    const { store } = this.#components
    if (evidence) return store.getEvidence(device)
    const envelopes: Bytes[] = []
    for (let seq = from, bytes = 0; seq < to; seq++) {
      const envelope = await store.getBatch(device, seq)
      if (envelope === undefined || bytes + envelope.length > maxBytes) break
      envelopes.push(envelope)
      bytes += envelope.length
    }
    return envelopes
  }
}

function readKept(value: Bytes): ReadLinkBatch | undefined {
  try {
    return readLinkBatch(value)
  } catch {
    // damaged since it was loaded: it is in no chain, and the next start names it
    return undefined
  }
}

function refused({ code, message }: AppError<LinkErrorCode>): IngestResult {
  return { status: 'refused', failure: { code, message } }
}

function fullError(what: 'links' | 'feeds'): AppError<LinkErrorCode> {
  return linkError(
    'LINKS_FULL',
    `This tab holds as many ${what} as it can. New ones are not taken; search goes on.`,
  )
}

function toResult(outcome: AppendOutcome, batch: ReadLinkBatch): IngestResult {
  const feed = `feed ${toHex(batch.device).slice(0, 16)}…`
  switch (outcome.kind) {
    case 'appended':
      return { status: 'new' }
    case 'have':
      return because(
        'have',
        'LINKS_REPLAYED',
        `Batch ${batch.seq} of ${feed} is here already. Nothing changed.`,
      )
    case 'gap':
      return because(
        'gap',
        'LINKS_GAP',
        `Batch ${batch.seq} of ${feed} came before batch ${outcome.next}. The missing ones are fetched.`,
      )
    case 'forked':
    case 'frozen':
      return because(
        outcome.kind,
        'FEED_FORKED',
        `The device of ${feed} signed two different batches ${outcome.seq}. Its links from there on do not count; make a new Device key.`,
      )
    case 'full':
      return refused(fullError('feeds'))
  }
}

function because(status: IngestResult['status'], code: LinkErrorCode, message: string): IngestResult {
  return { status, failure: { code, message } }
}
