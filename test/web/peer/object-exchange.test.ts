import { beforeEach, describe, expect, it } from 'vitest'
import type { AppError } from '#core/errors.ts'
import type { Identity } from '#core/identity.ts'
import { MAX_OBJECTS_PER_REQUEST } from '#core/limits.ts'
import { protocolsOf } from '#core/network.ts'
import { encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { type ObjectId, objectIdKey } from '#objects/object-id.ts'
import { createObjectExchange, type ObjectExchange } from '#peer/object-exchange.ts'
import {
  decodeObjectAnswers,
  decodeObjectsRequest,
  encodeObjectAnswers,
  encodeObjectsRequest,
  type ObjectAnswer,
  type ObjectOffer,
} from '#peer/protocols/objects.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFakeNetwork, type FakeNetwork } from '#test/fakes/network.ts'
import { openTestObjects, signNote, type TestObjects } from '#test/fakes/object-peers.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const { objects: OBJECTS } = protocolsOf('test')
const me: Identity = await fakeIdentity(1)
const stranger: Identity = await fakeIdentity(2)

let network: FakeNetwork
let roundTrips: Record<string, number>
let asked: string[]

beforeEach(() => {
  network = createFakeNetwork(1n)
  roundTrips = {}
  asked = []
})

interface TestPeer extends TestObjects {
  readonly exchange: ObjectExchange
  readonly lied: [peer: string, code: unknown][]
  readonly provided: string[]
  readonly providers: string[]
}

interface PeerInit {
  readonly wants?: (offer: ObjectOffer, peer: string) => boolean
  readonly isDenied?: (id: ObjectId) => boolean
}

/** A peer that is connected to `others`. */
function addPeer(id: string, others: readonly string[] = [], init: PeerInit = {}): TestPeer {
  const transport = network.add(id)
  const objects = openTestObjects()
  const lied: TestPeer['lied'] = []
  const provided: string[] = []
  const providers: string[] = []
  const exchange = createObjectExchange(
    {
      transport: {
        ...transport,
        requests: {
          ...transport.requests,
          request(peer, ...rest) {
            asked.push(`${id}→${peer}`)
            return transport.requests.request(peer, ...rest)
          },
        },
      },
      store: objects.store,
      findProviders: async function* () {
        for (const peer of providers) {
          network.connect(id, peer)
          yield peer
        }
      },
      provide: async (cid) => {
        provided.push(cid.toString())
      },
      roundTripOf: (peer) => roundTrips[peer],
      timers: createFakeTimers(),
    },
    {
      network: 'test',
      now: () => TEST_NOW,
      onMisbehaviour: (peer, error) => lied.push([peer, error.details.code]),
      ...init,
    },
  )
  for (const other of others) network.connect(id, other)
  return { ...objects, exchange, lied, provided, providers }
}

/** A peer that answers every request for objects with these. */
function addLiar(id: string, answer: (asked: ObjectId) => ObjectAnswer): void {
  network.add(id).requests.handle(OBJECTS, async function* (bytes) {
    const request = decodeObjectsRequest(bytes)
    if (request.kind === 'get') yield* encodeObjectAnswers(request.ids, async (of) => answer(of))
  })
}

async function hold({ store }: TestPeer, ...objects: readonly NamedObject[]): Promise<void> {
  for (const object of objects) await store.put(encodeObject(object), { own: true })
}

describe('[OB17] objects from peers', () => {
  it('come from the own store without a question, else from peers by their round trip', async () => {
    const note = await signNote(me)
    for (const name of ['far', 'near', 'unmeasured']) await hold(addPeer(name), note)
    roundTrips = { far: 200, near: 5 }
    const asker = addPeer('asker', ['far', 'unmeasured', 'near'])
    await network.settle()
    asked = []
    expect((await asker.exchange.get(objectIdOf(note))).bytes).toEqual(encodeObject(note))
    expect(asked).toEqual(['asker→near'])
    await asker.exchange.get(objectIdOf(note))
    expect(asked).toEqual(['asker→near'])
  })

  it('come in one request for a batch, and the rest of it from the next peer', async () => {
    const notes = await Promise.all(
      Array.from({ length: MAX_OBJECTS_PER_REQUEST }, (_, i) => signNote(me, { id: `note ${i}` })),
    )
    await hold(addPeer('first'), ...notes.slice(0, 200))
    await hold(addPeer('second'), ...notes)
    roundTrips = { first: 1, second: 2 }
    const asker = addPeer('asker', ['first', 'second'])
    await network.settle()
    asked = []
    const { found, refused } = await asker.exchange.find(notes.map(objectIdOf))
    expect([found.size, refused.size]).toEqual([notes.length, 0])
    expect(asked).toEqual(['asker→first', 'asker→second'])
  })

  it('come from whoever provider records name when nobody who is connected has them', async () => {
    const note = await signNote(me)
    await hold(addPeer('holder'), note)
    addPeer('neighbour')
    const asker = addPeer('asker', ['neighbour'])
    asker.providers.push('holder')
    expect((await asker.exchange.get(objectIdOf(note))).object).toEqual(note)
  })

  it('that nobody has are said to be so, with the number of peers asked', async () => {
    const id = objectIdOf(await signNote(me))
    const alone = addPeer('alone')
    await expect(alone.exchange.get(id)).rejects.toMatchObject({
      code: 'OBJECT_NOT_FOUND',
      details: { asked: 0 },
    })
    addPeer('a')
    addPeer('b')
    const error = await addPeer('asker', ['a', 'b'])
      .exchange.get(id)
      .catch((refused: AppError) => refused)
    expect(error).toMatchObject({ code: 'OBJECT_NOT_FOUND', details: { asked: 2 } })
    expect((error as AppError).message).toContain('none of 2 peers has it')
  })

  it.each([
    ['another object', 'OBJECT_WRONG_ID', async () => encodeObject(await signNote(me, { id: 'other' }))],
    [
      'a stranger’s body',
      'OBJECT_STRANGER',
      async () => encodeObject(await signNote(stranger, { owner: me })),
    ],
    ['no object at all', 'OBJECT_INVALID', async () => new Uint8Array(100)],
    [
      'a flipped bit in the signature',
      'OBJECT_FORGED',
      async () => {
        const bytes = encodeObject(await signNote(me))
        bytes[bytes.length - 1]! ^= 1
        return bytes
      },
    ],
  ])('of a liar that gives %s are refused, the liar is named and another asked', async (_, code, lie) => {
    const note = await signNote(me)
    const bytes = await lie()
    addLiar('liar', () => bytes)
    await hold(addPeer('honest'), note)
    roundTrips = { liar: 1, honest: 2 }
    const asker = addPeer('asker', ['liar', 'honest'])
    expect((await asker.exchange.get(objectIdOf(note))).object).toEqual(note)
    expect(asker.lied).toEqual([['liar', code]])
    asked = []
    await expect(asker.exchange.get(objectIdOf(await signNote(me, { id: 'unknown' })))).rejects.toThrow()
    expect(asked).toEqual(['asker→honest'])
  })

  it('from a liar alone fail by its name, and nothing is stored', async () => {
    addLiar('liar', () => new Uint8Array(40))
    const asker = addPeer('asker', ['liar'])
    const before = await asker.dump()
    await expect(asker.exchange.get(objectIdOf(await signNote(me)))).rejects.toMatchObject({
      code: 'OBJECT_SOURCE_LIED',
      details: { peer: 'liar' },
    })
    expect(await asker.dump()).toEqual(before)
  })

  it('that are older than what was seen are refused, without calling their source a liar', async () => {
    const old = await signNote(me, { value: 'old' })
    await hold(addPeer('behind'), old)
    const asker = addPeer('asker', ['behind'])
    await hold(asker, await signNote(me, { value: 'new', after: 10 }))
    for await (const { key } of asker.records.entries('object/')) {
      const entry = (await asker.records.get(key))!
      entry[1]! &= ~1 // its blocks were let go
      await asker.records.put([{ key, value: entry }])
    }
    const before = await asker.dump()
    await expect(asker.exchange.get(objectIdOf(old))).rejects.toMatchObject({ code: 'OBJECT_OLD_BODY' })
    expect([await asker.dump(), asker.lied]).toEqual([before, []])
  })

  it('without their owner’s body are taken only where nobody has better', async () => {
    const note = await signNote(me)
    const cut = encodeObject({ ...note, bodySigns: [] })
    addLiar('cutter', () => cut)
    roundTrips = { cutter: 1, whole: 2 }
    const poor = await addPeer('poor', ['cutter']).exchange.get(objectIdOf(note))
    expect(poor.object.body).toBeUndefined()
    await hold(addPeer('whole'), note)
    expect((await addPeer('asker', ['cutter', 'whole']).exchange.get(objectIdOf(note))).object).toEqual(note)
  })
})

describe('offers of objects', () => {
  it('reach whoever holds older ones, and are taken by nobody else unless wanted', async () => {
    const [old, fresh] = [await signNote(me), await signNote(me, { value: 'new', after: 10 })]
    const behind = addPeer('behind')
    await hold(behind, old)
    const careless = addPeer('careless')
    const keeper = addPeer('keeper', [], { wants: (_, peer) => peer === 'author' })
    const author = addPeer('author', ['behind', 'careless', 'keeper'])
    await hold(author, fresh)
    const id = objectIdOf(fresh)
    expect([...(await author.exchange.announce([id]))].sort()).toEqual(['behind', 'keeper'])
    for (const { store } of [behind, keeper]) expect((await store.get(id))?.object).toEqual(fresh)
    expect(await careless.store.get(id)).toBeUndefined()
    expect(author.provided).toHaveLength(1)
    expect(await author.exchange.announce([id])).toContain('keeper')
  })

  it('are made to whoever comes, and what they bring is checked', async () => {
    const note = await signNote(me)
    const author = addPeer('author')
    await hold(author, note)
    const keeper = addPeer('keeper', [], { wants: () => true })
    network.connect('author', 'keeper')
    await network.settle()
    expect((await keeper.store.get(objectIdOf(note)))?.object).toEqual(note)
    addLiar('liar', () => new Uint8Array(9))
    network.connect('liar', 'keeper')
    const offer = encodeObjectsRequest({
      kind: 'offer',
      offers: [{ id: objectIdOf(note), updated: 2n ** 60n, bytes: 9 }],
    })
    const lying = network.add('offering liar')
    lying.requests.handle(OBJECTS, async function* () {
      yield new Uint8Array(3)
    })
    network.connect('offering liar', 'keeper')
    for await (const frame of lying.requests.request('keeper', OBJECTS, offer))
      expect([...frame]).toEqual([0])
    expect(keeper.lied).toEqual([['offering liar', 'OBJECTS_MESSAGE_INVALID']])
    expect((await keeper.store.get(objectIdOf(note)))?.object).toEqual(note)
  })

  it('and requests leave out what is denied', async () => {
    const note = await signNote(me)
    const isDenied = (id: ObjectId) => objectIdKey(id) === objectIdKey(objectIdOf(note))
    const keeper = addPeer('keeper', [], { wants: () => true, isDenied })
    await hold(keeper, note)
    const other = addPeer('other', ['keeper'])
    await expect(other.exchange.get(objectIdOf(note))).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' })
    await hold(other, note)
    expect(await other.exchange.announce([objectIdOf(note)])).toEqual([])
  })
})

describe('messages about objects', () => {
  it('round trip, with answers cut into frames', async () => {
    const ids = [objectIdOf(await signNote(me)), objectIdOf(await signNote(me, { id: 'b' }))]
    const request = { kind: 'get', ids } as const
    expect(decodeObjectsRequest(encodeObjectsRequest(request))).toEqual(request)
    const offer = { kind: 'offer', offers: [{ id: ids[0]!, updated: 7n, bytes: 3 }] } as const
    expect(decodeObjectsRequest(encodeObjectsRequest(offer))).toEqual(offer)
    const large = new Uint8Array(700_000).fill(5)
    const answers: ObjectAnswer[] = [large, 'lacks', 'later', new Uint8Array(1)]
    const four = [...ids, ...ids]
    let at = 0
    const frames = encodeObjectAnswers(four, async () => answers[at++]!)
    expect(await decodeObjectAnswers(frames, 4)).toEqual(answers)
  })

  it('leave for another request what is too much for one answer', async () => {
    const two = new Uint8Array(2 * 1024 * 1024)
    const ids = Array.from({ length: 6 }, () => new Uint8Array(32) as ObjectId)
    const answers = await decodeObjectAnswers(
      encodeObjectAnswers(ids, async () => two),
      6,
    )
    expect(answers.map((answer) => typeof answer)).toEqual([
      'object',
      'object',
      'object',
      'object',
      'string',
      'string',
    ])
  })

  it('that are cut, too long or of another kind are refused', async () => {
    const id = objectIdOf(await signNote(me))
    const good = encodeObjectsRequest({ kind: 'get', ids: [id] })
    const many = encodeObjectsRequest({ kind: 'get', ids: Array.from({ length: 257 }, () => id) })
    for (const bytes of [
      good.slice(0, 20),
      good.slice(0, 1),
      many,
      Uint8Array.of(2, ...id),
      new Uint8Array(),
    ]) {
      expect(() => decodeObjectsRequest(bytes)).toThrow('request about objects was refused')
    }
    const frames = async function* (bytes: readonly number[]) {
      yield Uint8Array.from(bytes)
    }
    for (const bytes of [[], [0, 0, 0, 1], [0, 0, 0, 0, 9], [0, 255, 255, 255]]) {
      await expect(decodeObjectAnswers(frames(bytes), 1)).rejects.toMatchObject({
        code: 'OBJECTS_MESSAGE_INVALID',
      })
    }
  })
})
