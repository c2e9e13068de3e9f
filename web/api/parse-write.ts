import { parseDigest } from '#core/cid.ts'
import { formatAddress, parseAddress } from '#core/delegation.ts'
import {
  assertDistrict,
  type DistrictCategory,
  type DistrictPlan,
  type DistrictShape,
  MAX_DISTRICTS,
} from '#core/districts.ts'
import { AppError } from '#core/errors.ts'
import { GRID_MAX, GRID_MIN } from '#core/land.ts'
import { FIRST_PARCEL_ID, MAX_PARCEL_ID } from '#core/land-rule.ts'
import { parseObjectId } from '#objects/object-id.ts'
import type { ApiErrorCode } from './errors.ts'
import type { ProposedAction } from './governance-types.ts'
import { describeTyped } from './typed-input.ts'
import type { WriteIntent } from './wallet-types.ts'

/** Of parcels, calls of a proposal or steps of a proof: a block has no room for more. */
const MAX_LISTED = 1_000
const MAX_ROYALTY = 2_500
const MAX_AMOUNT_WEI = 2n ** 256n - 1n

/** Reads one field. @param name what it is called in a message */
type Parse<T> = (value: unknown, name: string) => T
type Shape<T> = { readonly [K in keyof T]: Parse<T[K]> }

function expected(name: string, what: string, value: unknown, cause?: unknown): AppError<ApiErrorCode> {
  const message = `Nothing was asked or signed: ${name} has to be ${what}, got ${shown(value)}.`
  return new AppError('WRITE_INVALID', message, { cause })
}

/** What was given, whatever that is. */
function shown(value: unknown): string {
  try {
    return describeTyped(value)
  } catch {
    return typeof value // no text can be made of it
  }
}

/** A field that `isGood` knows, as it is. */
function field<T>(what: string, isGood: (value: unknown) => boolean): Parse<T> {
  return (value, name) => {
    if (isGood(value)) return value as T // as `isGood` says
    throw expected(name, what, value)
  }
}

