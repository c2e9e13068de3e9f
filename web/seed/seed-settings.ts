import { type Bytes, utf8 } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import type { RecordStore } from '#core/record-store.ts'
import { DEFAULT_SEED_SETTINGS, type SeedSettings, type SeedSettingsChange } from '#core/seeding.ts'
import { type SeedErrorCode, seedError } from './errors.ts'
import { parseObject } from './kept-root.ts'

const KEY = 'seed/settings'
const LOCK = 'seed-settings'

const MIB = 1024 * 1024
/** A few models and the texts; less would evict what is being looked at. */
export const MIN_QUOTA_BYTES = MIB
/** What the disks of the largest home servers hold. */
export const MAX_QUOTA_BYTES = 256 * 1024 * 1024 * MIB
/** Below a block in 16 s bitswap's requests time out. */
export const MIN_CAP = 16 * 1024
export const MAX_CAP = 1024 * 1024 * MIB
/** As many devices as are remembered of one content. */
export const MAX_WANTED_COPIES = 32
export const MAX_FRIENDS = 1_024
/** Of what the browser grants: the rest is for records, keys and what the disk needs to tidy up. */
const QUOTA_SHARE = 0.8
/** Of what the browser grants, where nothing was set ([SE4]). */
const DEFAULT_QUOTA_SHARE = 0.2

type Field = keyof SeedSettings

const CAPS = ['uploadCap', 'hiddenUploadCap', 'downloadCap'] as const satisfies readonly Field[]
const OPTIONAL = new Set<Field>(CAPS)
const FIELDS: readonly Field[] = ['quotaBytes', ...CAPS, 'wantedCopies', 'keepForOthersBytes', 'friends']

/**
 * Checks what somebody wants changed. An absent field stays; `undefined` lifts a cap.
 *
 * @throws SEED_SETTING with what is allowed
 */
export function parseChanges(changes: unknown, grantedBytes: number | undefined): SeedSettingsChange {
  if (typeof changes !== 'object' || changes === null) {
    throw wrong('The settings', 'an object such as { quotaBytes: 1e9 }', changes)
  }
  const unknown = Object.keys(changes).find((name) => !FIELDS.some((field) => field === name))
  if (unknown !== undefined) throw wrong('A setting', `one of ${FIELDS.join(', ')}`, unknown)
  const parsed: Record<string, unknown> = {}
  for (const field of FIELDS) {
    if (!Object.hasOwn(changes, field)) continue
    parsed[field] = parseField(field, (changes as Record<string, unknown>)[field], grantedBytes)
  }
  return parsed
}

/** The settings in force: the defaults with what was changed by hand. */
export function applyChanges(changes: SeedSettingsChange): SeedSettings {
  const merged: Record<string, unknown> = { ...DEFAULT_SEED_SETTINGS, ...changes }
  for (const cap of CAPS) if (merged[cap] === undefined) delete merged[cap]
  // every field of SeedSettings stands in the defaults, is optional or was parsed as its own type
  return merged as unknown as SeedSettings
}

/** [SE4] the smaller of a fifth of what the browser grants and the default, or what was set by hand. */
export function quotaInForce(changes: SeedSettingsChange, grantedBytes: number | undefined): number {
  const share = changes.quotaBytes === undefined ? DEFAULT_QUOTA_SHARE : QUOTA_SHARE
  const wanted = changes.quotaBytes ?? DEFAULT_SEED_SETTINGS.quotaBytes
  return grantedBytes === undefined ? wanted : Math.min(wanted, Math.floor(grantedBytes * share))
}

/** [SE4] Bytes per second that one of `tabs` tabs may send: each has an equal share, so that their sum keeps to the cap. */
export function capsOf(
  { uploadCap, hiddenUploadCap, downloadCap }: SeedSettings,
  { tabs, shown }: { readonly tabs: number; readonly shown: boolean },
): { readonly upload: number | undefined; readonly download: number | undefined } {
  const hidden = Math.min(hiddenUploadCap ?? Number.POSITIVE_INFINITY, uploadCap ?? Number.POSITIVE_INFINITY)
  const upload = shown ? (uploadCap ?? Number.POSITIVE_INFINITY) : hidden
  const share = (cap: number) => (Number.isFinite(cap) ? cap / Math.max(1, tabs) : undefined)
  return { upload: share(upload), download: share(downloadCap ?? Number.POSITIVE_INFINITY) }
}

