import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import { protocolsOf } from '#core/network.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { formatObjectId, type ObjectId, toObjectId } from '#objects/object-id.ts'
import type { ObjectKey } from '#objects/object-key-store.ts'
import type { PaymentClaim } from '#peer/object-key-server.ts'
import { createObjectKeys, type ObjectKeys } from '#peer/object-keys.ts'
import { createWrapPair, WRAP_KEY_BYTES, WRAPPED_BYTES } from '#peer/protocols/key-wrap.ts'
import {
  createKeyNonces,
  decodeKeyAnswer,
  decodeKeyRequest,
  encodeKeyAnswer,
  encodeKeyRequest,
  type KeyAnswer,
  type KeyRequest,
  signKeyProof,
  wrapContext,
} from '#peer/protocols/object-key.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFakeNetwork, type FakeNetwork } from '#test/fakes/network.ts'
import { randomBytes } from '#test/fakes/object-peers.ts'

const { objectKey: PROTOCOL } = protocolsOf('test')
const owner = await fakeIdentity(1)
const reader = await fakeIdentity(2)
const stranger = await fakeIdentity(3)
const ID = toObjectId(new Uint8Array(32).fill(0x41))
const KEY = new Uint8Array(32).fill(7)

let network: FakeNetwork
let now: number
/** peers that were told whose wallet asks */
let claimed: string[]

beforeEach(() => {
  network = createFakeNetwork(1n)
  now = TEST_NOW
  claimed = []
})

interface PeerInit {
  readonly identity?: Identity
  readonly key?: ObjectKey
  /** in its place: what is there at each look */
  readonly keyNow?: () => ObjectKey
  readonly providers?: readonly string[]
  /** unix seconds to which the chain says that somebody has paid, 0 without end */
  readonly paid?: (claim: PaymentClaim) => number | undefined
}

function addPeer(id: string, init: PeerInit = {}): ObjectKeys {
  const { identity = stranger, key, keyNow = () => key, providers = [], paid } = init
  const transport = network.add(id)
  const { requests } = transport
  return createObjectKeys(
    {
      transport: {
        ...transport,
        requests: {
          ...requests,
          request(peer, protocol, bytes, options) {
            if (decodeKeyRequest(bytes).kind === 'claim') claimed.push(peer)
            return requests.request(peer, protocol, bytes, options)
          },
        },
      },
      keys: { get: async (of) => (equalBytes(of, ID) ? keyNow() : undefined) },
      identity: async () => identity,
      relays: () => [],
      randomBytes,
      ...(paid === undefined
        ? {}
        : {
            async isPaid(claim) {
              const until = paid(claim)
              return until === undefined ? { kind: 'unpaid', why: 'Not paid.' } : { kind: 'paid', until }
            },
          }),
      findProviders: async function* () {
        for (const peer of providers) {
          network.connect(id, peer)
          yield peer
        }
      },
    },
    { network: 'test', peerId: id, now: () => now },
  )
}

const OWN: ObjectKey = { key: KEY, readers: [owner.neuron, reader.neuron] }
const wanted = (id: ObjectId = ID) => ({
  id,
  owner: impliedIdentity(owner.delegation).peopleId,
  isRight: async (key: Bytes) => equalBytes(key, KEY),
})

