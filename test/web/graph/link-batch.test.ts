import { describe, expect, it } from 'vitest'
import { type Bytes, ByteWriter, toHex, utf8 } from '#core/bytes.ts'
import { encodeCid } from '#core/cid.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import { MAX_CLOCK_SKEW_MS, MAX_GOSSIP_BYTES } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import {
  encodeLinkBatch,
  NO_PREVIOUS,
  type ReadLinkBatch,
  readLinkBatch,
  verifyLinkBatch,
} from '#graph/link-batch.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, digestOf, link, linkVerifier } from '#test/fakes/links.ts'

/** Thousands of signatures, on a machine that may be busy with other tests. */
const EVERY_BIT_MS = 120_000

const identity = await fakeIdentity(1)
const batch = await createFeed(identity).next([link('moon', 'night'), link('moon', 'sea')])

async function codeOf(envelope: Bytes): Promise<string> {
  try {
    await verifyLinkBatch(readLinkBatch(envelope), linkVerifier())
    return 'accepted'
  } catch (error) {
    return (error as { code: string }).code
  }
}

/** The batch with its signed bytes replaced and signed again, so that only the changed rule can refuse it. */
async function resign(signed: Bytes): Promise<Bytes> {
  const signature = await identity.device.sign(signed)
  return encodeEnvelope({
    delegation: identity.delegation,
    record: new Uint8Array([...signed, ...signature]),
  })
}

describe('[KG1] link batches', () => {
  it('[KG1] signed bytes: the domain and the fields in order, fixed width, big-endian, links counted by u16', () => {
    const expected = new ByteWriter()
      .bytes(utf8('tabland/links/1'))
      .bytes(machineOf('test'))
      .bytes(identity.neuron)
      .bytes(identity.device.publicKey)
      .u64(0n)
      .bytes(new Uint8Array(32))
      .u64(BigInt(TEST_NOW) * 1_000n)
      .u16(2)
    for (const word of ['moon', 'night', 'moon', 'sea']) expected.bytes(encodeCid(digestOf(word)))
    expect(toHex(batch.signed)).toBe(toHex(expected.finish()))
    expect(encodeLinkBatch(batch)).toEqual(batch.signed)
  })

  it('[KG1] a good one is accepted', async () => {
    expect(await codeOf(batch.envelope)).toBe('accepted')
    expect(readLinkBatch(batch.envelope)).toEqual(batch)
  })

  it('[KG1] every flipped bit is refused', { timeout: EVERY_BIT_MS }, async () => {
    const refusals = /^LINKS_(INVALID|SELF|MACHINE|TIME|NOT_AUTHORISED|FORGED)$/
    const verifier = linkVerifier()
    // the delegation's own bits are flipped in delegation.test.ts: here one in eight of them, and all of the record's
    const start = 8 * (2 + identity.delegation.length)
    for (let bit = 0; bit < batch.envelope.length * 8; bit += bit < start ? 8 : 1) {
      const bad = batch.envelope.slice()
      bad[bit >> 3]! ^= 1 << (bit & 7)
      const code = await Promise.resolve(bad)
        .then(readLinkBatch)
        .then((read) => verifyLinkBatch(read, verifier))
        .then(
          () => 'accepted',
          (error: { code: string }) => error.code,
        )
      expect(code, `bit ${bit}`).toMatch(refusals)
    }
  })

  it('[KG1] what is too short, too long or of another kind is refused', async () => {
    for (let length = 0; length < batch.envelope.length; length += 7) {
      expect(await codeOf(batch.envelope.slice(0, length))).toBe('LINKS_INVALID')
    }
    expect(await codeOf(new Uint8Array([...batch.envelope, 0]))).toBe('LINKS_INVALID')
    expect(await codeOf(new Uint8Array(10 * 1024 * 1024))).toBe('LINKS_INVALID')
  })

  it('[KG1] 1 to 256 links', async () => {
    const links = Array.from({ length: 257 }, (_, i) => link('moon', `night ${i}`))
    const full = await createFeed(identity).next(links.slice(0, 256))
    expect(full.envelope.length).toBeLessThan(MAX_GOSSIP_BYTES / 2)
    expect(await codeOf(full.envelope)).toBe('accepted')
    await expect(createFeed(identity).next(links)).rejects.toMatchObject({ code: 'LINKS_INVALID' })
    await expect(createFeed(identity).next([])).rejects.toMatchObject({ code: 'LINKS_INVALID' })
  })

  it('[KG1] both ends are CIDv0 and differ', async () => {
    await expect(createFeed(identity).next([link('moon', 'moon')])).rejects.toMatchObject({
      code: 'LINKS_SELF',
    })
    const v1 = batch.signed.slice()
    v1[v1.length - 34] = 0x01
    expect(await codeOf(await resign(v1))).toBe('LINKS_INVALID')
  })

  it('[KG1] another machine', async () => {
    const other = await createFeed(identity).next([link('a', 'b')], { machine: machineOf('main') })
    expect(await codeOf(other.envelope)).toBe('LINKS_MACHINE')
  })

  it('[KG1] time: not from the future, within the delegation', async () => {
    const at = async (timeMs: number): Promise<string> =>
      codeOf((await createFeed(identity).next([link('a', 'b')], { timeUs: timeMs * 1_000 })).envelope)
    expect(await at(TEST_NOW + MAX_CLOCK_SKEW_MS)).toBe('accepted')
    expect(await at(TEST_NOW + MAX_CLOCK_SKEW_MS + 1)).toBe('LINKS_TIME')
    expect(await at(TEST_NOW - 2 * 86_400_000)).toBe('LINKS_NOT_AUTHORISED')
  })

  it('[KG1] a device that the neuron did not authorise, or not for links', async () => {
    const thief = await fakeIdentity(2)
    const stolen: ReadLinkBatch = await createFeed({ ...thief, neuron: identity.neuron }).next([
      link('a', 'b'),
    ])
    expect(await codeOf(stolen.envelope)).toBe('LINKS_NOT_AUTHORISED')
    const builder = await fakeIdentity(3, { change: { scope: ['placements'] } })
    expect(await codeOf((await createFeed(builder).next([link('a', 'b')])).envelope)).toBe(
      'LINKS_NOT_AUTHORISED',
    )
  })

  it('[KG1] signed by another key', async () => {
    const other = await fakeIdentity(4)
    const { record } = decodeEnvelope(batch.envelope)
    const signature = await other.device.sign(batch.signed)
    record.set(signature, record.length - 64)
    expect(await codeOf(encodeEnvelope({ delegation: identity.delegation, record }))).toBe('LINKS_FORGED')
  })

  it('[KG1] the first batch names none before it', async () => {
    await expect(
      createFeed(identity).next([link('a', 'b')], { prev: new Uint8Array(32).fill(1) }),
    ).rejects.toMatchObject({ code: 'LINKS_INVALID' })
    expect(NO_PREVIOUS).toEqual(new Uint8Array(32))
  })
})
