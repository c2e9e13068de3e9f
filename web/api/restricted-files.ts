import { type Bytes, equalBytes } from '#core/bytes.ts'
import { parseAddress } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import { MAX_OBJECT_READERS } from '#core/limits.ts'
import { orAborted } from '#core/shared-work.ts'
import { objectIdKey } from '#objects/object-id.ts'
import type { ObjectKeyStore } from '#objects/object-key-store.ts'
import type { StoredObject } from '#objects/object-store.ts'
import { readContent } from '#objects/object-type.ts'
import { openFacts, type SealedFacts, sealFacts } from '#objects/sealed-facts.ts'
import {
  digestSegments,
  importSealKey,
  layoutOfPlain,
  SEAL_NONCE_BYTES,
  seal,
  sealedRange,
  sealKeyBytes,
} from '#objects/sealed-segments.ts'
import { type FileCipher, fileType } from '#objects/types/file.ts'
import type { SizedSource } from '#peer/add-source.ts'
import type { GivenKey, ObjectKeys } from '#peer/object-keys.ts'
import { apiError } from './errors.ts'
import { hashedSource } from './hashed-source.ts'
import type { SealedContent } from './sealed-content.ts'
import type { CallOptions } from './types.ts'

/** A content on its way to be published for some. */
export interface Sealing {
  /** the sealed bytes, the same each time */
  readonly source: SizedSource
  /** of the content */
  readonly key: Bytes
  /** the author among them */
  readonly readers: readonly Address[]
  readonly cipher: FileCipher
  /** sealed bytes behind which each file of the content is whole, ascending */
  readonly ends: readonly number[]
}

export interface SealInit {
  readonly name: string
  readonly readers: readonly Address[]
  /** of the profile */
  readonly secret: Bytes
  /** so many bytes from a secure source */
  readonly randomBytes: (length: number) => Bytes
  readonly signal?: AbortSignal | undefined
}

/**
 * Wallets that may read, each once, the author's first.
 *
 * @throws ADDRESS_INVALID, PUBLISH_READERS
 */
export function parseReaders(texts: readonly string[], author: Address): readonly Address[] {
  const readers = [author]
  for (const reader of texts.map(parseAddress))
    if (!readers.some((other) => equalBytes(other, reader))) readers.push(reader)
  if (readers.length <= MAX_OBJECT_READERS) return readers
  throw apiError(
    'PUBLISH_READERS',
    `One thing can be published for ${MAX_OBJECT_READERS} wallets at most, these are ${readers.length}. Nothing was stored.`,
  )
}

/** Reads the content once, for its hash: the key is made of it, so that one key never seals two contents. */
export async function sealSource(
  { kind, content, ends }: SealedContent,
  { name, readers, secret, randomBytes, signal }: SealInit,
): Promise<Sealing> {
  const hashed = hashedSource(content)
  const digests = await digestSegments(unlessAborted(hashed.pieces(), signal))
  const key = sealKeyBytes(secret, hashed.facts().hash)
  const sealKey = await importSealKey(key)
  const facts = await sealFacts({ name, kind, readers }, key, randomBytes(SEAL_NONCE_BYTES))
  const layout = layoutOfPlain(content.size)
  return {
    source: {
      size: layout.sealedBytes,
      pieces: () => seal(content.pieces(), { plainBytes: content.size, key: sealKey, digests }),
    },
    key,
    readers,
    cipher: { method: 'aes-256-gcm', facts },
    ends: ends.map((end) => sealedRange(layout, { start: 0, end }).length),
  }
}

async function* unlessAborted(
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    signal?.throwIfAborted()
    yield piece
  }
}

/** Restricted content, opened. */
export interface OpenedSeal {
  /** of the content */
  readonly key: Bytes
  readonly facts: SealedFacts
}

/** Opens what is restricted; undefined for what everybody may read. @throws OBJECT_KEY_REFUSED, OBJECT_KEY_NOT_FOUND */
export type OpenSeal = (found: StoredObject, options?: CallOptions) => Promise<OpenedSeal | undefined>

export interface SealOpenerComponents {
  readonly keys: Pick<ObjectKeyStore, 'get' | 'put' | 'forget'>
  readonly gate: Pick<ObjectKeys, 'ask'>
  /** the Model token that this profile's wallet has paid for to see an object; 0 for none @default none */
  readonly paidModel?: (found: StoredObject) => Promise<number>
  /** unix ms @default Date.now */
  readonly now?: () => number
}

/**
 * Keys from the profile, else from a device of the owner; those that were given are kept, for as long as they were paid
 * for ([CH7]).
 */
export function createSealOpener({ keys, gate, paidModel, now = Date.now }: SealOpenerComponents): OpenSeal {
  const asking = new Map<string, Promise<Bytes>>()

  /** A page asks for many ranges at once and leaves some: the owner is asked once, for all of them. */
  function ask(found: StoredObject, { facts }: FileCipher): Promise<Bytes> {
    const { id, object } = found
    const name = objectIdKey(id)
    const known = asking.get(name)
    if (known !== undefined) return known
    const isRight = (key: Bytes) =>
      openFacts(facts, key).then(
        () => true,
        () => false,
      )
    const askAndKeep = async () => {
      const wanted = { id, owner: object.desc.owner ?? id, isRight }
      const model = paidModel && (() => paidModel(found))
      const { key, until }: GivenKey = await gate.ask({
        ...wanted,
        ...(model === undefined ? {} : { model }),
      })
      // a key of one's own stays with its readers
      if ((await keys.get(id))?.readers === undefined)
        await keys.put(id, { key, ...(until === 0 ? {} : { until }) })
      return key
    }
    const asked = askAndKeep().finally(() => asking.delete(name))
    asking.set(name, asked)
    return asked
  }

  return async (found, { signal } = {}) => {
    const cipher = cipherOf(found)
    if (cipher === undefined) return undefined
    const stored = await keys.get(found.id)
    const isOver = stored?.until !== undefined && stored.until * 1_000 <= now()
    if (isOver) await keys.forget([found.id])
    const known = isOver ? undefined : stored
    const opened = known && (await openFacts(cipher.facts, known.key).catch(() => undefined))
    if (known !== undefined && opened !== undefined) return { key: known.key, facts: opened }
    const key = await orAborted(ask(found, cipher), signal)
    return { key, facts: await openFacts(cipher.facts, key) }
  }
}

export function cipherOf({ object: { desc, body } }: StoredObject): FileCipher | undefined {
  if (desc.type !== fileType.type || body === undefined) return undefined
  return readContent(fileType, 'body', body.content).cipher
}
