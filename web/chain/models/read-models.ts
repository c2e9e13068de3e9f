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
  /**
   * Models that stand on parcels themselves, not on their planets: as many as are drawn at once, in the order of the
   * parcels.
   */
  standingAround(parcels: ParcelsAround, header: Header): Promise<ModelsAround>
}

export interface ParcelsAround {
  /** by id, nearest first */
  readonly ids: readonly number[]
  /** undefined where nobody is known to own one */
  ownerOf(id: number): Hex | undefined
  /** Asked when models changed since they were looked through: may they be again? If not, what was known is proved anew. */
  mayLookThrough(): boolean
}

export interface ModelsAround {
  readonly models: readonly ProvenModel[]
  /** did somebody put one there who does not own the parcel? Whether it stands depends on the owner's leave */
  readonly hasGuests: boolean
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
  /** hints of what stands on parcels themselves, by parcel, once all are read */
  onParcels?: ReadonlyMap<number, readonly Hint[]>
}

/** Models whose two words one call reads: a frame waits 10 ms for the hashing of their slots. */
const HINTS_PER_CALL = 500
/** Models that are looked through, newest first: eighty calls, and a second of hashing. */
const MAX_LOOKED_AT = 40_000
/** Models of one wallet or parcel that are proved and shown. */
const MAX_SHOWN = 256
/** Models of one parcel that are drawn. */
const MAX_ON_PARCEL = 8
/** Models that are drawn at once, and those that are proved to find them: some may stand there no more. */
const MAX_AROUND = 64
const MAX_TRIED_AROUND = 192
/** Models in one proof while a world is drawn: a frame waits for the hashing of no more. */
const AROUND_PER_PROOF = 8

/**
 * The models of a chain. Which of them belong somewhere is a hint of one endpoint, which can leave some out; what is told
 * of each is proved.
 */
export function createModels({ reader, model, rights }: ModelsInit): Models {
  let known: Known | undefined

  /** What was read stays known until the contract's storage changes, and then while `mayRenew` says no. */
  async function knownAt(header: Header, mayRenew = () => true): Promise<Known> {
    const { account, slots } = await reader.account(header, model, { slots: [MODEL_COUNT] })
    if (known === undefined || (known.storageHash !== account.storageHash && mayRenew())) {
      const count = Number(slots[0] ?? 0n)
      const oldest = Math.max(1, count - MAX_LOOKED_AT + 1)
      known = { storageHash: account.storageHash, hints: [], oldest, next: count }
    }
    return known
  }

  /** Hints newest first. */
  async function* hintsAt(header: Header): AsyncGenerator<Hint> {
    const read = await knownAt(header)
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

  async function hintsOnParcels(
    header: Header,
    mayRenew: () => boolean,
  ): Promise<ReadonlyMap<number, readonly Hint[]>> {
    const read = await knownAt(header, mayRenew)
    while (read.next >= read.oldest) await readMore(header, read)
    read.onParcels ??= Map.groupBy(
      read.hints.filter(({ place }) => place?.on === 'parcel'),
      ({ place }) => place!.parcel,
    )
    return read.onParcels
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
    async standingAround({ ids, ownerOf, mayLookThrough }, header) {
      const hints = await hintsOnParcels(header, mayLookThrough)
      const near = ids.flatMap((id) => {
        const there = hints.get(id)
        return there === undefined ? [] : firstOn(there, ownerOf(id))
      })
      const tried = near.slice(0, MAX_TRIED_AROUND)
      const among = new Set(ids)
      const found: ProvenModel[] = []
      for (let from = 0; from < tried.length && found.length < MAX_AROUND; from += AROUND_PER_PROOF) {
        const part = tried.slice(from, from + AROUND_PER_PROOF)
        const proven = await prove(
          header,
          part.map(({ id }) => id),
        )
        found.push(...proven.filter(({ place }) => place?.on === 'parcel' && among.has(place.parcel)))
      }
      const hasGuests = tried.some(({ holder, place }) => holder !== ownerOf(place!.parcel))
      return { models: found.slice(0, MAX_AROUND), hasGuests }
    },
  }
}

/** The newest of its owner, then others': earlier owners may have left any number there, where they stand no more. */
function firstOn(hints: readonly Hint[], owner: Hex | undefined): readonly Hint[] {
  const own = hints.filter(({ holder }) => holder === owner)
  return [...own, ...hints.filter(({ holder }) => holder !== owner)].slice(0, MAX_ON_PARCEL)
}

function missing(found: number, wanted: number): Error {
  return chainError(
    'RPC_ANSWER_INVALID',
    `The chain proves that this wallet holds ${wanted} models, and its endpoint names ${found} of them. It is tried again.`,
  )
}
