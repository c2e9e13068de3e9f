import { readFileSync } from 'node:fs'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Bytes, fromHex, utf8 } from '#core/bytes.ts'
import { createDelegationVerifier, SCOPES } from '#core/delegation.ts'
import { sha256 } from '#core/hash.ts'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import { bodyHash } from '#objects/body.ts'
import { type Desc, objectIdOfDesc } from '#objects/desc.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { createKeyVerifier } from '#objects/key-verifier.ts'
import { decodeObject, encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import { toObjectTime } from '#objects/object-time.ts'
import { createContent, createDesc } from '#objects/object-type.ts'
import type { PublicKey } from '#objects/public-key.ts'
import { deviceSigner, type ObjectSigner, signObject } from '#objects/sign-object.ts'
import { textType } from '#objects/types/core.ts'
import { deviceType } from '#objects/types/device.ts'
import { peopleType } from '#objects/types/people.ts'
import { createObjectVerifier, type VerifyComponents, type VerifyOptions } from '#objects/verify-object.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'

const NOW = toObjectTime(TEST_NOW)
const components: VerifyComponents = {
  keys: createKeyVerifier(),
  delegations: createDelegationVerifier(),
  machine: machineOf('test'),
  now: () => TEST_NOW,
}
const verifier = createObjectVerifier(components)

let alice: Identity
let aliceAgain: Identity
let mallory: Identity
beforeAll(async () => {
  alice = await fakeIdentity(1)
  aliceAgain = await fakeIdentity(2, { wallet: 1 })
  mallory = await fakeIdentity(3)
})

function text(owner: ObjectId | undefined, value = 'hello', updated = NOW): NamedObject {
  return {
    desc: createDesc(textType, { id: 'note', header: 'a note' }, { owner }),
    body: { updated, content: createContent(textType, 'body', { value }) },
    descSigns: [],
    bodySigns: [],
  }
}

const peopleOf = ({ delegation }: Identity) => impliedIdentity(delegation).peopleId
const sign = (object: NamedObject, identity: Identity, signedAt = NOW) =>
  signObject(object, deviceSigner(identity), { signedAt })

async function outcome(object: NamedObject, options?: VerifyOptions, other = verifier): Promise<string> {
  try {
    return (await other.verify(object, options)).level
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('[OB10] the owner chain', () => {
  it('object → device → People: a device that the wallet authorised signs for it', async () => {
    const object = await sign(text(peopleOf(alice)), alice)
    const arrived = decodeObject(encodeObject(object))
    expect(await verifier.verify(arrived)).toEqual({
      level: 'owner',
      people: alice.neuron,
      device: alice.device.publicKey,
    })
  })

  it('any device of the same wallet may, and the Device itself may own', async () => {
    expect(await outcome(await sign(text(peopleOf(alice)), aliceAgain))).toBe('owner')
    expect(peopleOf(aliceAgain)).toEqual(peopleOf(alice))
    const { deviceId } = impliedIdentity(alice.delegation)
    expect(await outcome(await sign(text(deviceId), alice))).toBe('owner')
    expect(await outcome(await sign(text(deviceId), aliceAgain))).toBe('OBJECT_STRANGER')
  })

  it('[OB7] the implied Device is an object that verifies too', async () => {
    const { deviceDesc, deviceId, peopleDesc } = impliedIdentity(alice.delegation)
    const object = await sign({ desc: deviceDesc, descSigns: [], bodySigns: [] }, alice)
    expect(objectIdOf(object)).toEqual(deviceId)
    expect(await outcome(object)).toBe('owner')
    const people = await sign({ desc: peopleDesc, descSigns: [], bodySigns: [] }, alice)
    expect(await verifier.verify(people)).toMatchObject({ level: 'owner', people: alice.neuron })
  })

  it('a People with more in its desc than the wallet’s key, when its desc can be found', async () => {
    const { peopleDesc } = impliedIdentity(alice.delegation)
    const desc = { ...peopleDesc, created: NOW }
    const owner = objectIdOfDesc(desc)
    const object = await sign(text(owner), alice)
    expect(await outcome(object)).toBe('OBJECT_STRANGER')
    const finding = createObjectVerifier({ ...components, findDesc: async () => desc })
    expect(await outcome(object, {}, finding)).toBe('owner')
    const lying = createObjectVerifier({ ...components, findDesc: async () => peopleDesc })
    expect(await outcome(object, {}, lying)).toBe('OBJECT_STRANGER')
  })

  it('a signature that names the Device alone, when desc and delegation can be found', async () => {
    const { deviceId, peopleId } = impliedIdentity(alice.delegation)
    const signer: ObjectSigner = {
      ...deviceSigner(alice),
      source: { kind: 'object', object: { id: deviceId, owner: peopleId } },
    }
    const object = await signObject(text(peopleId), signer, { signedAt: NOW })
    expect(await outcome(object)).toBe('untrusted')
    const finding = createObjectVerifier({ ...components, findDelegation: async () => alice.delegation })
    expect(await outcome(object, {}, finding)).toBe('owner')
  })

  it('a Device of somebody does not speak for them without a delegation', async () => {
    const { deviceDesc, deviceId } = impliedIdentity(alice.delegation)
    const signer: ObjectSigner = { ...deviceSigner(alice), source: { kind: 'ref', ref: 254 } }
    const object = await signObject(text(deviceId), signer, { signedAt: NOW })
    const finding = createObjectVerifier({ ...components, findDesc: async () => deviceDesc })
    expect(await outcome(object, {}, finding)).toBe('OBJECT_STRANGER')
    const free = { ...deviceDesc, owner: undefined } as Desc
    const own = await signObject(text(objectIdOfDesc(free)), signer, { signedAt: NOW })
    const found = createObjectVerifier({ ...components, findDesc: async () => free })
    expect(await found.verify(own)).toEqual({ level: 'owner', device: alice.device.publicKey })
  })
})

describe('[OB7] other keys', () => {
  const vectors = JSON.parse(
    readFileSync(new URL('../../vectors/objects/cyfs-object-ids.json', import.meta.url), 'utf8'),
  ) as { whole_object: { object_hex: string }; same_id_other_body: { object_hex: readonly string[] } }

  it('RSA signatures that CYFS made verify; those of bodies that were changed afterwards do not', async () => {
    const { whole_object, same_id_other_body } = vectors
    const [renamed, signed] = same_id_other_body.object_hex.map((hex) => decodeObject(fromHex(hex)))
    expect(await outcome(signed!)).toBe('owner')
    expect(await outcome(renamed!)).toBe('OBJECT_FORGED')
    // published with a name that was put in later: its desc's signature still holds
    const whole = decodeObject(fromHex(whole_object.object_hex))
    expect(await outcome(whole)).toBe('OBJECT_FORGED')
    expect(await outcome({ ...whole, body: undefined })).toBe('owner')
  })

  it.each([1024, 2048, 3072] as const)('RSA of %i bits', async (bits) => {
    const pair = await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: bits,
        publicExponent: Uint8Array.of(1, 0, 1),
        hash: 'SHA-256',
      },
      true,
      ['sign', 'verify'],
    )
    const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey))
    const algorithm = `rsa${bits}` as const
    // the PKCS #1 key is all of the BIT STRING behind its zero
    const start = spki.findIndex((byte, i) => byte === 0x30 && i > 20)
    const key: PublicKey = { algorithm, key: spki.slice(start) }
    const sign = async (message: Bytes) =>
      new Uint8Array(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', pair.privateKey, message))
    expect(await selfSigned(key, { source: { kind: 'ref', ref: 255 }, algorithm, sign })).toBe('owner')
  })

  it('secp256k1', async () => {
    const secret = sha256(utf8('a secret'))
    const key = secp256k1.getPublicKey(secret, true) as Bytes
    const sign = async (message: Bytes) =>
      secp256k1.sign(sha256(message), secret, { prehash: false }) as Bytes
    const signer: ObjectSigner = { source: { kind: 'ref', ref: 255 }, algorithm: 'secp256k1', sign }
    expect(await selfSigned({ algorithm: 'secp256k1', key }, signer)).toBe('owner')
    // another algorithm's key never fits
    expect(await selfSigned({ algorithm: 'ed25519', key: alice.device.publicKey }, signer)).toBe(
      'OBJECT_FORGED',
    )
  })

  async function selfSigned(key: PublicKey, signer: ObjectSigner): Promise<string> {
    const desc = createDesc(peopleType, {}, { publicKey: { kind: 'single', key } })
    const content = createContent(peopleType, 'body', { oods: [] })
    const object = await signObject(
      { desc, body: { updated: NOW, content }, descSigns: [], bodySigns: [] },
      signer,
      {
        signedAt: NOW,
      },
    )
    return outcome(decodeObject(encodeObject(object)))
  }
})

