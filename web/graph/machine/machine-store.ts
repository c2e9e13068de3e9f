import { ByteReader, type Bytes, ByteWriter, concat, equalBytes, toHex, utf8 } from '#core/bytes.ts'
import { ADDRESS_BYTES } from '#core/delegation.ts'
import { sha256 } from '#core/hash.ts'
import type { RecordEntry, RecordStore } from '#core/record-store.ts'
import { decodeShortTree, encodeShortTree, type ShortTree } from '#merkle/short-tree.ts'
import { encodeRanks } from '../rank-digest.ts'
import type { StakeChanges } from './ledger.ts'
import { STAKE_LEAF_BYTES, type StakeEntry, type StakeMark } from './stake-source.ts'

/** [KG19] Stakes as one block read them. */
export interface StakeReading {
  /** of all neurons, when the block began */
  readonly total: bigint
  /** stakes of neurons that appeared in the block, in order of their numbers */
  readonly appeared: readonly bigint[]
  /** at a block that ends a period: what changed */
  readonly snapshot?:
    | {
        readonly total: bigint
        readonly changes: StakeChanges
        /** when they are of a chain */
        readonly mark?: StakeMark | undefined
      }
    | undefined
}

/** Where the machine stands. */
export interface StoredHead {
  readonly height: number
  /** of the last block */
  readonly hash: Bytes
  /** of all links, after the last block */
  readonly linkTree: ShortTree
  /** of all ranks, after the last block */
  readonly rankTree: ShortTree
}

/** A rank of the graph as it was after one block. */
export interface StoredRank {
  /** height of that block */
  readonly snapshot: number
  /** u64[N], N particles of then */
  readonly ranks: BigUint64Array
}

/** What one block leaves behind: written together or not at all. */
export interface BlockCommit {
  readonly height: number
  readonly bundle: Bytes
  readonly stakes: StakeReading
  readonly head: StoredHead
  /** when the block submits one */
  readonly submitted?: StoredRank | undefined
  /** stakes of a chain that hold from here on, when they are others than before */
  readonly table?: readonly StakeEntry[] | undefined
}

/** One record as it was read. A damaged one has a name, so that it can be told and mended. */
export type Stored<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'missing'; readonly key: string }
  | { readonly kind: 'damaged'; readonly key: string }

/** [KG19] What a machine keeps to go on after a crash. */
export interface MachineStore {
  head(): Promise<Stored<StoredHead>>
  /** height of the last block that is kept, 0 for none */
  lastBlock(): Promise<number>
  block(height: number): Promise<Stored<Bytes>>
  stakes(height: number): Promise<Stored<StakeReading>>
  /** the rank that holds */
  submitted(): Promise<Stored<StoredRank>>
  /** the rank that was computed last */
  computed(): Promise<Stored<StoredRank>>
  /** everybody's stakes, when they are of a chain, as they held last */
  table(): Promise<Stored<readonly StakeEntry[]>>
  commit(commit: BlockCommit): Promise<void>
  putComputed(rank: StoredRank): Promise<void>
  /** Keeps a second signed block of one height: evidence against who signed it. The first one seen is enough. */
  putFork(height: number, bundle: Bytes): Promise<void>
  forks(): AsyncIterable<{ readonly height: number; readonly bundle: Bytes }>
  /** Puts a mended record in the place of a damaged one. */
  mendBlock(height: number, bundle: Bytes): Promise<void>
  mendStakes(height: number, stakes: StakeReading): Promise<void>
  mendHead(head: StoredHead): Promise<void>
  mendSubmitted(rank: StoredRank): Promise<void>
  mendTable(table: readonly StakeEntry[]): Promise<void>
}

const CHECK_BYTES = 32
/** Heights are u32: ten digits keep the order of numbers in that of keys. */
const HEIGHT_DIGITS = 10

/**
 * The machine's records under `machine/<id>/`: `block/…`, `stakes/…`, `fork/…`, `head`, `submitted`, `computed`, `table`. Each ends with the
 * SHA-256 of its key and value, so that a record which was damaged, or put under another key, is known by its name.
 */
