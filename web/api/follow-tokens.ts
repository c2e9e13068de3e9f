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
import { lowerHex, toModelFacts } from './open-models.ts'
import type { LandState, WalletState } from './types.ts'

export interface FollowTokensInit {
  readonly opened: Pick<OpenedChain, 'chain' | 'reader'>
  readonly chainLand: Pick<LoadedChainLand, 'places'> & {
    readonly api: Pick<LoadedChainLand['api'], 'proven'>
  }
  readonly wallet: ReadonlySignal<WalletState | undefined>
  /** of the visitor, in cells; undefined where no world is drawn */
  readonly position: () => Cell | undefined
  /** what the world draws, written here */
  readonly tokens: Signal<NonNullable<LandState['tokens']>>
  readonly timers: Timers
}

/** New blocks, steps and writes are noticed within this; nothing is asked of anybody while there are none. */
const LOOK_MS = 2_000
/** An endpoint that failed is left alone for so many of these. */
const LOOKS_AFTER_FAILURE = 5
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
  /** contracts on whose storage it depends what stands */
  readonly watched: readonly Hex[]
  /** the hashes of their storage */
  readonly storage: string
  /** when the first payment ends by which something is seen, unix seconds */
  readonly until: number
}

/**
 * Keeps the Model tokens that stand on parcels around the visitor ([CH6]): those that are proved, and whose holders may build
 * there. Read when the visitor walks on, and when a block shows that tokens or land changed. What is restricted is left out
 * unless this wallet may see it ([CH7]). While the chain does not answer, what stands stays. Returns the end of it.
 */
export function followTokens(init: FollowTokensInit): () => void {
  const { opened, chainLand, wallet, position, tokens, timers } = init
  const { chain, reader } = opened
  const { model, landGrid, land } = chain.contracts
  if (model === undefined || landGrid === undefined || land === undefined) return () => {}
  /** what a reading is proved against, all of it */
  let read: Header | undefined
  const atRead = { head: async () => read!, account: reader.account }
  const rights = createBuildRights({ reader: atRead, contracts: { landGrid, land }, now: Date.now })
  const models = createModels({ reader, model, rights: certain(rights) })
  let seen: Seen | undefined
  let isLooking = false
  let resting = 0
  let isOver = false

  async function look(): Promise<void> {
    const header = reader.state.peek().accepted
    const places = chainLand.places.peek()
    const at = position()
    if (isLooking || resting-- > 0 || header === undefined || places === undefined || at === undefined) return
    const cell = { x: Math.floor(at.x), y: Math.floor(at.y) }
    const me = wallet.peek()?.address.toLowerCase()
    const isStill = seen !== undefined && isNear(seen.cell, cell) && seen.places === places && seen.me === me
    if (isStill && seen?.block === header.hash) return
    isLooking = true
    try {
      const isSame =
        isStill &&
        header.timestamp < seen!.until &&
        (await storageOf(seen!.watched, header)) === seen!.storage
      if (isSame) seen = { ...seen!, block: header.hash }
      else {
        const { standing, ...found } = await findTokens(header, { cell, places, me })
        const storage = await storageOf(found.watched, header)
        if (isOver) return
        seen = { ...found, storage, block: header.hash, cell, places, me }
        if (JSON.stringify(standing) !== JSON.stringify(tokens.peek())) tokens.value = standing
      }
      resting = 0
    } catch {
      resting = LOOKS_AFTER_FAILURE // no endpoint answers, or they disagree
    } finally {
      isLooking = false
    }
  }

  async function findTokens(header: Header, { cell, places, me }: Pick<Seen, 'cell' | 'places' | 'me'>) {
    read = header
    const parcels = parcelsAround(cell, places, chainLand.api.proven)
    rights.forget(parcels.ids)
    const found = await models.standingAround(parcels, header)
    const untils = await Promise.all(
      found.map((each) => seenUntil(each, me, { opened, header, model: model! })),
    )
    const isShown = untils.map((until) => until > header.timestamp)
    const isLet = found.some(({ holder, place }) => parcels.ownerOf(place!.parcel) !== holder)
    const isSold = found.some(({ access }) => access !== undefined && access === chain.contracts.access)
    return {
      standing: found.flatMap((each, index) =>
        isShown[index] ? toParcelToken(each, { reader, me, places }) : [],
      ),
      watched: [model!, ...(isLet ? [land!] : []), ...(isSold ? [chain.contracts.access!] : [])],
      until: Math.min(...untils.filter((_, index) => isShown[index])),
    }
  }

  async function storageOf(contracts: readonly Hex[], header: Header): Promise<string> {
    const read = await Promise.all(contracts.map((contract) => reader.account(header, contract)))
    return read.map(({ account }) => account.storageHash).join()
  }

  const stopLooking = every(timers, LOOK_MS, () => void look())
  return () => {
    isOver = true
    stopLooking()
  }
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
): ParcelsAround {
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

/** As the world draws it; none where it shows no file, or its parcel lost its place. */
function toParcelToken(
  found: ProvenModel,
  {
    reader,
    me,
    places,
  }: Pick<OpenedChain, 'reader'> & { readonly me: string | undefined; readonly places: ParcelPlaces },
): readonly ParcelToken[] {
  const { id, root, object, isRestricted, place, holder, mine } = toModelFacts(found, { reader, me })
  const cell = place && places.cellOf(serialOf(place.parcel))
  const parcel = cell && plotAt(cell)
  if (root === undefined || place === undefined || cell === undefined || parcel === undefined) return []
  const sealed = isRestricted && object !== undefined ? { object } : {}
  return [{ id, parcel, cell, root, ...sealed, placement: place.placement, holder, mine }]
}