describe('[OB10] what is not the owner’s', () => {
  it('the hash vouches for the desc that was asked for, never for its body', async () => {
    const object = text(peopleOf(alice))
    const requested = objectIdOf(object)
    expect(await verifier.verify(object, { requested })).toEqual({ level: 'id' })
    expect(await verifier.verify(object)).toEqual({
      level: 'untrusted',
      why: 'its owner did not sign its body',
    })
    const onlyDesc = await signObject(object, deviceSigner(alice), { signedAt: NOW, parts: ['desc'] })
    expect(await outcome(onlyDesc)).toBe('untrusted')
    expect(await outcome({ ...object, body: undefined })).toBe('untrusted')
  })

  it('a desc with a wrong hash is refused and named', async () => {
    const object = await sign(text(peopleOf(alice)), alice)
    const requested = objectIdOf(text(peopleOf(mallory)))
    expect(await outcome(object, { requested })).toBe('OBJECT_WRONG_ID')
    await expect(verifier.verify(object, { requested })).rejects.toThrow(formatObjectId(requested))
  })

  it('a body that a stranger signed', async () => {
    const object = await sign(text(peopleOf(alice)), mallory)
    expect(await outcome(object)).toBe('OBJECT_STRANGER')
    // … also when it is asked for by id: its body is not to be shown
    expect(await outcome(object, { requested: objectIdOf(object) })).toBe('OBJECT_STRANGER')
  })

  it('a key that stands beside its signature', async () => {
    const key = { kind: 'single', key: { algorithm: 'ed25519', key: mallory.device.publicKey } } as const
    const signer: ObjectSigner = { ...deviceSigner(mallory), source: { kind: 'key', key } }
    expect(await outcome(await signObject(text(peopleOf(alice)), signer, { signedAt: NOW }))).toBe(
      'OBJECT_STRANGER',
    )
    const own = createDesc(deviceType, { uniqueId: new Uint8Array(16) }, { publicKey: key })
    const device = await signObject({ desc: own, descSigns: [], bodySigns: [] }, signer, { signedAt: NOW })
    expect(await outcome(device)).toBe('owner')
  })

  it('a body of another object of the same owner', async () => {
    const [one, other] = [text(peopleOf(alice), 'one'), text(peopleOf(alice), 'other')]
    const signed = await sign({ ...other, desc: { ...other.desc, created: NOW } }, alice)
    const moved = { ...signed, desc: one.desc, descSigns: [] }
    expect(await outcome(moved)).toBe('OBJECT_UNBOUND')
    await expect(sign(moved, alice)).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
    const { objectId: _, ...free } = signed.body!
    const unbound = await reSign({ ...one, body: free })
    expect(await outcome(unbound)).toBe('OBJECT_UNBOUND')
  })

  /** Signs a body as it is, without its object's id. */
  async function reSign(object: NamedObject): Promise<NamedObject> {
    const signed = await sign(object, alice)
    const { signedBytes } = await import('#objects/key-verifier.ts')
    const signature = await alice.device.sign(signedBytes(bodyHash(object.body!), NOW))
    return { ...object, bodySigns: [{ ...signed.bodySigns[0]!, signature }] }
  }

  it('an older body, and another of the same time', async () => {
    const owner = peopleOf(alice)
    const newer = await sign(text(owner, 'newer'), alice)
    const seen = { updated: newer.body!.updated, hash: bodyHash(newer.body!) }
    expect(await outcome(newer, { seen })).toBe('owner')
    expect(await outcome(await sign(text(owner, 'older', NOW - 1n), alice), { seen })).toBe('OBJECT_OLD_BODY')
    expect(await outcome(await sign(text(owner, 'twin'), alice), { seen })).toBe('OBJECT_OLD_BODY')
    expect(await outcome(await sign(text(owner, 'next', NOW + 1n), alice), { seen })).toBe('owner')
  })

  it('a time that has not come', async () => {
    const later = NOW + 120_000_000n
    expect(await outcome(await sign(text(peopleOf(alice), 'x', later), alice))).toBe('OBJECT_EARLY')
    expect(await outcome(await sign(text(peopleOf(alice)), alice, later))).toBe('OBJECT_EARLY')
  })
})

