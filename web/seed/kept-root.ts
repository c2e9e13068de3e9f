import { type Bytes, utf8 } from '#core/bytes.ts'
import type { HolderProof, PinReason, WalletReason } from '#core/seeding.ts'

/** What is remembered of a content across reloads. */
export interface KeptRoot {
  readonly cid: string
  readonly name?: string
  /** empty: cached */
  readonly reasons: readonly PinReason[]
  /** unix ms */
  readonly addedAt: number
  readonly usedAt: number
  readonly sentBytes: number
  readonly receivedBytes: number
  /** it was here as a whole once, so that what is missing now was lost */
  readonly whole: boolean
  /** sealed for some, and announced to nobody ([OB11]) */
  readonly restricted?: true
  /** of the content, once known, or as who asked to keep it said */
  readonly bytes?: number
  /** as who asked to keep it said: it is kept for them as long as it is no larger */
  readonly claimedBytes?: number
  /** whoever uses this profile unpinned it, or it is larger than it said: the wallet's owning it pins it no more */
  readonly letGo?: true
  readonly holders: readonly HolderProof[]
  /** peers whose proof was false when copies were last counted */
  readonly falseProofs?: number
  readonly copiesCheckedAt?: number
  readonly askedAt?: number
}

/** Longest name that is shown of a file: what common file systems allow. */
export const MAX_NAME_LENGTH = 255
/** Holders remembered of one content: ten times the copies that are wanted. */
export const MAX_HOLDERS = 32

const REASONS: readonly PinReason[] = ['published', 'pinned', 'kept', 'land', 'model']
const KINDS: readonly HolderProof['kind'][] = ['tab', 'relay', 'node']

export function newRoot(cid: string, now: number): KeptRoot {
  return {
    cid,
    reasons: [],
    addedAt: now,
    usedAt: now,
    sentBytes: 0,
    receivedBytes: 0,
    whole: false,
    holders: [],
  }
}

/** Is it pinned for no other reason than that somebody else asked? */
export function isForOthers({ reasons }: Pick<KeptRoot, 'reasons'>): boolean {
  return reasons.length > 0 && reasons.every((reason) => reason === 'kept')
}

export function isWalletReason(reason: PinReason): reason is WalletReason {
  return reason === 'land' || reason === 'model'
}

/** Is it pinned for no other reason than that the wallet's tokens lead to it? */
export function isForWallet({ reasons }: Pick<KeptRoot, 'reasons'>): boolean {
  return reasons.length > 0 && reasons.every(isWalletReason)
}

/** May its record go once nothing of it is here? */
export function isForgettable({ reasons, letGo }: Pick<KeptRoot, 'reasons' | 'letGo'>): boolean {
  return reasons.length === 0 && letGo !== true
}

export interface PublishRootInit {
  /** of the content */
  readonly bytes: number
  readonly name?: string | undefined
  /** @default false */
  readonly isRestricted?: boolean
  /** unix ms */
  readonly now: number
}

/** What becomes of a root, known or not, when its content is published here. */
export function publishRoot({
  bytes,
  name,
  isRestricted = false,
  now,
}: PublishRootInit): (root: KeptRoot | undefined, cid: string) => KeptRoot {
  return (known, cid) => {
    const root = known ?? newRoot(cid, now)
    return {
      ...root,
      reasons: root.reasons.includes('published') ? root.reasons : [...root.reasons, 'published'],
      // a content that was cached is mine from now on: it stands with the new ones
      addedAt: root.reasons.length > 0 ? root.addedAt : now,
      usedAt: now,
      bytes,
      whole: true,
      ...(isRestricted ? { restricted: true } : {}),
      ...(name === undefined ? {} : { name: name.slice(0, MAX_NAME_LENGTH) }),
    }
  }
}

export function encodeRoot({ cid: _, ...rest }: KeptRoot): Bytes {
  return utf8(JSON.stringify(rest))
}

/** A record that cannot be read is taken for a pin: rather keep too much than lose what somebody wanted kept. */
export function decodeRoot(cid: string, bytes: Uint8Array, now: number): KeptRoot {
  const fields = parseObject(bytes)
  if (fields === undefined) return { ...newRoot(cid, now), reasons: ['pinned'] }
  const { name, reasons, holders } = fields
  const known = Array.isArray(reasons)
    ? REASONS.filter((reason) => reasons.includes(reason))
    : (['pinned'] as const)
  return {
    cid,
    reasons: known,
    addedAt: count(fields.addedAt) ?? now,
    usedAt: count(fields.usedAt) ?? now,
    sentBytes: count(fields.sentBytes) ?? 0,
    receivedBytes: count(fields.receivedBytes) ?? 0,
    whole: fields.whole === true,
    ...(fields.restricted === true ? { restricted: true } : {}),
    ...(fields.letGo === true ? { letGo: true } : {}),
    holders: Array.isArray(holders) ? holders.slice(0, MAX_HOLDERS).flatMap(parseHolder) : [],
    ...(typeof name === 'string' ? { name: name.slice(0, MAX_NAME_LENGTH) } : {}),
    ...optional('bytes', fields.bytes),
    ...optional('claimedBytes', fields.claimedBytes),
    ...optional('falseProofs', fields.falseProofs),
    ...optional('copiesCheckedAt', fields.copiesCheckedAt),
    ...optional('askedAt', fields.askedAt),
  }
}

/** An object in JSON; undefined for everything else. */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return
  }
}

/** A whole number from 0 on. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function optional<Name extends string>(name: Name, value: unknown): { readonly [key in Name]?: number } {
  const number = count(value)
  return number === undefined ? {} : ({ [name]: number } as { [key in Name]: number })
}

function parseHolder(value: unknown): readonly HolderProof[] {
  if (typeof value !== 'object' || value === null) return []
  const { device, peerId, kind, checkedAt } = value as Record<string, unknown>
  const known = KINDS.find((other) => other === kind)
  const time = count(checkedAt)
  if (typeof device !== 'string' || typeof peerId !== 'string') return []
  return known === undefined || time === undefined ? [] : [{ device, peerId, kind: known, checkedAt: time }]
}
