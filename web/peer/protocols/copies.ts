import { CID } from 'multiformats/cid'
import { ByteReader, type Bytes, ByteWriter, concat, utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { sha256 } from '#core/hash.ts'
import { ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES } from '#core/signatures.ts'

export const NONCE_BYTES = 32
/** A CIDv1 of a 64-byte hash takes 68. */
const MAX_CID_BYTES = 96
const DIGEST_BYTES = 32
const PROOF_DOMAIN = utf8('tabland/copies/1\n')
const SIGNATURE_DOMAIN = utf8('tabland/copies/device/1\n')

export type CopiesErrorCode = 'COPIES_INVALID' | 'COPIES_FORGED' | 'COPIES_NOTHING_HERE'

/** A challenge: prove that you have this block of this content ([SE6]). */
export interface CopiesRequest {
  readonly root: CID
  readonly block: CID
  /** 32 random bytes: an answer serves once */
  readonly nonce: Bytes
}

export interface AccessProof {
  /** `proofDigest`, 32 bytes */
  readonly digest: Bytes
  /** absent where there is none, as at a relay */
  readonly device?: { readonly key: Bytes; readonly signature: Bytes }
}

export type CopiesAnswer =
  | { readonly status: 'lacks' }
  /** asked too often: it says nothing of what it has */
  | { readonly status: 'busy' }
  | ({ readonly status: 'proof' } & AccessProof)

export interface ProofFields {
  readonly nonce: Bytes
  /** peer ids, text form */
  readonly asker: string
  readonly answerer: string
  readonly device: Bytes | undefined
  readonly block: CID
  readonly bytes: Uint8Array
}

/**
 * SHA-256 over a domain, the nonce, both peers, the answerer's device and the block: nobody can make it without the
 * bytes, ask somebody else for it, or use it again. Each field has its length before it or a fixed one.
 */
export function proofDigest({ nonce, asker, answerer, device, block, bytes }: ProofFields): Bytes {
  const head = new ByteWriter().bytes(PROOF_DOMAIN).bytes(nonce)
  for (const field of [utf8(asker), utf8(answerer), device ?? new Uint8Array(), block.bytes]) {
    head.u8(field.length).bytes(field)
  }
  return sha256(concat(head.finish(), bytes))
}

/** What the device signs of a proof. */
export function proofMessage(digest: Bytes): Bytes {
  return concat(SIGNATURE_DOMAIN, digest)
}

/** root ‖ block ‖ nonce, each CID behind its length u8 */
export function encodeCopiesRequest({ root, block, nonce }: CopiesRequest): Bytes {
  const writer = new ByteWriter()
  for (const { bytes } of [root, block]) writer.u8(bytes.length).bytes(bytes)
  return writer.bytes(nonce).finish()
}

/** @throws COPIES_INVALID */
export function decodeCopiesRequest(bytes: Uint8Array): CopiesRequest {
  return orInvalid('challenge', () => {
    const reader = new ByteReader(bytes)
    const root = readCid(reader)
    const block = readCid(reader)
    const nonce = reader.bytes(NONCE_BYTES, 'nonce')
    reader.end('challenge')
    return { root, block, nonce }
  })
}

const LACKS = 0
const PROOF = 1
const SIGNED_PROOF = 2
const BUSY = 3

/** status u8, then of a proof: digest, and of a signed one the device's key and signature */
export function encodeCopiesAnswer(answer: CopiesAnswer): Bytes {
  const writer = new ByteWriter()
  if (answer.status !== 'proof') return writer.u8(answer.status === 'lacks' ? LACKS : BUSY).finish()
  const { digest, device } = answer
  if (device === undefined) return writer.u8(PROOF).bytes(digest).finish()
  return writer.u8(SIGNED_PROOF).bytes(digest).bytes(device.key).bytes(device.signature).finish()
}

/** @throws COPIES_INVALID */
export function decodeCopiesAnswer(bytes: Uint8Array): CopiesAnswer {
  return orInvalid('answer', () => {
    const reader = new ByteReader(bytes)
    const status = reader.u8('status')
    const answer = readAnswer(status, reader)
    reader.end('answer')
    return answer
  })
}

function readAnswer(status: number, reader: ByteReader): CopiesAnswer {
  if (status === LACKS) return { status: 'lacks' }
  if (status === BUSY) return { status: 'busy' }
  if (status !== PROOF && status !== SIGNED_PROOF) throw new RangeError(`unknown status ${status}`)
  const digest = reader.bytes(DIGEST_BYTES, 'digest')
  if (status === PROOF) return { status: 'proof', digest }
  const key = reader.bytes(ED25519_KEY_BYTES, 'device key')
  return {
    status: 'proof',
    digest,
    device: { key, signature: reader.bytes(ED25519_SIGNATURE_BYTES, 'signature') },
  }
}

/** A CID behind its length u8. @throws RangeError and what multiformats throws */
export function readCid(reader: ByteReader): CID {
  const length = reader.u8('CID length')
  if (length > MAX_CID_BYTES)
    throw new RangeError(`a CID of ${length} bytes, at most ${MAX_CID_BYTES} are read`)
  return CID.decode(reader.bytes(length, 'CID'))
}

function orInvalid<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new AppError<CopiesErrorCode>(
      'COPIES_INVALID',
      `A peer's ${what} about copies was refused: ${(cause as Error).message}.`,
      { cause },
    )
  }
}