describe('[OB11] the key of a restricted object', () => {
  it('is given to a reader, and to the owner on another device', async () => {
    addPeer('author', { identity: owner, key: OWN })
    addPeer('bystander')
    for (const [name, identity] of [
      ['reader', reader],
      ['second device', await fakeIdentity(9, { wallet: 1 })],
    ] as const) {
      const keys = addPeer(name, { identity })
      network.connect(name, 'author')
      network.connect(name, 'bystander')
      expect(await keys.ask(wanted())).toEqual({ key: KEY, until: 0 })
    }
    expect(claimed).toEqual(['author', 'author'])
  })

  it('is given by whoever provider records name, when nobody who is connected has it', async () => {
    addPeer('author', { identity: owner, key: OWN })
    const keys = addPeer('reader', { identity: reader, providers: ['author'] })
    expect(await keys.ask(wanted())).toEqual({ key: KEY, until: 0 })
  })

  it('is refused to a stranger, with the wallet that asked', async () => {
    addPeer('author', { identity: owner, key: OWN })
    const keys = addPeer('stranger')
    network.connect('stranger', 'author')
    await expect(keys.ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_REFUSED',
      message: expect.stringContaining('is not among its readers'),
    })
  })

  it('is refused when the wallet has not allowed that device to act for it, or not now, or not here', async () => {
    addPeer('author', { identity: owner, key: OWN })
    const lacking = [
      await fakeIdentity(2, { change: { scope: ['links', 'placements'] } }),
      await fakeIdentity(2, { change: { notAfter: TEST_NOW / 1_000 - 1 } }),
      await fakeIdentity(2, { network: 'main' }),
    ]
    for (const [at, identity] of lacking.entries()) {
      const keys = addPeer(`reader ${at}`, { identity })
      network.connect(`reader ${at}`, 'author')
      await expect(keys.ask(wanted())).rejects.toMatchObject({ code: 'OBJECT_KEY_REFUSED' })
    }
  })

  it('is not given to who is a reader no more, also when that changed since the question came', async () => {
    let looks = 0
    // the offer, the claim, and what is given for it
    const keyNow = () => (++looks <= 2 ? OWN : { ...OWN, readers: [owner.neuron] })
    addPeer('author', { identity: owner, keyNow })
    const keys = addPeer('reader', { identity: reader })
    network.connect('reader', 'author')
    await expect(keys.ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_REFUSED',
      message: expect.stringContaining('is not among its readers'),
    })
    expect(looks).toBe(3)
  })

  it('is not passed on by a reader, nor asked of anybody but the owner’s devices', async () => {
    addPeer('other reader', { identity: reader, key: { key: KEY } })
    addPeer('curious', { identity: stranger, key: { key: KEY, readers: [reader.neuron] } })
    const keys = addPeer('reader', { identity: reader })
    for (const peer of ['other reader', 'curious']) network.connect('reader', peer)
    await expect(keys.ask(wanted())).rejects.toMatchObject({ code: 'OBJECT_KEY_NOT_FOUND' })
    expect(claimed).toEqual([])
  })

  it('that does not open the object is none', async () => {
    addPeer('author', { identity: owner, key: { ...OWN, key: new Uint8Array(32) } })
    const keys = addPeer('reader', { identity: reader })
    network.connect('reader', 'author')
    await expect(keys.ask(wanted())).rejects.toMatchObject({ code: 'OBJECT_KEY_NOT_FOUND' })
  })

  it('is not given for a proof of another peer, object or question, or an old one', async () => {
    addPeer('author', { identity: owner, key: OWN })
    const thief = network.add('thief').requests
    network.connect('thief', 'author')
    const say = async (request: KeyRequest): Promise<KeyAnswer> => {
      for await (const frame of thief.request('author', PROTOCOL, encodeKeyRequest(request)))
        return decodeKeyAnswer(frame)
      throw new Error('no answer')
    }
    const question = randomBytes(32)
    const offer = async () => {
      const answer = await say({ kind: 'ask', id: ID, question })
      if (answer.kind !== 'offer') throw new Error(`it said ${answer.kind}`)
      return answer.nonce
    }
    const nonce = await offer()
    const right = { machine: machineOf('test'), id: ID, asker: 'thief', answerer: 'author', question, nonce }
    const pair = await createWrapPair()
    const wish = { wrapTo: pair.publicKey, model: 0 }
    const claim = async (
      signed: typeof right,
      change: { nonce?: Bytes; wrapTo?: Bytes; model?: number } = {},
    ) =>
      say({
        ...{ kind: 'claim', id: ID, question, nonce, ...wish, ...change },
        proof: await signKeyProof({ kind: 'claim', question: signed, wish }, reader),
      })
    for (const stolen of [
      { ...right, asker: 'reader' },
      { ...right, answerer: 'another author' },
      { ...right, id: toObjectId(new Uint8Array(32).fill(0x42)) },
      { ...right, question: randomBytes(32) },
      { ...right, machine: machineOf('main') },
    ]) {
      expect(await claim(stolen)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('did not sign'),
      })
    }
    // who carries a claim on can have the key wrapped to nobody else, and name no payment
    const other = (await createWrapPair()).publicKey
    for (const change of [{ wrapTo: other }, { model: 3 }]) {
      expect(await claim(right, change)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('did not sign'),
      })
    }
    const made = randomBytes(32)
    expect(await claim({ ...right, nonce: made }, { nonce: made })).toMatchObject({ kind: 'refused' })
    const given = await claim(right)
    if (given.kind !== 'key') throw new Error(`it said ${given.kind}`)
    expect(await pair.open(given.key, wrapContext(right, wish))).toEqual(KEY)
    expect(JSON.stringify(given)).not.toContain(KEY.join())
    now += 3 * 60_000
    expect(await claim(right)).toMatchObject({ kind: 'refused', why: expect.stringContaining('too late') })
  })

  it('[CH7] is given to who has paid, until when they have, for the model that they name', async () => {
    const asked: PaymentClaim[] = []
    const paid = (claim: PaymentClaim) => {
      asked.push(claim)
      return claim.model === 3 ? 1_900_000_000 : undefined
    }
    addPeer('author', { identity: owner, key: OWN, paid })
    const keys = addPeer('payer')
    network.connect('payer', 'author')
    const model = (id: number) => ({ ...wanted(), model: async () => id })
    expect(await keys.ask(model(3))).toEqual({ key: KEY, until: 1_900_000_000 })
    // the author is the first reader: only a model of theirs counts
    expect(asked).toEqual([{ model: 3, id: ID, people: stranger.neuron, author: owner.neuron }])
    await expect(keys.ask(model(4))).rejects.toMatchObject({
      code: 'OBJECT_KEY_REFUSED',
      message: expect.stringContaining('Not paid.'),
    })
    // a chain that does not answer the payer names no model, and the chain of the author is not asked
    const failing = { ...wanted(), model: () => Promise.reject(new Error('no endpoint')) }
    await expect(keys.ask(failing)).rejects.toMatchObject({ code: 'OBJECT_KEY_REFUSED' })
    expect(asked).toHaveLength(2)
  })

  it('[CH7] costs a reader no look at the chain, and where there is no chain a payment counts for nothing', async () => {
    addPeer('author', {
      identity: owner,
      key: OWN,
      paid: () => {
        throw new Error('not asked')
      },
    })
    const keys = addPeer('reader', { identity: reader })
    network.connect('reader', 'author')
    expect(await keys.ask({ ...wanted(), model: async () => 3 })).toEqual({ key: KEY, until: 0 })
    addPeer('chainless', { identity: owner, key: OWN })
    const payer = addPeer('payer')
    network.connect('payer', 'chainless')
    await expect(payer.ask({ ...wanted(), model: async () => 3 })).rejects.toMatchObject({
      code: 'OBJECT_KEY_REFUSED',
    })
  })

  it('[CH7] makes nobody ask the chain without end', async () => {
    let looks = 0
    const paid = () => {
      looks += 1
      return undefined
    }
    addPeer('author', { identity: owner, key: OWN, paid })
    for (let i = 0; i < 20; i++) {
      const keys = addPeer(`payer ${i}`)
      network.connect(`payer ${i}`, 'author')
      await keys.ask({ ...wanted(), model: async () => 3 }).catch(() => {})
    }
    expect(looks).toBe(16)
  })

  it('is asked for as often as a person could: who floods is told to wait', async () => {
    addPeer('author', { identity: owner, key: OWN })
    const flood = network.add('flood').requests
    network.connect('flood', 'author')
    const answers: string[] = []
    for (let i = 0; i < 70; i++) {
      const request = encodeKeyRequest({ kind: 'ask', id: ID, question: randomBytes(32) })
      for await (const frame of flood.request('author', PROTOCOL, request))
        answers.push(decodeKeyAnswer(frame).kind)
    }
    expect(answers.filter((kind) => kind === 'offer')).toHaveLength(64)
    expect(answers.at(-1)).toBe('busy')
  })
})