/** What was changed by hand, durable and shared by the profile's tabs. */
export class SettingsStore {
  readonly #store: RecordStore
  #changes: SeedSettingsChange = {}

  constructor(store: RecordStore) {
    this.#store = store
  }

  get changes(): SeedSettingsChange {
    return this.#changes
  }

  async load(): Promise<void> {
    const value = await this.#store.get(KEY)
    this.#changes = value === undefined ? {} : decode(value)
  }

  async change(changes: SeedSettingsChange): Promise<void> {
    await this.#store.exclusive(LOCK, async () => {
      await this.load()
      const next = { ...this.#changes, ...changes }
      await this.#store.put([{ key: KEY, value: encode(next) }])
      this.#changes = next
    })
  }
}

/** A lifted cap is written as null: JSON has no undefined. */
function encode(changes: SeedSettingsChange): Bytes {
  return utf8(JSON.stringify(changes, (_, value) => (value === undefined ? null : value)))
}

/** A field that cannot be read is as if it had never been set. */
function decode(value: Uint8Array): SeedSettingsChange {
  const fields = parseObject(value) ?? {}
  const changes: Record<string, unknown> = {}
  for (const field of FIELDS) {
    if (!Object.hasOwn(fields, field)) continue
    try {
      changes[field] = parseField(field, fields[field] ?? undefined, undefined)
    } catch {
      // told when it was set; a later version may know more
    }
  }
  return changes
}

function parseField(field: Field, value: unknown, grantedBytes: number | undefined): unknown {
  if (value === undefined && OPTIONAL.has(field)) return undefined
  switch (field) {
    case 'quotaBytes':
      return parseQuota(value, grantedBytes)
    case 'uploadCap':
    case 'hiddenUploadCap':
    case 'downloadCap':
      return whole(field, value, {
        least: MIN_CAP,
        most: MAX_CAP,
        unit: 'bytes per second, or undefined for no cap',
      })
    case 'wantedCopies':
      return whole(field, value, { least: 0, most: MAX_WANTED_COPIES, unit: 'copies' })
    case 'keepForOthersBytes':
      return whole(field, value, { least: 0, most: MAX_QUOTA_BYTES, unit: 'bytes' })
    case 'friends':
      return parseFriends(value)
  }
}

function parseQuota(value: unknown, grantedBytes: number | undefined): number {
  const most = grantedBytes === undefined ? MAX_QUOTA_BYTES : Math.floor(grantedBytes * QUOTA_SHARE)
  return whole('quotaBytes', value, {
    least: Math.min(MIN_QUOTA_BYTES, most),
    most,
    unit: grantedBytes === undefined ? 'bytes' : `bytes (the browser grants ${grantedBytes})`,
  })
}

interface Range {
  readonly least: number
  readonly most: number
  readonly unit: string
}

function whole(field: Field, value: unknown, { least, most, unit }: Range): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
    return value
  throw wrong(field, `a whole number from ${least} to ${most} ${unit}`, value)
}

function parseFriends(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > MAX_FRIENDS) {
    throw wrong('friends', `a list of at most ${MAX_FRIENDS} wallet addresses`, value)
  }
  const bad = value.find((friend) => typeof friend !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(friend))
  if (bad !== undefined) throw wrong('friends', 'wallet addresses (0x and 40 hexadecimal digits)', bad)
  const seen = new Map<string, string>(value.map((friend: string) => [friend.toLowerCase(), friend]))
  return [...seen.values()]
}

function wrong(what: string, expected: string, value: unknown): AppError<SeedErrorCode> {
  const got = typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value).slice(0, 80)
  return seedError('SEED_SETTING', `${what}: expected ${expected}, got ${got}. Nothing was changed.`)
}
