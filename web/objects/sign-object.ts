import { type Bytes, equalBytes } from '#core/bytes.ts'
import type { Identity } from '#core/identity.ts'
import { type Body, bodyHash } from './body.ts'
import { descHash } from './desc.ts'
import { signedBytes } from './key-verifier.ts'
import { type NamedObject, objectIdOf } from './object.ts'
import { objectInvalid } from './object-errors.ts'
import { formatObjectId, type ObjectId } from './object-id.ts'
import { encodeSource, type ObjectSignature, type SignatureSource } from './object-signature.ts'
import type { KeyAlgorithm } from './public-key.ts'

/** Who signs: a key, and how others know whose it is. */
export interface ObjectSigner {
  readonly source: SignatureSource
  readonly algorithm: KeyAlgorithm
  /** signature of `message` */
  sign(message: Bytes): Promise<Bytes>
}

/** The profile's Device, with the wallet's word for it: what is signed so needs nothing else to be verified. */
export function deviceSigner({ device, delegation }: Identity): ObjectSigner {
  return {
    source: { kind: 'delegated', delegation },
    algorithm: 'ed25519',
    sign: (message) => device.sign(message),
  }
}

export interface SignOptions {
  /** µs since 1601 */
  readonly signedAt: bigint
  /** @default both, the body's when there is one */
  readonly parts?: readonly ('desc' | 'body')[]
}

/**
 * The object with `signer`'s signatures, in place of earlier ones of the same source. The body gets the object's id, so
 * that it cannot be put under another object.
 *
 * @throws OBJECT_INVALID when the body names another object
 */
export async function signObject(
  object: NamedObject,
  signer: ObjectSigner,
  { signedAt, parts = ['desc', 'body'] }: SignOptions,
): Promise<NamedObject> {
  const { desc } = object
  const body =
    parts.includes('body') && object.body !== undefined ? bind(object.body, objectIdOf(object)) : undefined
  const sign = async (hash: Bytes): Promise<ObjectSignature> => ({
    source: signer.source,
    keyIndex: 0,
    signedAt,
    algorithm: signer.algorithm,
    signature: await signer.sign(signedBytes(hash, signedAt)),
  })
  const descSign = parts.includes('desc') ? await sign(descHash(desc)) : undefined
  const bodySign = body === undefined ? undefined : await sign(bodyHash(body))
  return {
    ...object,
    ...(body === undefined ? {} : { body }),
    descSigns: replace(object.descSigns, descSign),
    bodySigns: replace(object.bodySigns, bodySign),
  }
}

function bind(body: Body, id: ObjectId): Body {
  if (body.objectId === undefined) return { ...body, objectId: id }
  if (equalBytes(body.objectId, id)) return body
  throw objectInvalid({
    path: 'body.objectId',
    got: formatObjectId(body.objectId),
    expected: formatObjectId(id),
  })
}

function replace(
  signatures: readonly ObjectSignature[],
  fresh: ObjectSignature | undefined,
): readonly ObjectSignature[] {
  if (fresh === undefined) return signatures
  const source = encodeSource(fresh.source)
  return [...signatures.filter((other) => !equalBytes(encodeSource(other.source), source)), fresh]
}
