import { type Bytes, utf8 } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import { formatBytes } from '#core/format-bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import {
  DEFAULT_SEED_SETTINGS,
  MAX_QUOTA_SHARE,
  type SeedSettings,
  type SeedSettingsChange,
} from '#core/seeding.ts'
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
/** Of what the browser grants, where nothing was set ([SE4]). */
const DEFAULT_QUOTA_SHARE = 0.2
/** Of the quota, where nothing was set: what others ask for leaves most of it to the person. */
const DEFAULT_OTHERS_SHARE = 0.25

type Field = keyof SeedSettings

const CAPS = ['uploadCap', 'hiddenUploadCap', 'downloadCap'] as const satisfies readonly Field[]
const OPTIONAL = new Set<Field>(CAPS)
/** The quota comes first: it bounds the room for others. */
const FIELDS: readonly Field[] = ['quotaBytes', ...CAPS, 'wantedCopies', 'keepForOthersBytes', 'friends']

/** What a person calls them. */
const NAMES: Readonly<Record<Field, string>> = {
  quotaBytes: 'The quota',
  uploadCap: 'The upload cap',
  hiddenUploadCap: 'The upload cap while hidden',
  downloadCap: 'The download cap',
  wantedCopies: 'The number of copies',
  keepForOthersBytes: 'The room for others',
  friends: 'The list of friends',
}

export interface SettingsContext {
  /** what was changed by hand before */
  readonly changes: SeedSettingsChange
  /** bytes that the browser grants; undefined where it does not tell */
  readonly grantedBytes: number | undefined
}

/**
 * Checks what somebody wants changed. An absent field stays; `undefined` lifts a cap. What is in force already is no
 * change: the state's settings can be given back as they are, and what was never set stays unset.
 *
 * @throws SEED_SETTING with what is allowed
 */
export function parseChanges(changes: unknown, context: SettingsContext): SeedSettingsChange {
  if (typeof changes !== 'object' || changes === null) {
    throw wrong('The settings', 'give an object such as { quotaBytes: 1e9 }', got(changes))
  }
  const unknown = Object.keys(changes).find((name) => !FIELDS.some((field) => field === name))
  if (unknown !== undefined) {
    throw wrong('A setting', `there are ${FIELDS.join(', ')}`, got(unknown))
  }
  const inForce: Readonly<Record<string, unknown>> = { ...settingsInForce(context) }
  const parsed: Record<string, unknown> = {}
  for (const field of FIELDS) {
    if (!Object.hasOwn(changes, field)) continue
    const value = (changes as Record<string, unknown>)[field]
    if (JSON.stringify(value) === JSON.stringify(inForce[field])) continue
    parsed[field] = parseField(
      field,
      value,
      boundsOf({ ...context.changes, ...parsed }, context.grantedBytes),
    )
  }
  return parsed
}

/** The settings in force: the defaults with what was changed by hand, within what the browser grants now. */
export function settingsInForce({ changes, grantedBytes }: SettingsContext): SeedSettings {
  const quotaBytes = quotaInForce({ changes, grantedBytes })
  const keepForOthersBytes =
    changes.keepForOthersBytes === undefined
      ? Math.min(DEFAULT_SEED_SETTINGS.keepForOthersBytes, Math.floor(quotaBytes * DEFAULT_OTHERS_SHARE))
      : Math.min(changes.keepForOthersBytes, quotaBytes)
  const merged: Record<string, unknown> = {
    ...DEFAULT_SEED_SETTINGS,
    ...changes,
    quotaBytes,
    keepForOthersBytes,
  }
  for (const cap of CAPS) if (merged[cap] === undefined) delete merged[cap]
  // every field of SeedSettings stands in the defaults, is optional or was parsed as its own type
  return merged as unknown as SeedSettings
}

/** [SE4] the smaller of a fifth of what the browser grants and the default, or what was set by hand. */
export function quotaInForce({ changes, grantedBytes }: SettingsContext): number {
  const share = changes.quotaBytes === undefined ? DEFAULT_QUOTA_SHARE : MAX_QUOTA_SHARE
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
      changes[field] = parseField(field, fields[field] ?? undefined, UNBOUNDED)
    } catch {
      // told when it was set; a later version may know more
    }
  }
  return changes
}

interface Bounds {
  readonly grantedBytes: number | undefined
  /** the quota that will be in force */
  readonly quotaBytes: number
}

/** What was stored was within bounds when it was set; what is in force follows those of now. */
const UNBOUNDED: Bounds = { grantedBytes: undefined, quotaBytes: MAX_QUOTA_BYTES }

function boundsOf(changes: SeedSettingsChange, grantedBytes: number | undefined): Bounds {
  return { grantedBytes, quotaBytes: quotaInForce({ changes, grantedBytes }) }
}

function parseField(field: Field, value: unknown, { grantedBytes, quotaBytes }: Bounds): unknown {
  if (value === undefined && OPTIONAL.has(field)) return undefined
  switch (field) {
    case 'quotaBytes':
      return parseQuota(value, grantedBytes)
    case 'uploadCap':
    case 'hiddenUploadCap':
    case 'downloadCap':
      return parseAmount(field, value, {
        least: MIN_CAP,
        most: MAX_CAP,
        unit: '/s',
        more: ', or undefined for no cap',
      })
    case 'wantedCopies':
      if (isWhole(value) && value <= MAX_WANTED_COPIES) return value
      throw wrong(NAMES[field], `give a whole number from 0 to ${MAX_WANTED_COPIES}`, got(value))
    case 'keepForOthersBytes':
      return parseAmount(field, value, {
        least: 0,
        most: quotaBytes,
        more: ': it is a part of the quota',
      })
    case 'friends':
      return parseFriends(value)
  }
}

function parseQuota(value: unknown, grantedBytes: number | undefined): number {
  const most = grantedBytes === undefined ? MAX_QUOTA_BYTES : Math.floor(grantedBytes * MAX_QUOTA_SHARE)
  const share = `${100 * MAX_QUOTA_SHARE} %`
  return parseAmount('quotaBytes', value, {
    least: Math.min(MIN_QUOTA_BYTES, most),
    most,
    more:
      grantedBytes === undefined
        ? ''
        : ` (${share} of the ${formatBytes(grantedBytes)} that your browser grants)`,
  })
}

interface Range {
  readonly least: number
  readonly most: number
  /** behind each amount */
  readonly unit?: string
  readonly more: string
}

function parseAmount(field: Field, value: unknown, { least, most, unit = '', more }: Range): number {
  if (isWhole(value) && value >= least && value <= most) return value
  const range = `${formatBytes(least, 'up')}${unit} to ${formatBytes(most, 'down')}${unit}`
  throw wrong(NAMES[field], `give ${range}${more}`, isWhole(value) ? formatBytes(value) + unit : got(value))
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function parseFriends(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > MAX_FRIENDS) {
    throw wrong(NAMES.friends, `give a list of at most ${MAX_FRIENDS} wallet addresses`, got(value))
  }
  const bad = value.find((friend) => typeof friend !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(friend))
  if (bad !== undefined) {
    throw wrong(NAMES.friends, 'give wallet addresses: 0x and 40 hexadecimal digits', got(bad))
  }
  const seen = new Map<string, string>(value.map((friend: string) => [friend.toLowerCase(), friend]))
  return [...seen.values()]
}

function wrong(what: string, expected: string, given: string): AppError<SeedErrorCode> {
  return seedError('SEED_SETTING', `${what} cannot be ${given}: ${expected}. Nothing was changed.`)
}

function got(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value).slice(0, 80)
}
