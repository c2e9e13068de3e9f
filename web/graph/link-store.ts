import { type Bytes, toHex } from '#core/bytes.ts'
import type { RecordEntry, RecordStore } from '#core/record-store.ts'
import type { ReadLinkBatch } from './link-batch.ts'

/**
 * Link batches in the profile's record store:
 *
 * - `batch/<device>/<seq>`: a feed's chain, in feed order within a device;
 * - `fork/<device>/<0 or 1>`: the batches that show where and that a feed forked;
 * - `own/<device>`: the head of the feed that this profile signs.
 *
 * A full disk does not stop the tab: what could not be written is held in memory until the tab closes.
 */
export interface LinkStore {
  getBatch(device: Uint8Array, seq: number): Promise<Bytes | undefined>
  getEvidence(device: Uint8Array): Promise<readonly Bytes[]>
  /** Is it the feed that this profile signs? */
  isOwn(device: Uint8Array): Promise<boolean>
  /** everything kept, chains before evidence */
  entries(): AsyncGenerator<RecordEntry>
  append(batches: readonly ReadLinkBatch[]): Promise<void>
  /** Drops batches [seq, length) of a chain that forked and keeps the evidence instead. */
  freeze(fork: ForkRecord): Promise<void>
  delete(keys: readonly string[]): Promise<void>
}

export interface ForkRecord {
  readonly device: Uint8Array
  readonly seq: number
  /** of the chain before */
  readonly length: number
  readonly evidence: readonly Bytes[]
}

const BATCH = 'batch/'
const FORK = 'fork/'

export function batchKey(device: Uint8Array, seq: number): string {
  return `${BATCH}${toHex(device)}/${seq.toString().padStart(7, '0')}`
}

export function evidenceKey(device: Uint8Array, index: 0 | 1): string {
  return `${FORK}${toHex(device)}/${index}`
}

export function headKey(device: Uint8Array): string {
  return `own/${toHex(device)}`
}

/** `onFailure` hears of each write that failed; the records of it stay in memory. `onSaved` hears of the others. */
export function createLinkStore(
  store: RecordStore,
  onFailure: (error: unknown) => void,
  onSaved: (keys: readonly string[]) => void = () => {},
): LinkStore {
  const unsaved = new Map<string, Bytes>()

  async function put(entries: readonly RecordEntry[]): Promise<void> {
    try {
      // what could not be written before goes with it
      const all = [...[...unsaved].map(([key, value]) => ({ key, value })), ...entries]
      await store.put(all)
      for (const { key } of all) unsaved.delete(key)
      onSaved(all.map(({ key }) => key))
    } catch (error) {
      for (const { key, value } of entries) unsaved.set(key, value)
      onFailure(error)
    }
  }

  async function remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) unsaved.delete(key)
    try {
      await store.delete(keys)
    } catch (error) {
      onFailure(error)
    }
  }

  async function get(key: string): Promise<Bytes | undefined> {
    return unsaved.get(key) ?? (await store.get(key))
  }

  return {
    getBatch: (device, seq) => get(batchKey(device, seq)),
    async getEvidence(device) {
      const both = await Promise.all([get(evidenceKey(device, 0)), get(evidenceKey(device, 1))])
      return both.filter((value) => value !== undefined)
    },
    isOwn: async (device) => (await store.get(headKey(device))) !== undefined,
    async *entries() {
      for (const prefix of [BATCH, FORK]) {
        yield* store.entries(prefix)
        for (const [key, value] of unsaved) if (key.startsWith(prefix)) yield { key, value }
      }
    },
    append: (batches) =>
      put(batches.map(({ device, seq, envelope }) => ({ key: batchKey(device, seq), value: envelope }))),
    async freeze({ device, seq, length, evidence }) {
      // evidence first: a crash in between leaves a chain that freezes again when it is loaded
      await put(evidence.map((value, index) => ({ key: evidenceKey(device, index === 0 ? 0 : 1), value })))
      if (evidence.length === 1) await remove([evidenceKey(device, 1)])
      await remove(Array.from({ length: length - seq }, (_, index) => batchKey(device, seq + index)))
    },
    delete: remove,
  }
}
