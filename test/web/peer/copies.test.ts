import * as dagPb from '@ipld/dag-pb'
import { MemoryBlockstore } from 'blockstore-core'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Bytes, collectBytes } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import type { Identity } from '#core/identity.ts'
import { protocolsOf } from '#core/network.ts'
import type { KeepRequest } from '#core/seeding.ts'
import { createContent } from '#peer/content.ts'
import { type CopyPeers, createCopies } from '#peer/copies.ts'
import { serveCopies } from '#peer/copies-server.ts'
import { decodeCopiesAnswer, decodeCopiesRequest, encodeCopiesRequest } from '#peer/protocols/copies.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFakeNetwork, createRandom, type FakeNetwork } from '#test/fakes/network.ts'

const { copies: COPIES } = protocolsOf('test')
const KIB = 1024
const HOUR_MS = 60 * 60 * 1_000

let network: FakeNetwork
let now: number

beforeEach(() => {
  network = createFakeNetwork(1n)
  now = TEST_NOW
})

interface TestPeer {
  readonly id: string
  readonly transport: ReturnType<FakeNetwork['add']>
  readonly blockstore: MemoryBlockstore
  readonly identity: Identity
  readonly copies: CopyPeers
  readonly misbehaved: { peer: string; error: AppError }[]
}

/** A peer that is connected to all that were added before. */
async function addPeer(id: string, device: number, others: readonly TestPeer[] = []): Promise<TestPeer> {
  const transport = network.add(id)
  const blockstore = new MemoryBlockstore()
  const identity = await fakeIdentity(device)
  const random = createRandom(BigInt(device))
  const misbehaved: TestPeer['misbehaved'] = []
  const copies = createCopies(
    {
      transport,
      blockstore,
      findProviders: async function* () {},
      kindOf: (peer) => (peer.startsWith('relay') ? 'relay' : 'tab'),
    },
    {
      network: 'test',
      peerId: id,
      device: async () => identity.device,
      identity: async () => identity,
      onMisbehaviour: (peer, error) => misbehaved.push({ peer, error }),
      now: () => now,
      random,
    },
  )
  for (const other of others) network.connect(id, other.id)
  return { id, transport, blockstore, identity, copies, misbehaved }
}

async function addFile(peer: TestPeer, bytes = 700 * KIB): Promise<string> {
  const content = new Uint8Array(bytes).map((_, i) => (i * 7) ^ (i >> 9) ^ (i >> 17)) // no two chunks alike
  const helia = { blockstore: peer.blockstore }
  return (await createContent({ helia, provide: async () => {} }).add(content)).cid
}

interface Lie {
  /** frames in place of the answer of an honest peer */
  tell: (answer: Bytes) => readonly Bytes[]
  asked: number
}

/** An asker with a file, and a peer that has it too and says of it what it is told to say. */
async function addLiar(): Promise<{ asker: TestPeer; root: string; lie: Lie }> {
  const asker = await addPeer('asker', 1)
  const holder = await addPeer('holder', 2)
  const root = await addFile(asker)
  await addFile(holder)
  const lie: Lie = { tell: (answer) => [answer], asked: 0 }
  const liar = network.add('liar')
  network.connect('liar', 'asker')
  // what the holder would have said, had it been asked under the liar's name
  serveCopies(
    {
      requests: {
        ...liar.requests,
        handle: (protocol, handler) =>
          liar.requests.handle(protocol, async function* (request, from) {
            lie.asked += 1
            for await (const frame of handler(request, from)) yield* lie.tell(frame as Bytes)
          }),
      },
      blockstore: holder.blockstore,
    },
    { network: 'test', peerId: 'liar', device: async () => holder.identity.device, now: () => now },
  )
  return { asker, root, lie }
}

const deviceOf = ({ identity }: TestPeer) => base58btc.baseEncode(identity.device.publicKey)

