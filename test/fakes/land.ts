import { type Hex, hexOf, wordBytes } from '#chain/hex.ts'
import { EMPTY_LAND, type LandTable, ownerAt, ownerCount, parcelIds, wordOf } from '#chain/land/land-table.ts'
import { applyChanges } from '#chain/land/snapshot.ts'
import { concat, fromHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import { birthCell } from '#core/land-rule.ts'
import type { FakeAccount } from './fake-chain.ts'

export const GRID: Hex = '0x00000000000000000000000000000000000000a7'

export interface FakeParcel {
  /** @default the cell on which it is minted */
  readonly x?: number
  readonly y?: number
  readonly owner: bigint
  /** 1 active, 2 inactive @default 1 */
  readonly state?: bigint
  readonly warnings?: bigint
  readonly lastWarningAt?: bigint
}

/** The word of a parcel as LandGrid packs it. */
export function packWord(id: number, parcel: FakeParcel): bigint {
  const birth = id <= 50_000 ? birthCell(id) : { x: 0, y: 0 }
  const { x = birth.x, y = birth.y, owner, state = 1n, warnings = 0n, lastWarningAt = 0n } = parcel
  const place = (BigInt(x + 2_048) << 160n) | (BigInt(y + 2_048) << 172n)
  return owner | place | (state << 184n) | (warnings << 192n) | (lastWarningAt << 200n)
}

export function addressOf(owner: bigint): Hex {
  return `0x${owner.toString(16).padStart(40, '0')}`
}

/** Land of these parcels; each owner has proved life until the time of its own. */
export function makeLand(
  parcels: ReadonlyMap<number, FakeParcel>,
  alive: ReadonlyMap<bigint, number> = new Map(),
): LandTable {
  const words = new Map([...parcels].map(([id, parcel]) => [id, wordBytes(packWord(id, parcel))]))
  const owners = new Map([...alive].map(([owner, until]) => [addressOf(owner).slice(2), until]))
  return applyChanges(EMPTY_LAND, { words, owners })
}

/** Parcels 1 … `count`, each of one of `owners` owners by turns that no pattern compresses. */
export function cityLand(count: number, owners: number): LandTable {
  // a generator of 192 bits: its upper 160 look like addresses to whoever compresses them
  let state = 0x9e3779b97f4a7c15f39cc0605cedc8341082276bf3a27251n
  const ownerOf = () => {
    state = BigInt.asUintN(192, state * 0xd1342543de82ef95d1342543de82ef95n + 1n)
    return state >> 32n
  }
  const all = Array.from({ length: owners }, ownerOf)
  const parcels = new Map(
    Array.from({ length: count }, (_, i) => [i + 1, { owner: all[(i * 7_919) % owners]! }] as const),
  )
  return makeLand(parcels, new Map(all.map((owner, i) => [owner, 1_800_000_000 + i * 37])))
}

/** LandGrid's account, its slots written the plain way. */
export function landAccount(table: LandTable): FakeAccount {
  const storage = new Map<bigint, bigint>()
  for (const id of parcelIds(table)) {
    const word = BigInt(hexOf(wordOf(table, id)!))
    storage.set(BigInt(id), word)
    if (((word >> 184n) & 0xffn) !== 1n) continue
    const [x, y] = [(word >> 160n) & 0xfffn, (word >> 172n) & 0xfffn]
    const cell = y * 4_096n + x
    const slot = 65_536n + (cell >> 4n)
    storage.set(slot, (storage.get(slot) ?? 0n) | (BigInt(id) << (16n * (cell & 15n))))
  }
  for (let i = 0; i < ownerCount(table); i++) {
    const { address, aliveUntil } = ownerAt(table, i)
    const key = concat(new Uint8Array(12), address, wordBytes(1_114_112n))
    storage.set(BigInt(hexOf(keccak256(key))), BigInt(aliveUntil))
  }
  return { balanceWei: 0n, nonce: 1n, storage }
}

/** A log that names an owner and a parcel, as a transfer does. */
export function transferLog(to: bigint, id: number): { address: Hex; topics: readonly Hex[]; data: Hex } {
  return {
    address: GRID,
    topics: [hexOf(keccak256(fromHex('00'))), hexOf(wordBytes(to))],
    data: hexOf(wordBytes(BigInt(id))),
  }
}
