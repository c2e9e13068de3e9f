import type { Keccak } from '#core/keccak.ts'
import { createMutex } from '#core/mutex.ts'
import type { StakeSource, StakeTable } from '#graph/machine/stake-source.ts'
import { chainError } from '../chain-errors.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { readStakeBook, type StakeBook, stakesAt } from './stake-book.ts'

export interface ChainStakeSourceInit {
  readonly reader: ChainReader
  /** address of `Stake` */
  readonly stake: Hex
  /** seconds before the newest block at which the newest stakes are taken */
  readonly lagSeconds: number
  readonly keccak: Keccak
  /** unix ms */
  readonly now: () => number
}

/** Blocks come every two seconds at most: whoever begins a period need not ask more often. */
const NEWEST_MS = 1_000
/** For stakes of the past: only whether one was left out depends on it, and that has ten minutes. */
const CHECK_MS = 10_000
/** Tables that stay at hand: those of the periods that peers ask about now. */
const MAX_TABLES = 8

/** The whole book as one header proves it. */
interface ProvenBook {
  readonly header: Header
  readonly storageHash: Hex
  readonly book: StakeBook
  /** unix ms */
  readonly at: number
}

/**
 * [KG7] Stakes of the contract `Stake`, everybody's, each proved by the newest header that the chain's endpoints agree
 * about: its checkpoints tell those of any moment before. One look at the chain at a time, and its words only when they
 * have changed.
 */
export function createChainStakeSource(init: ChainStakeSourceInit): StakeSource {
  const { reader, stake, lagSeconds, keccak, now } = init
  const alone = createMutex()
  const tables = new Map<number, StakeTable>()
  let proven: ProvenBook | undefined

  /** @throws RPC_UNREACHABLE, HEADER_DISPUTED, STAKES_TOO_MANY */
  async function look(): Promise<ProvenBook> {
    const header = await reader.head()
    const { storageHash } = (await reader.account(header, stake)).account
    if (proven?.storageHash === storageHash) {
      proven = { ...proven, header, at: now() }
      return proven
    }
    const before = proven
    const known = before && { addresses: [...before.book.keys()], block: before.header.number }
    const { hash: blockHash, number: block } = header
    const question = { stake, blockHash, block, storageHash, keccak }
    const book = await reader.pool.first(async (endpoint) => {
      if (known === undefined || known.block > block) return readStakeBook(endpoint, question)
      // the chain may have taken back a block since: then all of it is read
      return readStakeBook(endpoint, { ...question, known }).catch(() => readStakeBook(endpoint, question))
    })
    tables.clear()
    proven = { header, storageHash, book, at: now() }
    return proven
  }

  /** A book that is not older than so many ms, and proves this moment. */
  function bookOf(maxAgeMs: number, seconds = 0): Promise<ProvenBook> {
    return alone(async () => {
      const { at = Number.NEGATIVE_INFINITY, header } = proven ?? {}
      const isProof = header !== undefined && header.timestamp >= seconds
      if (proven !== undefined && isProof && now() - at < maxAgeMs) return proven
      try {
        return await look()
      } catch (error) {
        // what was proved stays so
        if (proven !== undefined && isProof && seconds > 0) return proven
        throw error
      }
    })
  }

  function tableOf({ book }: ProvenBook, seconds: number): StakeTable {
    const known = tables.get(seconds)
    if (known !== undefined) return known
    const table = stakesAt(book, seconds)
    tables.set(seconds, table)
    const [oldest] = tables.keys()
    if (tables.size > MAX_TABLES && oldest !== undefined) tables.delete(oldest)
    return table
  }

  return {
    async newest() {
      const found = await bookOf(NEWEST_MS)
      return tableOf(found, Math.max(0, found.header.timestamp - lagSeconds))
    },
    async at(seconds) {
      const found = await bookOf(CHECK_MS, seconds)
      const { number, timestamp } = found.header
      if (timestamp >= seconds) return tableOf(found, seconds)
      throw chainError(
        'STAKES_UNKNOWN',
        `The chain is at block ${number} of ${timestamp} (unix seconds): it proves no stakes of ${seconds} yet. They are asked for again.`,
      )
    },
  }
}
