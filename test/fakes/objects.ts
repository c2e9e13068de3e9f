import fc from 'fast-check'
import { DELEGATION_BYTES } from '#core/delegation.ts'
import type { Body } from '#objects/body.ts'
import type { NamedObject } from '#objects/object.ts'
import type { ObjectSignature } from '#objects/object-signature.ts'
import { createContent, createDesc } from '#objects/object-type.ts'
import { OBJECT_TYPES } from '#objects/object-types.ts'
import { ANY_CONTENT } from './object-contents.ts'
import { anyBytes, anyHeader, anyId, anyU64, bytesOf, singleKey } from './object-fields.ts'

export const anySignature: fc.Arbitrary<ObjectSignature> = fc.oneof(
  fc
    .record({
      source: fc.oneof(
        fc.integer({ min: 0, max: 255 }).map((ref) => ({ kind: 'ref', ref }) as const),
        fc.record({ kind: fc.constant('object' as const), object: fc.record({ id: anyId, owner: anyId }) }),
      ),
      keyIndex: fc.integer({ min: 0, max: 63 }),
      signedAt: anyU64,
    })
    .chain((head) => bytesOf(64).map((signature) => ({ ...head, algorithm: 'ed25519' as const, signature }))),
  fc
    .record({
      source: fc.oneof(
        singleKey.map((key) => ({ kind: 'key', key }) as const),
        bytesOf(DELEGATION_BYTES).map((delegation) => ({ kind: 'delegated', delegation }) as const),
      ),
      keyIndex: fc.constant(0),
      signedAt: anyU64,
    })
    .chain((head) =>
      bytesOf(128).map((signature) => ({ ...head, algorithm: 'rsa1024' as const, signature })),
    ),
)
const anySigns = fc.array(anySignature, { maxLength: 2 })

/** Any object of a type, its contents in any format. */
export function anyObject(name: string): fc.Arbitrary<NamedObject> {
  const type = OBJECT_TYPES.find((other) => other.name === name)!
  const { desc, body } = ANY_CONTENT[name]!
  const format = fc.constantFrom('raw' as const, 'protobuf' as const, 'json' as const)
  const anyBody: fc.Arbitrary<Body> = fc
    .record(
      { updated: anyU64, previous: bytesOf(32), objectId: anyId, userData: anyBytes },
      { requiredKeys: ['updated'] },
    )
    .chain((head) =>
      fc
        .tuple(body, format)
        .map(([value, how]) => ({ ...head, content: createContent(type, 'body', value, how) })),
    )
  return fc
    .record({
      header: anyHeader,
      key: singleKey,
      value: desc,
      format,
      body: fc.option(anyBody, { nil: undefined }),
      descSigns: anySigns,
      bodySigns: anySigns,
      nonce: fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), { nil: undefined }),
    })
    .map(({ header, key, value, format: how, nonce, body: some, ...signs }) => ({
      desc: createDesc(type, value, type.keyed === true ? { ...header, publicKey: key } : header, how),
      ...(some === undefined ? {} : { body: some }),
      ...(nonce === undefined ? {} : { nonce }),
      ...signs,
    }))
}