export function createMachineStore(store: RecordStore, machine: Bytes): MachineStore {
  const prefix = `machine/${toHex(machine).slice(0, 16)}/`
  const entry = (name: string, value: Bytes): RecordEntry => {
    const key = prefix + name
    return { key, value: concat(value, checkOf(key, value)) }
  }
  const put = (name: string, value: Bytes) => store.put([entry(name, value)])

  async function get<T>(name: string, decode: (value: Bytes) => T): Promise<Stored<T>> {
    const key = prefix + name
    const record = await store.get(key)
    if (record === undefined) return { kind: 'missing', key }
    try {
      return { kind: 'found', value: decode(openRecord(key, record)) }
    } catch {
      return { kind: 'damaged', key }
    }
  }

  return {
    head: () => get('head', decodeHead),
    async lastBlock() {
      let last = 0
      for await (const { key } of store.entries(`${prefix}block/`)) last = Number(key.slice(-HEIGHT_DIGITS))
      return last
    },
    block: (height) => get(nameOf('block', height), (value) => value),
    stakes: (height) => get(nameOf('stakes', height), decodeStakes),
    submitted: () => get('submitted', decodeRank),
    computed: () => get('computed', decodeRank),
    table: () => get('table', decodeTable),
    async commit({ height, bundle, stakes, head, submitted, table }) {
      await store.put([
        entry(nameOf('block', height), bundle),
        entry(nameOf('stakes', height), encodeStakes(stakes)),
        entry('head', encodeHead(head)),
        ...(submitted === undefined ? [] : [entry('submitted', encodeRank(submitted))]),
        ...(table === undefined ? [] : [entry('table', encodeTable(table))]),
      ])
    },
    putComputed: (rank) => put('computed', encodeRank(rank)),
    async putFork(height, bundle) {
      const name = nameOf('fork', height)
      if ((await store.get(prefix + name)) === undefined) await put(name, bundle)
    },
    async *forks() {
      for await (const { key, value } of store.entries(`${prefix}fork/`)) {
        const bundle = openIfWhole(key, value)
        // damaged evidence shows nothing: it is found again where it was found
        if (bundle !== undefined) yield { height: Number(key.slice(-HEIGHT_DIGITS)), bundle }
      }
    },
    mendBlock: (height, bundle) => put(nameOf('block', height), bundle),
    mendStakes: (height, stakes) => put(nameOf('stakes', height), encodeStakes(stakes)),
    mendHead: (head) => put('head', encodeHead(head)),
    mendSubmitted: (rank) => put('submitted', encodeRank(rank)),
    mendTable: (table) => put('table', encodeTable(table)),
  }
}

function openIfWhole(key: string, record: Bytes): Bytes | undefined {
  try {
    return openRecord(key, record)
  } catch {
    return undefined
  }
}

function nameOf(kind: 'block' | 'stakes' | 'fork', height: number): string {
  return `${kind}/${String(height).padStart(HEIGHT_DIGITS, '0')}`
}

function checkOf(key: string, value: Bytes): Bytes {
  return sha256(concat(utf8(key), value))
}

/** @throws Error */
function openRecord(key: string, record: Bytes): Bytes {
  const value = record.slice(0, Math.max(0, record.length - CHECK_BYTES))
  if (equalBytes(checkOf(key, value), record.subarray(value.length))) return value
  throw new Error('The check does not agree.')
}

function encodeHead({ height, hash, linkTree, rankTree }: StoredHead): Bytes {
  const [links, ranks] = [encodeShortTree(linkTree), encodeShortTree(rankTree)]
  return new ByteWriter()
    .u32(height)
    .bytes(hash)
    .u32(links.length)
    .bytes(links)
    .u32(ranks.length)
    .bytes(ranks)
    .finish()
}

