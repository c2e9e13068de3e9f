import type { Bytes } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { formatAddress, parseAddress } from '#core/delegation.ts'
import { isAppError } from '#core/errors.ts'
import type { Address } from '#core/identity.ts'
import { MAX_CLOCK_SKEW_MS } from '#core/limits.ts'
import { createMutex } from '#core/mutex.ts'
import type { RecordStore } from '#core/record-store.ts'
import { formatObjectId, type ObjectId } from './object-id.ts'
import {
  comparePlacements,
  MAX_SEQUENCE,
  type ReadPlacement,
  readPlacement,
  verifyPlacement,
} from './placement.ts'
import { isPassing, type PlacementErrorCode, placementError } from './placement-errors.ts'
import { fromFixedPose, type Pose } from './placement-pose.ts'
import { PlacementSet } from './placement-set.ts'
import { createRecordVerifier, type RecordVerifier } from './signed-record.ts'

/** What became of one envelope; all but `new` say why. */
export interface PlacementResult {
  /** `new`: it stands now. `have`: it did. `lost`: a greater record stands. */
  readonly status: 'new' | 'have' | 'lost' | 'refused'
  readonly failure?: { readonly code: PlacementErrorCode; readonly message: string }
}

/** What stands on a parcel. */
export interface Build {
  readonly parcel: number
  /** CIDv0 */
  readonly root: string
  readonly pose: Pose
  /** 0x… */
  readonly neuron: string
  /** unix ms */
  readonly time: number
  /** id of its Placement object, base58; none for a record of before there were any */
  readonly object?: string
}

/** One parcel that changed: what stands on it now, if anything. */
export interface BuildChange {
  readonly parcel: number
  readonly build: Build | undefined
}

/** All placements of one tab or process. Asynchronous and in plain values, so that it may run in a worker. */
export interface PlacementService {
  /** Reads what the profile kept, checking it again. */
  load(): Promise<void>
  /** Hears every change, in batches. */
  watch(listener: (changes: readonly BuildChange[]) => void): Promise<void>
  ingest(envelopes: readonly Bytes[]): Promise<readonly PlacementResult[]>
  /** digests of the buckets, 256 · 32 bytes */
  digests(): Promise<Bytes>
  bucketsUnlike(digests: Bytes): Promise<readonly number[]>
  readBucket(bucket: number): Promise<readonly Bytes[]>
  /** The encoded Placement object of this id, when it is what stands on its parcel. */
  findObject(id: ObjectId): Promise<Bytes | undefined>
  /**
   * Asks anew who may build on these parcels (serials): what was built by somebody who may no longer is gone until they
   * may again. @default all that something stands on
   */
  recheck(parcels?: readonly number[]): Promise<void>
  /** time and sequence that a new record of the parcel must have to win over the present one */
  next(parcel: number): Promise<{ readonly timeUs: number; readonly sequence: number }>
}

export interface PlacementServiceComponents {
  /** 32 bytes */
  readonly machine: Bytes
  readonly store: RecordStore
  /** unix ms */
  readonly now: () => number
  /** a record that could not be written, or that was damaged */
  readonly onFailure: (error: unknown) => void
  /**
   * May a wallet build on a parcel (serial)? `unknown` while nobody can tell: what is kept stays then, and nothing new
   * is taken. @default everybody may, where no chain is configured
   */
  readonly mayBuild?: (parcel: number, who: Address) => Promise<'yes' | 'no' | 'unknown'>
}

const PREFIX = 'placement/'
const LOAD_CHUNK = 256

function keyOf(parcel: number): string {
  return `${PREFIX}${parcel.toString().padStart(5, '0')}`
}

/** Keeps the winning record of each parcel in the profile's record store. */
export function createPlacementService(components: PlacementServiceComponents): PlacementService {
  return new Placements(components)
}

class Placements implements PlacementService {
  readonly #store: RecordStore
  readonly #verifier: RecordVerifier
  readonly #now: () => number
  readonly #onFailure: (error: unknown) => void
  readonly #mayBuild: PlacementServiceComponents['mayBuild']
  readonly #set = new PlacementSet()
  readonly #listeners: ((changes: readonly BuildChange[]) => void)[] = []
  readonly #builds = new Map<number, BuildChange>()
  /** parcels whose builder lost the right to build after the record was taken */
  readonly #withdrawn = new Set<number>()
  readonly #mutex = createMutex()
  /** what a full disk did not take, until the tab closes */
  readonly #unsaved = new Map<string, Bytes>()

