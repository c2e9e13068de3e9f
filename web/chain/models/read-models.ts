import { fromHex } from '#core/bytes.ts'
import { chainError } from '../chain-errors.ts'
import type { ChainReader } from '../chain-reader.ts'
import { type Hex, readWord, wordBytes } from '../hex.ts'
import type { BuildRights } from '../land/build-rights.ts'
import { MAX_PROVEN_SLOTS } from '../proofs/account-proof.ts'
import type { Header } from '../proofs/header.ts'
import { readSlots } from '../rpc/read-slots.ts'
import { MODEL_BALANCES, MODEL_COUNT, mappingSlot } from '../storage-slots.ts'
import {
  addressOf,
  type ModelPlace,
  modelSlots,
  ownerSlot,
  placementSlot,
  readModelWords,
  readPlace,
  type StoredModel,
} from './model-words.ts'

/** A model as one block has it, proved; its place is told while its holder may build there. */
export interface ProvenModel extends StoredModel {
  readonly block: number
  /** unix seconds of that block */
  readonly blockTime: number
}

export interface Models {
  /**
   * Models that a wallet holds, those too that it was given and did not accept; newest first. None without a wallet.
   *
   * @throws RPC_ANSWER_INVALID when an endpoint leaves some out
   */
  heldBy(holder: Hex | undefined): Promise<readonly ProvenModel[]>
  /** Models that stand on one of these parcels (their ids) or on its planet, newest first. */
  standingOn(parcels: ReadonlySet<number>): Promise<readonly ProvenModel[]>
}

export interface ModelsInit {
  readonly reader: Pick<ChainReader, 'head' | 'account' | 'pool'>
  /** Model's address */
  readonly model: Hex
  readonly rights: Pick<BuildRights, 'check'>
}

/** Who holds a model and where it stands, by one endpoint's word: says which ones are worth a proof. */
interface Hint {
  readonly id: number
  readonly holder: Hex
  readonly place: ModelPlace | undefined
}

interface Known {
  readonly storageHash: Hex
  /** newest first */
  readonly hints: Hint[]
  /** ids of the oldest that is looked at, and of the newest that was not read yet */
  readonly oldest: number
  next: number
  reading?: Promise<void>
}

/** Models whose two words one call reads. */
const HINTS_PER_CALL = 2_000
/** Models that are looked through, newest first: twenty calls, and a second of hashing. */
const MAX_LOOKED_AT = 40_000
/** Models of one wallet or parcel that are proved and shown. */
const MAX_SHOWN = 256

/**
 * The models of a chain. Which of them belong somewhere is a hint of one endpoint, which can leave some out; what is told
 * of each is proved.
 */
export function createModels({ reader, model, rights }: ModelsInit): Models {
  let known: Known | undefined

  /** Hints newest first; what was read stays known until the contract's storage changes. */
  async function* hintsAt(header: Header): AsyncGenerator<Hint> {
    const { account, slots } = await reader.account(header, model, { slots: [MODEL_COUNT] })
    if (known?.storageHash !== account.storageHash) {
      const count = Number(slots[0] ?? 0n)
      const oldest = Math.max(1, count - MAX_LOOKED_AT + 1)
      known = { storageHash: account.storageHash, hints: [], oldest, next: count }
    }
    const read = known
    for (let at = 0; ; at++) {
      if (at >= read.hints.length) await readMore(header, read)
      const hint = read.hints[at]
      if (hint === undefined) return
      yield hint
    }
  }

  /** Whoever comes while hints are read waits for the same. */
  function readMore(header: Header, read: Known): Promise<void> | undefined {
    if (read.next < read.oldest) return undefined
    read.reading ??= readNext(header, read).finally(() => {
      delete read.reading
    })
    return read.reading
  }

  async function readNext(header: Header, read: Known): Promise<void> {
    const from = Math.max(read.oldest, read.next - HINTS_PER_CALL + 1)
    const ids = Array.from({ length: read.next - from + 1 }, (_, back) => read.next - back)
    read.hints.push(...(await readHints(header, ids)))
    read.next = from - 1
  }

  async function readHints(header: Header, ids: readonly number[]): Promise<readonly Hint[]> {
    const slots = ids.flatMap((id) => [ownerSlot(id), placementSlot(id)]).map(wordBytes)
    const question = { contract: model, blockHash: header.hash }
    const words = await reader.pool.first((endpoint) => readSlots(endpoint, question, slots))
    return ids.map((id, index) => ({
      id,
      holder: addressOf(readWord(words[2 * index]!)),
      place: readPlace(readWord(words[2 * index + 1]!)),
    }))
  }

  async function prove(header: Header, ids: readonly number[]): Promise<readonly ProvenModel[]> {
    const perProof = Math.floor(MAX_PROVEN_SLOTS / modelSlots(1).length)
    const found: StoredModel[] = []
    for (let from = 0; from < ids.length; from += perProof) {
      const part = ids.slice(from, from + perProof)
      const { slots } = await reader.account(header, model, { slots: part.flatMap(modelSlots) })
      const each = slots.length / part.length
      for (const [index, id] of part.entries()) {
        const stored = readModelWords(id, slots.slice(index * each, (index + 1) * each))
        if (stored !== undefined) found.push(stored)
      }
    }
    return Promise.all(
      found.map(async (stored) => ({
        ...(await placed(stored)),
        block: header.number,
        blockTime: header.timestamp,
      })),
    )
  }

  /** As the contract has it: who may not build there any more has no model there. */
  async function placed(stored: StoredModel): Promise<StoredModel> {
    const { place, ...rest } = stored
    if (place === undefined) return stored
    const right = await rights.check(place.parcel, fromHex(stored.holder))
    return right === 'yes' ? stored : rest
  }

  return {
    async heldBy(holder) {
      if (holder === undefined) return []
      const header = await reader.head()
      const { slots } = await reader.account(header, model, { slots: [mappingSlot(holder, MODEL_BALANCES)] })
      const wanted = Math.min(Number(slots[0] ?? 0n), MAX_SHOWN)
      const held: ProvenModel[] = []
      let named: number[] = []
      const proveNamed = async (): Promise<void> => {
        const proven = await prove(header, named)
        held.push(...proven.filter((found) => found.holder === holder))
        named = []
      }
      if (wanted > 0) {
        for await (const hint of hintsAt(header)) {
          if (hint.holder === holder) named.push(hint.id)
          if (held.length + named.length < wanted) continue
          await proveNamed()
          if (held.length >= wanted) break
        }
        await proveNamed()
      }
      if (held.length < wanted && known?.oldest === 1) {
        known = undefined // another endpoint may tell more
        throw missing(held.length, wanted)
      }
      return held
    },
    async standingOn(parcels) {
      const header = await reader.head()
      const ids: number[] = []
      const isThere = (place: ModelPlace | undefined) => place !== undefined && parcels.has(place.parcel)
      for await (const { id, place } of hintsAt(header)) {
        if (isThere(place)) ids.push(id)
        if (ids.length >= MAX_SHOWN) break
      }
      return (await prove(header, ids)).filter(({ place }) => isThere(place))
    },
  }
}

function missing(found: number, wanted: number): Error {
  return chainError(
    'RPC_ANSWER_INVALID',
    `The chain proves that this wallet holds ${wanted} models, and its endpoint names ${found} of them. It is tried again.`,
  )
}
