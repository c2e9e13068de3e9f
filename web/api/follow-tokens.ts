import type { ReadonlySignal, Signal } from '@preact/signals'
import { readOffer } from '#chain/access/read-offer.ts'
import { chainError } from '#chain/chain-errors.ts'
import type { Hex } from '#chain/hex.ts'
import { type BuildRights, createBuildRights } from '#chain/land/build-rights.ts'
import { createModels, type ParcelsAround, type ProvenModel } from '#chain/models/read-models.ts'
import type { Header } from '#chain/proofs/header.ts'
import type { OpenedChain } from '#chain/wallet/open-write-chain.ts'
import type { Cell } from '#core/land.ts'
import { parcelIdOf, serialOf } from '#core/land-rule.ts'
import { type ParcelPlaces, plotAt } from '#core/plots.ts'
import { every, type Timers } from '#core/timers.ts'
import type { ParcelToken } from './access-types.ts'
import type { LoadedChainLand } from './lazy-chain-land.ts'
import type { Purse } from './lazy-purse.ts'
import { createObjectSights, type ObjectSights, type ObjectSightsInit } from './object-sights.ts'
import { lowerHex, toModelFacts } from './open-models.ts'
import type { LandState, WalletState } from './types.ts'

export interface FollowTokensInit {
  readonly opened: Pick<OpenedChain, 'chain' | 'reader'>
  readonly chainLand: Pick<LoadedChainLand, 'places'> & {
    readonly api: Pick<LoadedChainLand['api'], 'proven'>
  }
  readonly wallet: ReadonlySignal<WalletState | undefined>
  readonly purse: Pick<Purse, 'state'>
  readonly objects: ObjectSightsInit['objects']
  readonly document: Pick<Document, 'hidden'>
  /** of the visitor, in cells; undefined where no world is drawn */
  readonly position: () => Cell | undefined
  /** what the world draws, written here */
  readonly tokens: Signal<NonNullable<LandState['tokens']>>
  readonly timers: Timers
}

/** New blocks, steps and writes are noticed within this; nothing is asked of anybody while there are none. */
const LOOK_MS = 2_000
/** Endpoints that failed are left alone for so many of these, twice as many each time: five minutes at most. */
const LOOKS_AFTER_FAILURE = 5
const MAX_LOOKS_AFTER_FAILURE = 150
/** All models are looked through once in so many: anybody's transaction may change them, and it takes up to eighty calls. */
const LOOKS_BETWEEN_ALL = 30
/** Cells that one walks before what stands around is read anew. */
const STEP_CELLS = 4
/** The world draws what is within 26 cells: those of the steps until the next reading as well. */
const REACH_CELLS = 30

/** What the last reading saw. */
interface Seen {
  readonly cell: Cell
  readonly block: Hex
  readonly places: ParcelPlaces
  readonly me: string | undefined
  /** proved, and seen by this wallet as far as the chain tells */
  readonly shown: readonly ProvenModel[]
  /** contracts on whose storage it depends what stands */
  readonly watched: readonly Hex[]
  /** the hashes of their storage */
  readonly storage: string
  /** when the first payment ends by which something is seen, unix seconds */
  readonly until: number
}

/**
 * Keeps the Model tokens that stand on parcels around the visitor ([CH6]): those that are proved, and whose holders may build
 * there. Read when the visitor walks on, and when a block shows that tokens or land changed: what this wallet does is seen at
 * once, what others place within a minute, and what they take away at once. What is restricted is left out unless this wallet
 * may see it ([CH7]). While the chain does not answer, or nobody looks, what stands stays. Lasts as long as the page.
 */
export function followTokens(init: FollowTokensInit): void {
  const { opened, chainLand, wallet, purse, objects, document, position, tokens, timers } = init
  const { chain, reader } = opened
  const { model, landGrid, land } = chain.contracts
  if (model === undefined || landGrid === undefined || land === undefined) return
  /** what a reading is proved against, all of it */
  let read: Header | undefined
  const atRead = { head: async () => read!, account: reader.account }
  const rights = createBuildRights({ reader: atRead, contracts: { landGrid, land }, now: Date.now })
  const models = createModels({ reader, model, rights: certain(rights) })
  const sights = createObjectSights({ objects, timers, onKnown: draw })
  let seen: Seen | undefined
  let isLooking = false
  let resting = 0
  let failures = 0
  /** looks until all models may be looked through again */
  let untilAll = 0
  /** were they not, though they changed? */
  let isBehind = false
  /** transactions of this profile that are in blocks */
  let mined = 0

  async function look(): Promise<void> {
    const header = reader.state.peek().accepted
    const places = chainLand.places.peek()
    const at = position()
    untilAll -= 1
    if (isLooking || document.hidden) return
    if (resting-- > 0 || header === undefined || places === undefined || at === undefined) return
    const minedNow = purse.state.peek().transactions.filter(({ block }) => block !== undefined).length
    if (minedNow !== mined) untilAll = 0
    mined = minedNow
    const cell = { x: Math.floor(at.x), y: Math.floor(at.y) }
    const me = wallet.peek()?.address.toLowerCase()
    const isDue = isBehind && untilAll <= 0
    const isStill =
      seen !== undefined && !isDue && isNear(seen.cell, cell) && seen.places === places && seen.me === me
    if (isStill && seen?.block === header.hash) return
    isLooking = true
    try {
      const isSame =
        isStill &&
        header.timestamp < seen!.until &&
        (await storageOf(seen!.watched, header)) === seen!.storage
      if (isSame) seen = { ...seen!, block: header.hash }
      else {
        const found = await findTokens(header, { cell, places, me })
        const storage = await storageOf(found.watched, header)
        seen = { ...found, storage, block: header.hash, cell, places, me }
        draw()
      }
      resting = 0
      failures = 0
    } catch {
      // no endpoint answers, or they disagree
      resting = Math.min(LOOKS_AFTER_FAILURE * 2 ** failures, MAX_LOOKS_AFTER_FAILURE)
      failures += 1
      seen = undefined
    } finally {
      isLooking = false
    }
  }

  function draw(): void {
    if (seen === undefined) return
    const { shown, me, places } = seen
    const standing = shown.flatMap((each) => toParcelToken(each, { reader, me, places, sights }))
    if (JSON.stringify(standing) !== JSON.stringify(tokens.peek())) tokens.value = standing
  }

  /** The first that asks when it is time is let. */
  function mayLookThrough(): boolean {
    isBehind = untilAll > 0
    if (!isBehind) untilAll = LOOKS_BETWEEN_ALL
    return !isBehind
  }

  async function findTokens(header: Header, { cell, places, me }: Pick<Seen, 'cell' | 'places' | 'me'>) {
    read = header
    const parcels = { ...parcelsAround(cell, places, chainLand.api.proven), mayLookThrough }
    rights.forget(parcels.ids)
    const { models: found, hasGuests } = await models.standingAround(parcels, header)
    const untils = await Promise.all(
      found.map((each) => seenUntil(each, me, { opened, header, model: model! })),
    )
    const isShown = (_: unknown, index: number): boolean => untils[index]! > header.timestamp
    const isSold = found.some(({ access }) => access !== undefined && access === chain.contracts.access)
    return {
      shown: found.filter(isShown),
      watched: [model!, ...(hasGuests ? [land!] : []), ...(isSold ? [chain.contracts.access!] : [])],
      until: Math.min(...untils.filter(isShown)),
    }
  }

  async function storageOf(contracts: readonly Hex[], header: Header): Promise<string> {
    const read = await Promise.all(contracts.map((contract) => reader.account(header, contract)))
    return read.map(({ account }) => account.storageHash).join()
  }

  every(timers, LOOK_MS, () => void look())
}

