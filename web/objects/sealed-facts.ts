import { type Bytes, concat, fromHex, utf8 } from '#core/bytes.ts'
import { ADDRESS_BYTES, formatAddress } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import { MAX_OBJECT_READERS, MAX_SEALED_FACTS_BYTES } from '#core/limits.ts'
import { importSealKey, SEAL_NONCE_BYTES, sealDamaged, sealKeyBytes } from './sealed-segments.ts'

/** What only readers learn of restricted content, besides its bytes. */
export interface SealedFacts {
  readonly name: string
  /** one file, or a folder of them (`sealed-folder.ts`) */
  readonly kind: 'file' | 'folder'
  /** who may read it, its owner among them */
  readonly readers: readonly Address[]
}

/** A name and twenty readers fit into one. */
const STEP_BYTES = 1_024
const TAG_BYTES = 16
const MAX_TEXT_BYTES = MAX_SEALED_FACTS_BYTES - SEAL_NONCE_BYTES - TAG_BYTES
const SPACE = 0x20

/** Facts change when the same content is published again, so they have a key of their own and a random nonce. */
const CONTEXT = utf8('facts')

/**
 * nonce ‖ the facts as JSON with spaces behind them, sealed.
 *
 * @param key of the content
 * @param nonce SEAL_NONCE_BYTES of randomness, never used before
 */
export async function sealFacts(facts: SealedFacts, key: Bytes, nonce: Bytes): Promise<Bytes> {
  const text = padded(formatFacts(facts))
  const sealKey = await importSealKey(sealKeyBytes(key, CONTEXT))
  return concat(nonce, new Uint8Array(await crypto.subtle.encrypt(parametersOf(nonce), sealKey, text)))
}

/** @throws SEAL_DAMAGED when they were changed, or the key is another's */
export async function openFacts(sealed: Bytes, key: Bytes): Promise<SealedFacts> {
  if (sealed.length > MAX_SEALED_FACTS_BYTES) throw sealDamaged('What is said of')
  const nonce = sealed.slice(0, SEAL_NONCE_BYTES)
  const sealKey = await importSealKey(sealKeyBytes(key, CONTEXT))
  try {
    const opened = await crypto.subtle.decrypt(parametersOf(nonce), sealKey, sealed.slice(SEAL_NONCE_BYTES))
    return parseFacts(new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(opened)))
  } catch (cause) {
    throw sealDamaged('What is said of', cause)
  }
}

/** Of a file without its kind, as it was before there were folders. */
function formatFacts({ name, kind, readers }: SealedFacts): string {
  return JSON.stringify({
    name,
    readers: readers.map(formatAddress),
    ...(kind === 'folder' ? { kind } : {}),
  })
}

/** Spaces behind it, so that its length tells a stranger little of the name, the readers, or whether it is a folder. */
function padded(text: string): Bytes {
  const bytes = utf8(text)
  const length = Math.min(Math.ceil(bytes.length / STEP_BYTES) * STEP_BYTES, MAX_TEXT_BYTES)
  return concat(bytes, new Uint8Array(Math.max(0, length - bytes.length)).fill(SPACE))
}

/** The one text of the facts, and spaces. */
function parseFacts(text: string): SealedFacts {
  const { name, readers, kind } = JSON.parse(text) as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || !Array.isArray(readers) || readers.length > MAX_OBJECT_READERS)
    throw new RangeError('expected a name and readers')
  const facts: SealedFacts = {
    name,
    kind: kind === 'folder' ? 'folder' : 'file',
    readers: readers.map(parseReader),
  }
  if (formatFacts(facts) !== text.replace(/ +$/, '')) throw new RangeError('expected nothing but that, once')
  return facts
}

function parseReader(value: unknown): Address {
  const address = fromHex(String(value))
  if (address.length !== ADDRESS_BYTES) throw new RangeError('a reader that is no wallet')
  return address
}

function parametersOf(iv: Bytes) {
  return { name: 'AES-GCM', iv, additionalData: CONTEXT } as const
}
