import { toHex } from '#core/bytes.ts'
import { list, optional } from './content/composite-fields.ts'
import type { Field, Json, Leaf } from './content/field.ts'
import { bigintOf, bytes, hash, hexOf, objectId, oneOf, u8, u16, u64, wrongJson } from './content/fields.ts'
import { jsonFields, struct } from './content/struct.ts'
import type { ObjectSignature, SignatureSource } from './object-signature.ts'
import type { ObjectKey, PublicKey } from './public-key.ts'

// What stands outside of contents has its raw form in desc.ts and object-signature.ts; here is its JSON form.

const algorithm = oneOf('rsa1024', 'rsa2048', 'rsa3072', 'secp256k1', 'ed25519')
const publicKey: Leaf<PublicKey> = struct({ algorithm: [1, algorithm], key: [2, bytes] })
const reference = struct({ id: [1, objectId], owner: [2, optional(objectId)] })
const area = struct({ country: [1, u16], carrier: [2, u8], city: [3, u16], inner: [4, u8] })
const multiKey = struct({ threshold: [1, u8], keys: [2, list(publicKey)] })

/** `{algorithm, key}`, or `{threshold, keys}` of several. */
const objectKey = jsonOnly<ObjectKey>({
  toJson: (value) => (value.kind === 'single' ? publicKey.toJson(value.key) : multiKey.toJson(value)),
  fromJson: (json, path) =>
    typeof json === 'object' && json !== null && 'threshold' in json
      ? { kind: 'multi', ...multiKey.fromJson(json, path) }
      : { kind: 'single', key: publicKey.fromJson(json, path) },
})

/** A desc but for type and content. */
export const descHeader = struct({
  decId: [1, optional(objectId)],
  references: [2, optional(jsonOnly(list(reference)))],
  previous: [3, optional(objectId)],
  createdAfter: [4, optional(hash)],
  created: [5, optional(u64)],
  expires: [6, optional(u64)],
  owner: [7, optional(objectId)],
  area: [8, optional(area)],
  author: [9, optional(objectId)],
  publicKey: [10, optional(objectKey)],
  extension: [11, optional(bytes)],
})

const source = jsonOnly<SignatureSource>({ toJson: sourceToJson, fromJson: sourceFromJson })

export const signatures: Field<readonly ObjectSignature[]> = list<ObjectSignature>(
  struct({
    source: [1, source],
    keyIndex: [2, u8],
    signedAt: [3, u64],
    algorithm: [4, algorithm],
    signature: [5, bytes],
  }),
)

export function nonceFromJson(json: Json, path: string): bigint {
  const nonce = bigintOf(json, path)
  if (nonce >= 0n && nonce < 1n << 128n) return nonce
  throw wrongJson(json, path, '0 to 2¹²⁸ − 1')
}

function sourceToJson(value: SignatureSource): Json {
  switch (value.kind) {
    case 'ref':
      return { ref: value.ref }
    case 'object':
      return { object: reference.toJson(value.object) }
    case 'key':
      return { key: objectKey.toJson(value.key) }
    default:
      return { delegation: toHex(value.delegation) }
  }
}

function sourceFromJson(json: Json | undefined, path: string): SignatureSource {
  const { ref, object, key, delegation } = jsonFields(json, path, ['ref', 'object', 'key', 'delegation'])
  if (ref !== undefined) return { kind: 'ref', ref: u8.fromJson(ref, `${path}.ref`) }
  if (object !== undefined) return { kind: 'object', object: reference.fromJson(object, `${path}.object`) }
  if (key !== undefined) return { kind: 'key', key: objectKey.fromJson(key, `${path}.key`) }
  return { kind: 'delegated', delegation: hexOf(delegation, `${path}.delegation`) }
}

/** A value whose raw form, and with it its check, is elsewhere. */
function jsonOnly<T>({
  toJson,
  fromJson,
}: {
  toJson(value: T): Json | undefined
  fromJson(json: Json | undefined, path: string): T
}): Leaf<T> {
  return {
    ...(bytes as unknown as Leaf<T>),
    toJson: (value) => toJson(value) as Json,
    fromJson,
    check: () => undefined,
  }
}