function whole(min: number, max: number, hint = ''): Parse<number> {
  const isGood = (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max
  return field(`a whole number from ${min} to ${max}${hint}`, isGood)
}

function oneOf<T extends string>(...words: readonly T[]): Parse<T> {
  const what = words.length === 1 ? `'${words[0]}'` : `one of ${words.join(', ')}`
  return field(what, (value) => words.some((word) => word === value))
}

function hex(bytes?: number): Parse<string> {
  const pattern =
    bytes === undefined ? /^0x(?:[0-9a-f]{2})*$/i : new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`, 'i')
  const what = bytes === undefined ? '0x and an even number of' : `0x and ${2 * bytes}`
  return field(`${what} hexadecimal digits`, (value) => typeof value === 'string' && pattern.test(value))
}

/** A text that `read` takes. */
function textOf(what: string, read: (text: string) => unknown): Parse<string> {
  return (value, name) => {
    if (typeof value !== 'string') throw expected(name, what, value)
    try {
      read(value)
    } catch (cause) {
      throw expected(name, what, value, cause)
    }
    return value
  }
}

function listOf<T>(parse: Parse<T>): Parse<readonly T[]> {
  return (value, name) => {
    if (!Array.isArray(value) || value.length > MAX_LISTED)
      throw expected(name, `a list of at most ${MAX_LISTED}`, value)
    return Array.from(value, (each, i) => parse(each, `${name}[${i}]`))
  }
}

/** One that may be absent: {@link objectOf} leaves it out then. */
function optional<T>(parse: Parse<T>): Parse<T> {
  return (value, name) => (value === undefined ? (value as T) : parse(value, name))
}

function fieldsOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  throw expected(name, 'an object with its fields', value)
}

/** All fields of a shape and no others. */
function objectOf<T>(shape: Shape<T>): Parse<T> {
  return (value, name) => {
    const fields = fieldsOf(value, name)
    const read = Object.entries<Parse<unknown>>(shape).map(
      ([key, parse]) => [key, parse(fields[key], `${name}.${key}`)] as const,
    )
    return Object.fromEntries(read.filter(([, each]) => each !== undefined)) as T // each field by its own parser
  }
}

type FieldsOf<K, T = WriteIntent> = T extends { readonly kind: infer Kind }
  ? K extends Kind
    ? Omit<T, 'kind'>
    : never
  : never

/** One of several shapes, by its `kind`. */
function kindOf<T extends { readonly kind: string }>(
  shapes: {
    readonly [K in T['kind']]: Parse<FieldsOf<K, T>>
  },
): Parse<T> {
  const kind = oneOf(...(Object.keys(shapes) as readonly T['kind'][]))
  return (value, name) => {
    const found = kind(fieldsOf(value, name).kind, `${name}.kind`)
    const parse: Parse<object> = shapes[found]
    return { kind: found, ...parse(value, found) } as unknown as T // each kind by its own shape
  }
}

const address: Parse<string> = (value, name) => {
  const read = textOf('an address: 0x and 40 hexadecimal digits, none of them mistaken', parseAddress)
  return formatAddress(parseAddress(read(value, name)))
}
const amount: Parse<bigint> = field(
  'a bigint from 0n on, in 10⁻¹⁸, such as 10n ** 18n',
  (value) => typeof value === 'bigint' && value >= 0n && value <= MAX_AMOUNT_WEI,
)
const parcel = whole(FIRST_PARCEL_ID, MAX_PARCEL_ID, ', the No. on its card and the id of land.proven(x, y)')
const parcelOrNone = whole(0, MAX_PARCEL_ID)
const coordinate = whole(GRID_MIN, GRID_MAX)
const count = whole(0, Number.MAX_SAFE_INTEGER)
const seconds = whole(0, Number.MAX_SAFE_INTEGER, ' seconds')
const flag: Parse<boolean> = field('true or false', (value) => typeof value === 'boolean')
const text: Parse<string> = field('a text', (value) => typeof value === 'string')
const number: Parse<number> = field('a number', Number.isFinite)
const cid = textOf('a CID, such as Qm…', parseDigest)
const thing = oneOf('planet', 'model')
const none = objectOf<object>({})
const modelOnly = objectOf({ model: count })
const parcelOnly = objectOf({ parcel })
const transfer = objectOf({ to: address, amountWei: amount })

const conduct = objectOf({ parcel, reason: cid })
const districtNumber = whole(0, MAX_DISTRICTS - 1)
const plan = objectOf<DistrictPlan>({
  category: text as Parse<DistrictCategory>, // `district` looks at it
  name: text,
  shape: kindOf<DistrictShape>({
    ring: objectOf({ inner: number, outer: number }),
    polygon: objectOf({ corners: listOf(objectOf({ x: number, y: number })) }),
  }),
})
const district: Parse<DistrictPlan> = (value, name) => {
  const parsed = plan(value, name)
  assertDistrict(parsed)
  return parsed
}

const action = kindOf<ProposedAction>({
  warn: conduct,
  evict: conduct,
  'set-district': objectOf({ number: districtNumber, district }),
  'remove-district': objectOf({ number: districtNumber }),
  'send-cybr': transfer,
  'send-coin': transfer,
})

const WRITES: { readonly [K in WriteIntent['kind']]: Parse<FieldsOf<K>> } = {
  send: transfer,
  'send-coin': transfer,
  bid: objectOf({ parcel, amountWei: amount }),
  'settle-auction': objectOf({ parcel, mine: optional(flag) }),
  'collect-refund': none,
  stake: objectOf({ amountWei: amount, delaySeconds: optional(seconds) }),
  unstake: objectOf({ amountWei: amount, delaySeconds: seconds }),
  'collect-stake': none,
  'claim-parcel': objectOf({ giveaway: count, parcel, owner: address, proof: listOf(hex(32)) }),
  'prove-life': none,
  'move-parcel': objectOf({ parcel, x: coordinate, y: coordinate }),
  'set-builder': objectOf({ parcel: parcelOrNone, builder: address, allowed: flag }),
  'give-parcel': objectOf({ parcel, from: address, to: address }),
  'free-parcels': objectOf({ parcels: listOf(parcel) }),
  'create-planet': parcelOnly,
  'want-portal': objectOf({ parcel, planet: parcelOrNone }),
  'agree-portal': objectOf({ planet: parcel, parcel, agrees: flag }),
  'delegate-votes': objectOf({ votes: oneOf('land', 'token'), delegatee: address }),
  propose: objectOf({ action, description: text }),
  'cast-vote': objectOf({ proposal: hex(32), title: text, support: oneOf('for', 'against', 'abstain') }),
  'carry-proposal': objectOf({
    step: oneOf('queue', 'execute', 'cancel'),
    title: text,
    calls: objectOf({
      targets: listOf(address),
      valuesWei: listOf(amount),
      calldatas: listOf(hex()),
      descriptionHash: hex(32),
    }),
  }),
  'mint-model': objectOf({
    root: cid,
    object: optional(textOf('the id of an object', parseObjectId)),
    royalty: whole(0, MAX_ROYALTY, ' in 1/10,000'),
  }),
  'place-model': objectOf({
    model: count,
    on: oneOf('parcel', 'planet'),
    parcel,
    placement: objectOf({ x: number, y: number, z: number, yawDegrees: number, scale: number }),
  }),
  'take-model': modelOnly,
  'accept-model': modelOnly,
  'give-model': objectOf({ model: count, from: address, to: address }),
  'pay-access': objectOf({ thing, id: count, amountWei: amount, durationSeconds: seconds }),
  'set-offer': objectOf({ thing, id: count, priceWei: amount, durationSeconds: seconds }),
  'collect-income': none,
  'sell-model': objectOf({ model: count, isForSale: flag }),
}

/**
 * A write as it is asked for, by a panel or typed into the console: a new object with all fields of its kind and no
 * others, its addresses with their checksums.
 *
 * @throws WRITE_INVALID with the field and what it has to be, DISTRICT_INVALID
 */
export const parseWrite: (value: unknown) => WriteIntent = (value) =>
  kindOf<WriteIntent>(WRITES)(value, 'write')