describe('messages about keys', () => {
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((value) => new Uint8Array(value))

  it('round trip', () => {
    const ask = { kind: 'ask', id: ID, question: KEY } as const
    const wish = { wrapTo: randomBytes(WRAP_KEY_BYTES), model: 4_000_000_000 }
    const claim = { ...ask, ...wish, kind: 'claim', nonce: KEY, proof: randomBytes(300) } as const
    for (const request of [ask, claim]) expect(decodeKeyRequest(encodeKeyRequest(request))).toEqual(request)
    const answers: KeyAnswer[] = [
      { kind: 'lacks' },
      { kind: 'busy' },
      { kind: 'offer', nonce: KEY, proof: randomBytes(300) },
      {
        kind: 'key',
        until: 1_900_000_000,
        key: { from: randomBytes(WRAP_KEY_BYTES), sealed: randomBytes(WRAPPED_BYTES) },
      },
      { kind: 'refused', why: `${formatObjectId(ID)} is not for you.` },
    ]
    for (const answer of answers) expect(decodeKeyAnswer(encodeKeyAnswer(answer))).toEqual(answer)
  })

  it('that are cut, too long or of no kind are refused, whatever comes', () => {
    for (const decode of [decodeKeyRequest, decodeKeyAnswer]) {
      for (const input of [[], [9], [0, 1], [3, 1]]) {
        expect(() => decode(Uint8Array.from(input))).toThrow(
          expect.objectContaining({ code: 'OBJECT_KEY_MESSAGE_INVALID' }),
        )
      }
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 600 }), (input) => {
          try {
            decode(input)
          } catch (error) {
            expect(error).toMatchObject({ code: 'OBJECT_KEY_MESSAGE_INVALID' })
          }
        }),
      )
    }
  })

  it('show a refusal as one line', () => {
    const answer = decodeKeyAnswer(encodeKeyAnswer({ kind: 'refused', why: 'no\n\u202enever' }))
    expect(answer).toEqual({ kind: 'refused', why: 'no never' })
  })

  it('have nonces that hold for one question of one peer', async () => {
    let time = 0
    const nonces = createKeyNonces(new Uint8Array(32), () => time)
    await fc.assert(
      fc.asyncProperty(bytes(32), fc.nat(60_000), async (question, later) => {
        time = 120_000
        const asked = { machine: KEY, id: ID, asker: 'a', answerer: 'b', question }
        const nonce = nonces.issue(asked)
        time += later
        expect(nonces.isFresh({ ...asked, nonce })).toBe(true)
        expect(nonces.isFresh({ ...asked, asker: 'c', nonce })).toBe(false)
        expect(nonces.isFresh({ ...asked, question: randomBytes(32), nonce })).toBe(false)
      }),
    )
  })
})