describe('[OB7] delegations', () => {
  const change = async (change: Parameters<typeof fakeIdentity>[1]) => {
    const identity = await fakeIdentity(1, change)
    return outcome(await sign(text(peopleOf(identity)), identity))
  }

  it('that are expired, not yet valid, for another scope or network are refused, each by its name', async () => {
    const seconds = TEST_NOW / 1_000
    expect(await change({ change: { scope: SCOPES } })).toBe('owner')
    expect(await change({ change: { notAfter: seconds - 1 } })).toBe('DELEGATION_EXPIRED')
    expect(await change({ change: { notBefore: seconds + 1 } })).toBe('DELEGATION_EXPIRED')
    expect(await change({ change: { scope: ['links', 'placements'] } })).toBe('DELEGATION_SCOPE')
    expect(await change({ network: 'main' })).toBe('DELEGATION_MACHINE')
  })

  it('that somebody else signed are refused', async () => {
    const object = await sign(text(peopleOf(alice)), alice)
    const [signature] = object.bodySigns
    const { source } = signature!
    if (source.kind !== 'delegated') throw new Error('expected a delegation')
    const forged = source.delegation.slice()
    forged[0]! ^= 1
    const bodySigns = [{ ...signature!, source: { ...source, delegation: forged } }]
    expect(await outcome({ ...object, bodySigns })).toBe('DELEGATION_FORGED')
  })
})

it('[OB10] every flipped bit of a signed object is refused, or leaves it somebody else’s', {
  timeout: 300_000,
}, async () => {
  const object = await sign(text(peopleOf(alice)), alice)
  const requested = objectIdOf(object)
  const bytes = encodeObject(object)
  const outcomes = new Map<string, number>()
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const bad = bytes.slice()
    bad[bit >> 3]! ^= 1 << (bit & 7)
    let found: string
    try {
      found = await outcome(decodeObject(bad), { requested })
    } catch (error) {
      found = (error as { code: string }).code
    }
    outcomes.set(found, (outcomes.get(found) ?? 0) + 1)
  }
  expect([...outcomes.keys()].filter((found) => !/^(OBJECT|DELEGATION)_/.test(found))).toEqual([])
})