describe('[SE6] copies', () => {
  it('counts who proves access, each device once, the own one left out', async () => {
    const asker = await addPeer('asker', 1)
    const holder = await addPeer('holder', 2, [asker])
    const sameDevice = await addPeer('holder’s other tab', 2, [asker])
    const ownOtherTab = await addPeer('asker’s other tab', 1, [asker])
    const empty = await addPeer('empty', 3, [asker])
    let root = ''
    for (const peer of [asker, holder, sameDevice, ownOtherTab]) root = await addFile(peer)
    const { holders: proofs } = await asker.copies.check(root)
    expect(proofs).toHaveLength(1)
    expect(proofs[0]).toMatchObject({ device: deviceOf(holder), kind: 'tab', checkedAt: TEST_NOW })
    expect((await holder.copies.check(root)).holders.map(({ device }) => device)).toEqual([deviceOf(asker)])
    await expect(empty.copies.check(root)).rejects.toMatchObject({ code: 'COPIES_NOTHING_HERE' })
  })

  it('counts a relay, which has no device, by its peer id', async () => {
    const asker = await addPeer('asker', 1)
    const root = await addFile(asker)
    const transport = network.add('relay1')
    const blockstore = new MemoryBlockstore()
    await createContent({ helia: { blockstore }, provide: async () => {} }).putBlocks([])
    for await (const { cid, bytes } of asker.blockstore.getAll()) await blockstore.put(cid, bytes as never)
    serveCopies({ requests: transport.requests, blockstore }, { network: 'test', peerId: 'relay1' })
    network.connect('asker', 'relay1')
    expect((await asker.copies.check(root)).holders).toMatchObject([
      { device: 'relay1', peerId: 'relay1', kind: 'relay' },
    ])
  })

  it('finds out one that lacks leaves: it asks for random ones, by their share of the bytes', async () => {
    const asker = await addPeer('asker', 1)
    const half = await addPeer('half', 2, [asker])
    const root = await addFile(asker, 20 * 256 * KIB)
    await addFile(half, 20 * 256 * KIB)
    const node = dagPb.decode(await collectBytes(half.blockstore.get(CID.parse(root))))
    for (const [i, { Hash }] of node.Links.entries()) if (i % 2 === 0) await half.blockstore.delete(Hash)
    let proved = 0
    for (let i = 0; i < 40; i++) {
      proved += (await asker.copies.check(root)).holders.length
      now += 60_000
    }
    // about half of the challenges hit a leaf that is not there
    expect(proved).toBeGreaterThan(8)
    expect(proved).toBeLessThan(32)
  })

  it('refuses a good answer in which any one bit is wrong', async () => {
    const { asker, root, lie } = await addLiar()
    const check = async (corrupt: (answer: Bytes) => readonly Bytes[]) => {
      lie.tell = corrupt
      asker.misbehaved.length = 0
      now += HOUR_MS // a liar of an hour ago is asked again
      const found = await asker.copies.check(root)
      return [found.holders.length, found.liars, asker.misbehaved.map(({ peer }) => peer)]
    }
    const honest = [1, [], []]
    const caught = [0, ['liar'], ['liar']]
    expect(await check((answer) => [answer])).toEqual(honest)
    const length = 1 + 32 + 32 + 64
    for (let byte = 0; byte < length; byte++) {
      const flip = (answer: Bytes) =>
        answer.map((value, i) => (i === byte ? value ^ (1 << (byte % 8)) : value))
      expect(await check((answer) => [flip(answer)]), `byte ${byte}`).toEqual(caught)
    }
    expect(await check((answer) => [answer.subarray(1)])).toEqual(caught)
    expect(await check((answer) => [Uint8Array.of(...answer, 0)])).toEqual(caught)
    expect(await check((answer) => [answer])).toEqual(honest)
  })

  it.each<readonly [string, (answer: Bytes) => readonly Bytes[], boolean]>([
    ['a proof of other bytes', (answer) => [answer.with(5, answer[5]! ^ 0x80) as Bytes], true],
    ['another device’s signature', (answer) => [answer.with(128, answer[128]! ^ 1) as Bytes], true],
    ['no device where one signed', (answer) => [Uint8Array.of(1, ...answer.subarray(1, 33))], true],
    ['an unknown status', () => [Uint8Array.of(9)], true],
    ['a proof that is cut off', (answer) => [answer.subarray(0, 40)], true],
    ['nothing, as when it leaves', () => [], false],
    ['that it lacks it', () => [Uint8Array.of(0)], false],
    ['that it is busy', () => [Uint8Array.of(3)], false],
  ])('counts whoever answers with %s as what it is', async (_, tell, isLie) => {
    const { asker, root, lie } = await addLiar()
    lie.tell = tell
    const lied = isLie ? ['liar'] : []
    expect(await asker.copies.check(root)).toEqual({ holders: [], liars: lied })
    expect(asker.misbehaved.map(({ peer }) => peer)).toEqual(lied)
    for (const { error } of asker.misbehaved) {
      expect(error.code).toBe('COPIES_FORGED')
      expect(error.message).toMatch(/^Peer …liar gave a false proof .* not asked again for an hour\.$/)
    }
  })

  it('asks a liar nothing for an hour, neither for proof nor to keep something', async () => {
    const { asker, root, lie } = await addLiar()
    lie.tell = () => [Uint8Array.of(9)]
    expect(await asker.copies.check(root)).toEqual({ holders: [], liars: ['liar'] })
    const { asked } = lie
    lie.tell = () => [Uint8Array.of(0)] // as one who may be asked to keep it
    now += HOUR_MS - 1
    expect(await asker.copies.check(root)).toEqual({ holders: [], liars: ['liar'] })
    expect(await asker.copies.askToKeep({ root, bytes: 700 * KIB, wanted: 3 })).toEqual([])
    expect(lie.asked).toBe(asked)
    expect(asker.misbehaved).toHaveLength(1)
    now += 1
    expect(await asker.copies.check(root)).toEqual({ holders: [], liars: [] })
    expect(lie.asked).toBe(asked + 1)
  })

  it('refuses an answer that was made for another asker, peer, nonce or block', async () => {
    const asker = await addPeer('asker', 1)
    const holder = await addPeer('holder', 2)
    const third = await addPeer('third', 3, [holder])
    const root = await addFile(asker)
    await addFile(holder)
    // hands every challenge on to the holder and passes its answer off as its own
    const proxy = network.add('proxy')
    network.connect('proxy', 'asker')
    network.connect('proxy', 'holder')
    let change = (request: Bytes): Bytes => request
    proxy.requests.handle(COPIES, (request) => proxy.requests.request('holder', COPIES, change(request)))
    const caught = { holders: [], liars: ['proxy'] }
    expect(await asker.copies.check(root)).toEqual(caught)
    change = (request) => {
      const challenge = decodeCopiesRequest(request)
      return encodeCopiesRequest({ ...challenge, nonce: challenge.nonce.map((byte) => byte ^ 1) })
    }
    now += HOUR_MS
    expect(await asker.copies.check(root)).toEqual(caught)
    change = (request) => encodeCopiesRequest({ ...decodeCopiesRequest(request), block: CID.parse(root) })
    now += HOUR_MS
    expect(await asker.copies.check(root)).toEqual(caught)
    expect(asker.misbehaved.map(({ peer }) => peer)).toEqual(['proxy', 'proxy', 'proxy'])
    expect(await third.copies.check(root).catch(({ code }) => code)).toBe('COPIES_NOTHING_HERE')
  })

  it('answers nobody without limit, and says nothing of what it has then', async () => {
    const holder = await addPeer('holder', 2)
    const root = await addFile(holder)
    const greedy = await addPeer('greedy', 3, [holder])
    const block = CID.parse(root)
    let reads = 0
    const get = holder.blockstore.get.bind(holder.blockstore)
    holder.blockstore.get = (...args) => {
      reads++
      return get(...args)
    }
    const statuses: string[] = []
    for (let i = 0; i < 100; i++) {
      const request = encodeCopiesRequest({ root: block, block, nonce: new Uint8Array(32) })
      for await (const frame of greedy.transport.requests.request('holder', COPIES, request)) {
        statuses.push(decodeCopiesAnswer(frame).status)
      }
    }
    expect(statuses.filter((status) => status === 'proof')).toHaveLength(32)
    expect(statuses.filter((status) => status === 'busy')).toHaveLength(68)
    expect(reads).toBe(32)
    now += 1_000
    const other = await addPeer('other', 4, [holder])
    await addFile(other)
    expect((await other.copies.check(root)).holders).toHaveLength(1)
  })

  it('ends a stream of bad bytes and nothing else', async () => {
    const holder = await addPeer('holder', 2)
    const asker = await addPeer('asker', 1, [holder])
    const root = await addFile(holder)
    await addFile(asker)
    for (const bytes of [[], [0], [200, 1, 2], [34, ...new Array(200).fill(18)]]) {
      const answer = async () => {
        for await (const _ of asker.transport.requests.request('holder', COPIES, Uint8Array.from(bytes)));
      }
      await expect(answer()).rejects.toMatchObject({ code: 'COPIES_INVALID' })
    }
    expect((await asker.copies.check(root)).holders).toHaveLength(1)
  })
})