/** Where it is not known whether somebody may build, nothing is: what stands stays until it is. */
function certain({ check }: Pick<BuildRights, 'check'>): Pick<BuildRights, 'check'> {
  return {
    async check(id, who) {
      const right = await check(id, who)
      if (right !== 'unknown') return right
      throw chainError('RPC_UNREACHABLE', `No endpoint proves who may build on parcel ${id}.`)
    },
  }
}

function isNear(a: Cell, b: Cell): boolean {
  return Math.hypot(a.x - b.x, a.y - b.y) < STEP_CELLS
}

/** Cells within reach of 0, 0, nearest first. */
const AROUND: readonly Cell[] = Array.from({ length: (2 * REACH_CELLS + 1) ** 2 }, (_, at) => ({
  x: (at % (2 * REACH_CELLS + 1)) - REACH_CELLS,
  y: Math.floor(at / (2 * REACH_CELLS + 1)) - REACH_CELLS,
}))
  .filter(({ x, y }) => Math.hypot(x, y) <= REACH_CELLS)
  .sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y))

/** Parcels within reach. */
function parcelsAround(
  { x, y }: Cell,
  places: ParcelPlaces,
  proven: LoadedChainLand['api']['proven'],
): Pick<ParcelsAround, 'ids' | 'ownerOf'> {
  const cells = new Map<number, Cell>()
  for (const step of AROUND) {
    const cell = { x: x + step.x, y: y + step.y }
    const serial = places.parcelOn(cell)
    if (serial !== undefined) cells.set(parcelIdOf(serial), cell)
  }
  return {
    ids: [...cells.keys()],
    ownerOf(id) {
      const cell = cells.get(id)
      return cell && (proven(cell.x, cell.y)?.owner as Hex | undefined)
    },
  }
}

interface Question {
  readonly opened: FollowTokensInit['opened']
  readonly header: Header
  /** Model's address */
  readonly model: Hex
}

/**
 * Until when a wallet sees what a token shows, unix seconds; 0 never. Its holder and its author do, and others where it takes
 * no payment, or once they have paid.
 */
async function seenUntil(
  { id, holder, author, access, objectId }: ProvenModel,
  me: string | undefined,
  { opened, header, model }: Question,
): Promise<number> {
  const isOpen = access === undefined || objectId === undefined
  if (isOpen || holder === me || author === me) return Number.POSITIVE_INFINITY
  const { chain, reader } = opened
  if (me === undefined || access !== chain.contracts.access) return 0
  const offer = await readOffer({ token: model, id }, lowerHex(me), { header, reader, access })
  return offer.priceWei === 0n ? Number.POSITIVE_INFINITY : offer.paidUntil
}

interface TokenView extends Pick<OpenedChain, 'reader'> {
  readonly me: string | undefined
  readonly places: ParcelPlaces
  readonly sights: ObjectSights
}

/**
 * As the world draws it; none where it shows no file, or one that is sealed for this profile, or its parcel lost its place.
 */
function toParcelToken(
  found: ProvenModel,
  { reader, me, places, sights }: TokenView,
): readonly ParcelToken[] {
  const { id, root, object, isRestricted, place, holder, mine } = toModelFacts(found, { reader, me })
  const cell = place && places.cellOf(serialOf(place.parcel))
  const parcel = cell && plotAt(cell)
  if (root === undefined || place === undefined || cell === undefined || parcel === undefined) return []
  const sight = object === undefined ? 'open' : isRestricted ? 'unsealed' : sights.of(object)
  if (sight === undefined || sight === 'closed') return []
  const sealed = sight === 'unsealed' && object !== undefined ? { object } : {}
  return [{ id, parcel, cell, root, ...sealed, placement: place.placement, holder, mine }]
}