function decodeHead(bytes: Bytes): StoredHead {
  const reader = new ByteReader(bytes)
  const [height, hash] = [reader.u32('height'), reader.bytes(32, 'hash')]
  const tree = (field: string) => decodeShortTree(reader.bytes(reader.u32('length'), field))
  const head = { height, hash, linkTree: tree('link tree'), rankTree: tree('rank tree') }
  reader.end('head')
  return head
}

/** What follows in a record of stakes. */
const [NO_SNAPSHOT, FIXED_SNAPSHOT, CHAIN_SNAPSHOT] = [0, 1, 2]

function encodeStakes({ total, appeared, snapshot }: StakeReading): Bytes {
  const writer = new ByteWriter()
  writeTotal(writer, total)
  writer.u32(appeared.length)
  for (const stake of appeared) writer.u64(stake)
  if (snapshot === undefined) return writer.u8(NO_SNAPSHOT).finish()
  const { changes, mark } = snapshot
  writer.u8(mark === undefined ? FIXED_SNAPSHOT : CHAIN_SNAPSHOT)
  writeTotal(writer, snapshot.total)
  writer.u32(changes.length)
  for (const [neuron, stake] of changes) writer.u32(neuron).u64(stake)
  if (mark !== undefined) writer.u32(mark.seconds).bytes(mark.root)
  return writer.finish()
}

function decodeStakes(bytes: Bytes): StakeReading {
  const reader = new ByteReader(bytes)
  const total = readTotal(reader)
  const appeared = Array.from({ length: reader.u32('appeared') }, () => reader.u64('stake'))
  const kind = reader.u8('snapshot')
  let snapshot: StakeReading['snapshot']
  if (kind !== NO_SNAPSHOT) {
    const after = readTotal(reader)
    const changes = Array.from(
      { length: reader.u32('changes') },
      () => [reader.u32('neuron'), reader.u64('stake')] as const,
    )
    const mark = kind === CHAIN_SNAPSHOT ? readMark(reader) : undefined
    snapshot = { total: after, changes, mark }
  }
  reader.end('stakes')
  return { total, appeared, snapshot }
}

function readMark(reader: ByteReader): StakeMark {
  return { seconds: reader.u32('seconds'), root: reader.bytes(32, 'root') }
}

function encodeTable(table: readonly StakeEntry[]): Bytes {
  const writer = new ByteWriter(STAKE_LEAF_BYTES * table.length)
  for (const [neuron, stake] of table) writer.bytes(neuron).u64(stake)
  return writer.finish()
}

/** Whether it is whole and in order is for its root to say. */
function decodeTable(bytes: Bytes): readonly StakeEntry[] {
  const reader = new ByteReader(bytes)
  const count = Math.ceil(bytes.length / STAKE_LEAF_BYTES)
  return Array.from(
    { length: count },
    () => [reader.bytes(ADDRESS_BYTES, 'neuron'), reader.u64('stake')] as const,
  )
}

/** u128: the sum of many u64. */
function writeTotal(writer: ByteWriter, total: bigint): void {
  writer.u64(total >> 64n).u64(total & (2n ** 64n - 1n))
}

function readTotal(reader: ByteReader): bigint {
  return (reader.u64('total') << 64n) | reader.u64('total')
}

function encodeRank({ snapshot, ranks }: StoredRank): Bytes {
  return concat(new ByteWriter(4).u32(snapshot).finish(), encodeRanks(ranks))
}

function decodeRank(bytes: Bytes): StoredRank {
  const reader = new ByteReader(bytes)
  const snapshot = reader.u32('snapshot')
  return { snapshot, ranks: decodeRanks(reader.bytes(reader.remaining, 'ranks')) }
}

/** u64[N] of LE64 ranks, copied. */
function decodeRanks(bytes: Bytes): BigUint64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ranks = new BigUint64Array(bytes.length / 8)
  for (let particle = 0; particle < ranks.length; particle++)
    ranks[particle] = view.getBigUint64(8 * particle, true)
  return ranks
}