  constructor({ machine, store, now, onFailure, mayBuild }: PlacementServiceComponents) {
    this.#store = store
    this.#mayBuild = mayBuild
    this.#onFailure = onFailure
    this.#now = now
    this.#verifier = createRecordVerifier({ machine, now })
  }

  async load(): Promise<void> {
    let chunk: { key: string; value: Bytes }[] = []
    for await (const entry of this.#store.entries(PREFIX)) {
      chunk.push(entry)
      if (chunk.length < LOAD_CHUNK) continue
      await this.#loadChunk(chunk)
      chunk = []
    }
    await this.#loadChunk(chunk)
  }

  async #loadChunk(chunk: readonly { key: string; value: Bytes }[]): Promise<void> {
    const checked = await Promise.all(chunk.map(({ value }) => this.#check(value, 'kept')))
    const results = await this.#mutex(() => this.#apply(checked, false))
    const damaged = chunk.filter((_, index) => {
      const { status, failure } = results[index]!
      return status === 'refused' && !isPassing(failure?.code)
    })
    if (damaged.length === 0) return
    for (const { key } of damaged) this.#onFailure(new Error(`${key} was damaged and is fetched again.`))
    await this.#store.delete(damaged.map(({ key }) => key))
  }

  async watch(listener: (changes: readonly BuildChange[]) => void): Promise<void> {
    this.#listeners.push(listener)
    if (this.#builds.size > 0) listener([...this.#builds.values()].map((change) => this.#shown(change)))
  }

  async ingest(envelopes: readonly Bytes[]): Promise<readonly PlacementResult[]> {
    const checked = await Promise.all(envelopes.map((envelope) => this.#check(envelope, 'new')))
    return this.#mutex(() => this.#apply(checked, true))
  }

  /** A record that verified or that cannot win anyway, or the reason why it is refused. */
  async #check(envelope: Bytes, origin: 'kept' | 'new'): Promise<ReadPlacement | PlacementResult> {
    try {
      const placement = readPlacement(envelope)
      if (this.#set.judge(placement) === 'won') {
        await verifyPlacement(placement, this.#verifier)
        await this.#assertRight(placement, origin)
      }
      return placement
    } catch (error) {
      if (!isAppError<PlacementErrorCode>(error)) throw error
      return { status: 'refused', failure: { code: error.code, message: error.message } }
    }
  }

  /** Publishing takes the right to build, where there is a chain that knows who has it. */
  async #assertRight({ parcel, neuron }: ReadPlacement, origin: 'kept' | 'new'): Promise<void> {
    const right = (await this.#mayBuild?.(parcel, neuron)) ?? 'yes'
    if (right === 'yes' || (right === 'unknown' && origin === 'kept')) return
    const who = formatAddress(neuron)
    if (right === 'no') {
      throw placementError(
        'PLACEMENT_NO_RIGHT',
        `${who} neither owns plot No. ${parcel + 1} nor was named by its owner, so nothing of theirs stands there.`,
      )
    }
    throw placementError(
      'PLACEMENT_RIGHT_UNKNOWN',
      `Whether ${who} may build on plot No. ${parcel + 1} cannot be told: the chain does not answer. Try again once it does.`,
    )
  }

  async #apply(
    checked: readonly (ReadPlacement | PlacementResult)[],
    keep: boolean,
  ): Promise<readonly PlacementResult[]> {
    const changes = new Map<number, BuildChange>()
    const entries = new Map<string, Bytes>()
    const results = checked.map((placement): PlacementResult => {
      if ('status' in placement) return placement
      const outcome = this.#set.offer(placement)
      if (outcome !== 'won') return { status: outcome }
      entries.set(keyOf(placement.parcel), placement.envelope)
      changes.set(placement.parcel, { parcel: placement.parcel, build: toBuild(placement) })
      return { status: 'new' }
    })
    if (keep && entries.size > 0) await this.#put(entries)
    this.#announce([...changes.values()])
    return results
  }

  /** Writes what is still greater than what another tab of the profile wrote meanwhile. */
  async #put(entries: ReadonlyMap<string, Bytes>): Promise<void> {
    try {
      await this.#store.exclusive('placements', async () => {
        const kept = await Promise.all([...entries.keys()].map((key) => this.#store.get(key)))
        const greater = [...entries].filter(([, value], index) => isGreater(value, kept[index]))
        await this.#store.put(greater.map(([key, value]) => ({ key, value })))
      })
      for (const key of entries.keys()) this.#unsaved.delete(key)
    } catch (error) {
      for (const [key, value] of entries) this.#unsaved.set(key, value)
      this.#onFailure(error)
    }
  }

  #announce(changes: readonly BuildChange[]): void {
    if (changes.length === 0) return
    for (const change of changes) {
      this.#builds.set(change.parcel, change)
      this.#withdrawn.delete(change.parcel)
    }
    for (const listener of this.#listeners) listener(changes)
  }

  #shown(change: BuildChange): BuildChange {
    return this.#withdrawn.has(change.parcel) ? { parcel: change.parcel, build: undefined } : change
  }

  async recheck(parcels: readonly number[] = [...this.#builds.keys()]): Promise<void> {
    const mayBuild = this.#mayBuild
    if (mayBuild === undefined) return
    const asked = parcels.flatMap((parcel) => this.#builds.get(parcel) ?? [])
    const rights = await Promise.all(
      asked.map(({ parcel, build }) =>
        build === undefined ? 'unknown' : mayBuild(parcel, parseAddress(build.neuron)),
      ),
    )
    const changes: BuildChange[] = []
    for (const [index, change] of asked.entries()) {
      const { parcel } = change
      const right = rights[index]
      // another record came meanwhile, and was checked itself
      if (right === 'unknown' || this.#builds.get(parcel) !== change) continue
      if ((right === 'no') === this.#withdrawn.has(parcel)) continue
      if (right === 'no') this.#withdrawn.add(parcel)
      else this.#withdrawn.delete(parcel)
      changes.push(this.#shown(change))
    }
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes)
  }

  async digests(): Promise<Bytes> {
    return this.#set.digests()
  }

  async bucketsUnlike(digests: Bytes): Promise<readonly number[]> {
    return this.#set.bucketsUnlike(digests)
  }

  async readBucket(bucket: number): Promise<readonly Bytes[]> {
    const values = await Promise.all(this.#set.parcelsOf(bucket).map((parcel) => this.#read(parcel)))
    return values.filter((value) => value !== undefined)
  }

  async findObject(id: ObjectId): Promise<Bytes | undefined> {
    const parcel = this.#set.find(id)
    return parcel === undefined ? undefined : this.#read(parcel)
  }

  async #read(parcel: number): Promise<Bytes | undefined> {
    const key = keyOf(parcel)
    return this.#unsaved.get(key) ?? (await this.#store.get(key))
  }

  async next(parcel: number): Promise<{ readonly timeUs: number; readonly sequence: number }> {
    const held = this.#set.get(parcel)
    const nowUs = this.#now() * 1_000
    if (held === undefined) return { timeUs: nowUs, sequence: 0 }
    // a record of a clock that is ahead is still followed, unless it would put ours beyond what others accept
    const limitUs = nowUs + MAX_CLOCK_SKEW_MS * 1_000
    const timeUs = Math.min(Math.max(nowUs, held.timeUs), limitUs)
    if (held.sequence < MAX_SEQUENCE) return { timeUs, sequence: held.sequence + 1 }
    // somebody used the numbers up: then the time alone decides
    return { timeUs: Math.max(timeUs, held.timeUs + 1), sequence: MAX_SEQUENCE }
  }
}

function isGreater(value: Bytes, kept: Bytes | undefined): boolean {
  if (kept === undefined) return true
  try {
    return comparePlacements(readPlacement(value), readPlacement(kept)) > 0
  } catch {
    // a damaged one is written over
    return true
  }
}

function toBuild({ parcel, root, pose, neuron, timeUs, id }: ReadPlacement): Build | undefined {
  if (root === undefined) return undefined
  return {
    parcel,
    root: formatCid(root),
    pose: fromFixedPose(pose),
    neuron: formatAddress(neuron),
    time: timeUs / 1_000,
    ...(id === undefined ? {} : { object: formatObjectId(id) }),
  }
}
