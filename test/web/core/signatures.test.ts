import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '#core/bytes.ts'
import {
  decodeEnvelope,
  encodeEnvelope,
  MAX_ENVELOPE_BYTES,
  packEnvelopes,
  unpackEnvelopes,
} from '#core/envelope.ts'
import { genesisOf, machineOf } from '#core/machine.ts'
import { assertEd25519Key, createEd25519Verifier } from '#core/signatures.ts'
import { createDeviceKey } from '#peer/device-key.ts'

describe('Ed25519', () => {
  it('[OB7] a device key from a seed is the key of RFC 8032', async () => {
    // RFC 8032, 7.1, test 1
    const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
    const device = await createDeviceKey(seed)
    expect(toHex(device.publicKey)).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
    const message = Uint8Array.of(1, 2, 3)
    expect(await device.sign(message)).toEqual(ed25519.sign(message, seed))
  })

  it('verifies, and refuses every flipped bit of the signature', async () => {
    const verifier = createEd25519Verifier()
    const device = await createDeviceKey(new Uint8Array(32).fill(3))
    const message = Uint8Array.of(9, 9)
    const signature = await device.sign(message)
    expect(await verifier.verify(device.publicKey, signature, message)).toBe(true)
    for (let bit = 0; bit < 512; bit++) {
      const bad = signature.slice()
      bad[bit >> 3]! ^= 1 << (bit & 7)
      expect(await verifier.verify(device.publicKey, bad, message), `bit ${bit}`).toBe(false)
    }
    expect(await verifier.verify(new Uint8Array(32).fill(2), signature, message)).toBe(false)
    expect(await verifier.verify(device.publicKey, signature.subarray(1), message)).toBe(false)
  })

  it('refuses every key of small order and every key that is not reduced', () => {
    const torsion = ed25519.Point.fromBytes(
      fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
    )
    let point = ed25519.Point.ZERO
    for (let i = 0; i < 8; i++, point = point.add(torsion)) {
      expect(() => assertEd25519Key(point.toBytes()), `${i}`).toThrowError(
        expect.objectContaining({ code: 'KEY_INVALID' }),
      )
    }
    for (let low = 0xed; low <= 0xff; low++) {
      const key = new Uint8Array(32).fill(0xff)
      key[0] = low
      key[31] = 0x7f
      expect(() => assertEd25519Key(key)).toThrowError(expect.objectContaining({ code: 'KEY_INVALID' }))
    }
    expect(() => assertEd25519Key(new Uint8Array(31))).toThrowError(
      expect.objectContaining({ code: 'KEY_INVALID' }),
    )
  })
})

describe('envelopes', () => {
  const bytes = fc.uint8Array({ maxLength: 300 })

  it('round trip, alone and in frames', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, bytes), { maxLength: 20 }), (pairs) => {
        const envelopes = pairs.map(([delegation, record]) =>
          encodeEnvelope({ delegation: new Uint8Array(delegation), record: new Uint8Array(record) }),
        )
        envelopes.forEach((envelope, i) => {
          expect([...decodeEnvelope(envelope).record]).toEqual([...pairs[i]![1]])
        })
        const frames = packEnvelopes(envelopes, 1_000)
        for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(1_000)
        expect(frames.flatMap((frame) => unpackEnvelopes(frame))).toEqual(envelopes)
      }),
      { seed: 4 },
    )
  })

  it('what ends too early or is too long is refused', () => {
    const invalid = expect.objectContaining({ code: 'ENVELOPE_INVALID' })
    expect(() => decodeEnvelope(Uint8Array.of(0))).toThrowError(invalid)
    expect(() => decodeEnvelope(Uint8Array.of(0, 2, 1))).toThrowError(invalid)
    expect(() => decodeEnvelope(new Uint8Array(MAX_ENVELOPE_BYTES + 1))).toThrowError(invalid)
    expect(() => unpackEnvelopes(Uint8Array.of(0, 2, 1))).toThrowError(invalid)
  })
})

describe('[KG1] machine', () => {
  it('[KG1] is the hash of the genesis and differs by network', () => {
    expect(genesisOf('test')).toBe(
      'tabland/genesis/1\nnetwork test\ndamping 17/20\norderers none\nstake each 4294967296\n',
    )
    expect(new Set((['main', 'test', 'local'] as const).map((name) => toHex(machineOf(name)))).size).toBe(3)
  })
})
