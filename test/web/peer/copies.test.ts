import * as dagPb from '@ipld/dag-pb'
import { MemoryBlockstore } from 'blockstore-core'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Bytes, collectBytes } from '#core/bytes.ts'
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
}

/** A peer that is connected to all that were added before. */
async function addPeer(id: string, device: number, others: readonly TestPeer[] = []): Promise<TestPeer> {
  const transport = network.add(id)
  const blockstore = new MemoryBlockstore()
  const identity = await fakeIdentity(device)
  const random = createRandom(BigInt(device))
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
      now: () => now,
      random,
    },
  )
  for (const other of others) network.connect(id, other.id)
  return { id, transport, blockstore, identity, copies }
}

async function addFile(peer: TestPeer, bytes = 700 * KIB): Promise<string> {
  const content = new Uint8Array(bytes).map((_, i) => (i * 7) ^ (i >> 9) ^ (i >> 17)) // no two chunks alike
  const helia = { blockstore: peer.blockstore }
  return (await createContent({ helia, provide: async () => {} }).add(content)).cid
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
    const proofs = await asker.copies.check(root)
    expect(proofs).toHaveLength(1)
    expect(proofs[0]).toMatchObject({ device: deviceOf(holder), kind: 'tab', checkedAt: TEST_NOW })
    expect((await holder.copies.check(root)).map(({ device }) => device)).toEqual([deviceOf(asker)])
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
    expect(await asker.copies.check(root)).toMatchObject([
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
      proved += (await asker.copies.check(root)).length
      now += 60_000
    }
    // about half of the challenges hit a leaf that is not there
    expect(proved).toBeGreaterThan(8)
    expect(proved).toBeLessThan(32)
  })

  it('refuses a good answer in which any one bit is wrong', async () => {
    const asker = await addPeer('asker', 1)
    const holder = await addPeer('holder', 2)
    const root = await addFile(asker)
    await addFile(holder)
    let corrupt = (answer: Bytes): Uint8Array => answer
    const liar = network.add('liar')
    network.connect('liar', 'asker')
    // what the holder would have said, had it been asked under the liar's name
    serveCopies(
      {
        requests: {
          ...liar.requests,
          handle: (protocol, handler) =>
            liar.requests.handle(protocol, async function* (request, from) {
              for await (const frame of handler(request, from)) yield corrupt(frame as Bytes)
            }),
        },
        blockstore: holder.blockstore,
      },
      { network: 'test', peerId: 'liar', device: async () => holder.identity.device, now: () => now },
    )
    const check = async () => {
      now += 60_000 // or it would be asked too often
      return (await asker.copies.check(root)).length
    }
    expect(await check()).toBe(1)
    const length = 1 + 32 + 32 + 64
    for (let byte = 0; byte < length; byte++) {
      corrupt = (answer) => answer.map((value, i) => (i === byte ? value ^ (1 << (byte % 8)) : value))
      expect(await check(), `byte ${byte}`).toBe(0)
    }
    for (const wrong of [
      (answer: Bytes) => answer.subarray(1),
      (answer: Bytes) => Uint8Array.of(...answer, 0),
    ]) {
      corrupt = wrong
      expect(await check()).toBe(0)
    }
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
    expect(await asker.copies.check(root)).toEqual([])
    change = (request) => {
      const challenge = decodeCopiesRequest(request)
      return encodeCopiesRequest({ ...challenge, nonce: challenge.nonce.map((byte) => byte ^ 1) })
    }
    expect(await asker.copies.check(root)).toEqual([])
    change = (request) => encodeCopiesRequest({ ...decodeCopiesRequest(request), block: CID.parse(root) })
    expect(await asker.copies.check(root)).toEqual([])
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
    expect(await other.copies.check(root)).toHaveLength(1)
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
    expect(await asker.copies.check(root)).toHaveLength(1)
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