describe('[SE6] asking to keep', () => {
  it('asks those that lack it, as many as are wanted, and hears their reasons', async () => {
    const asker = await addPeer('asker', 1)
    const holder = await addPeer('holder', 2, [asker])
    const root = await addFile(asker)
    await addFile(holder)
    const wishes: KeepRequest[] = []
    holder.copies.onWish(async () => true)
    const full = await addPeer('full', 3, [asker])
    full.copies.onWish(async () => ({ refused: 'I have no room left.' }))
    for (const [i, id] of ['a', 'b', 'c'].entries()) {
      const peer = await addPeer(id, 10 + i, [asker])
      peer.copies.onWish(async (wish) => {
        wishes.push(wish)
        return true
      })
    }
    await addPeer('takes no wishes', 20, [asker])
    const answers = await asker.copies.askToKeep({ root, bytes: 700 * KIB, wanted: 2 })
    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(2)
    for (const answer of answers) {
      if (!answer.accepted)
        expect(answer).toEqual({ peer: 'full', accepted: false, reason: 'I have no room left.' })
    }
    expect(answers.some(({ peer }) => peer === 'holder')).toBe(false)
    expect(wishes).toHaveLength(2)
    expect(wishes[0]).toMatchObject({ root, bytes: 700 * KIB, device: deviceOf(asker), peer: 'asker' })
    expect(wishes[0]?.neuron).toMatch(/^0x[0-9a-fA-F]{40}$/)
  })

  it('[SE6] the other side’s clock or a failure there is a refusal with its sentence', async () => {
    const asker = await addPeer('asker', 1)
    const root = await addFile(asker)
    const broken = await addPeer('broken', 2, [asker])
    broken.copies.onWish(async () => {
      throw new Error('secret path /home/me')
    })
    const [answer] = await asker.copies.askToKeep({ root, bytes: 1, wanted: 1 })
    expect(answer).toEqual({
      peer: 'broken',
      accepted: false,
      reason: 'This peer could not look into it. Ask again later.',
    })
  })
})
