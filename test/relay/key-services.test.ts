import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandedKeys } from '#api/handed-keys.ts'
import { createFilesState } from '#api/lazy-objects.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import { encodeIntent } from '#chain/wallet/write-intents.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { collectBytes, equalBytes, toHex } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { encodeDesc, objectIdOfDesc } from '#objects/desc.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { formatObjectId, parseObjectId } from '#objects/object-id.ts'
import { createDesc } from '#objects/object-type.ts'
import { fileType } from '#objects/types/file.ts'
import { createObjectKeys } from '#peer/object-keys.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { describeMissingAnvil, findAnvil } from '#relay/local-chain/anvil.ts'
import { startRecordServices } from '#relay/record-services.ts'
import { startLandChain } from '../e2e/harness/chain.ts'
import { fakeIdentity } from '../fakes/identity.ts'
import { createMemoryRecordStore } from '../fakes/memory-record-store.ts'
import { randomBytes } from '../fakes/object-peers.ts'
import { addressOf, createPeerFixtures, isReserved, until } from '../web/peer/peer-fixtures.ts'
import { createFixtures, type Fixtures } from './fixtures.ts'
import { createNodePeers } from './node-peers.ts'

const fixtures = createFixtures()
const peers = createNodePeers()
const plain = createPeerFixtures()

afterEach(async () => {
  await peers.stop()
  await plain.stop()
  await fixtures.stop()
})

const startRelay = (flags: readonly string[] = [], init: Parameters<Fixtures['relay']>[1] = {}) =>
  fixtures.relay(['--network', 'test', ...flags], { services: startRecordServices, ...init })

const SOON = { timeout: 25_000, interval: 250 }

describe('[CH7] a relay with --keys', () => {
  it('[OB11] gives a reader the key of who has left, after it began anew, until that one takes it back', async () => {
    const { relay, dataDir, logged } = await startRelay(['--keys', '1MiB'])
    const profiles = await Promise.all([1, 2].map(() => peers.makeProfile()))
    const [author, reader] = await Promise.all(profiles.map((profile) => peers.join(relay.httpUrl, profile)))
    const wallet = await reader!.tabland.wallet.address()
    await reader!.stop()
    const item = await author!.tabland.objects.publish(new Blob(['for you alone']), {
      name: 'letter.txt',
      readers: [wallet],
    })
    await author!.synced()
    const given = await author!.tabland.objects.giveKeyToRelay(item.id)
    expect(given).toMatchObject({ id: item.id, relay: relay.peerId.toString(), payers: false })
    expect(author!.tabland.state.files.value.handed).toEqual([given])
    expect(logged.join('\n')).toContain('it knows no chain')
    expect(relay.stats().records?.keys?.keys).toBe(1)
    // somebody keeps the sealed bytes, and the relay the object
    const keepers = await peers.makeProfile()
    const keeper = await peers.join(relay.httpUrl, keepers)
    await keeper.tabland.seed.pin(item.root)
    await expect
      .poll(() => author!.objects.exchange.announce([parseObjectId(item.id)]), SOON)
      .toContain(relay.peerId.toString())
    await Promise.all([author!.stop(), keeper.stop()])
    await relay.stop()

    const { relay: again } = await startRelay(['--keys', '1MiB', '--data', dataDir])
    expect(again.stats().records?.keys?.keys).toBe(1)
    const late = await peers.join(again.httpUrl, profiles[1])
    await expect
      .poll(() => late.tabland.objects.open(item.link).catch(() => undefined), SOON)
      .toMatchObject({ name: 'letter.txt', bytes: 13, restricted: { readable: true } })
    await peers.join(again.httpUrl, keepers)
    const read = () => collectBytes(late.tabland.objects.read(item.link)).catch(() => new Uint8Array())
    await expect.poll(async () => Buffer.from(await read()).toString(), SOON).toBe('for you alone')
    const stranger = await peers.join(again.httpUrl)
    await expect
      .poll(() => stranger.tabland.objects.open(item.link).catch(() => undefined), SOON)
      .toMatchObject({ restricted: { readable: false, failure: { code: 'OBJECT_KEY_REFUSED' } } })

    const back = await peers.join(again.httpUrl, profiles[0])
    await back.synced()
    await expect.poll(() => back.tabland.state.files.value.handed).toHaveLength(1)
    await back.tabland.objects.takeKeyFromRelay(item.id)
    expect(back.tabland.state.files.value.handed).toEqual([])
    expect(again.stats().records?.keys?.keys).toBe(0)
    expect(await readdir(join(dataDir, 'keys'))).toEqual([])
    await back.stop()
    expect(await stranger.tabland.objects.open(item.link)).toMatchObject({
      restricted: { readable: false, failure: { code: 'OBJECT_KEY_NOT_FOUND' } },
    })
  }, 120_000)

  it('keeps a copy of the sealed bytes, that a reader has while nobody else is here', async () => {
    const { relay } = await startRelay(['--keys', '1MiB'])
    const readers = await peers.makeProfile()
    const [author, reader] = await Promise.all([
      peers.join(relay.httpUrl),
      peers.join(relay.httpUrl, readers),
    ])
    const wallet = await reader.tabland.wallet.address()
    await reader.stop()
    const sealed = new Uint8Array(600_000).fill(7)
    const item = await author.tabland.objects.publish(new Blob([sealed]), {
      name: 'a.bin',
      readers: [wallet],
    })
    await author.synced()
    await author.tabland.objects.giveKeyToRelay(item.id)
    const copies = () => author.tabland.state.seed.value.items.find(({ cid }) => cid === item.root)?.copies
    await expect.poll(copies, { ...SOON, timeout: 60_000 }).toBe(1)
    await expect.poll(() => relay.stats().content?.fetched, SOON).toBe(1)
    await expect
      .poll(() => author.objects.exchange.announce([parseObjectId(item.id)]), SOON)
      .toContain(relay.peerId.toString())
    await author.stop()
    const late = await peers.join(relay.httpUrl, readers)
    const read = () => collectBytes(late.tabland.objects.read(item.link)).catch(() => new Uint8Array())
    await expect.poll(async () => equalBytes(await read(), sealed), SOON).toBe(true)
  }, 120_000)

  it('takes none unless it is told to, and a page says what its operator can do', async () => {
    const { relay, dataDir } = await startRelay()
    const author = await peers.join(relay.httpUrl)
    const { id } = await author.tabland.objects.publish(new Blob(['mine']), { readers: [] })
    await author.synced()
    await expect(author.tabland.objects.giveKeyToRelay(id)).rejects.toMatchObject({
      code: 'KEY_RELAY_REFUSED',
      message: expect.stringContaining('--keys'),
    })
    expect(author.tabland.state.files.value.handed).toEqual([])
    expect(relay.stats().records?.keys).toBeUndefined()
    expect(await readdir(dataDir)).not.toContain('keys')
  }, 60_000)

  it('says that it has some of before, which it gives to nobody now', async () => {
    const { relay, dataDir, logged } = await startRelay()
    expect(logged.join('\n')).not.toContain('keys')
    await relay.stop()
    await mkdir(join(dataDir, 'keys'))
    await writeFile(join(dataDir, 'keys', 'a.key'), 'sealed')
    const again = await startRelay(['--data', dataDir])
    expect(again.logged.join('\n')).toContain(`${join(dataDir, 'keys')} has keys that owners gave`)
  })
})

describe('[CH7] a relay with --keys and a chain', () => {
  beforeEach((context) => {
    if (findAnvil() === undefined) context.skip(describeMissingAnvil())
  })

  it('gives the key to who has paid while the owner is gone, by its own look at the chain', async () => {
    const world = await startLandChain()
    try {
      const now = Math.floor(Date.now() / 1_000)
      const change = { notBefore: now - 3_600, notAfter: now + 86_400 }
      const [owner, payer] = [await fakeIdentity(1, { change }), await fakeIdentity(3, { change })]
      const { chain, facts } = world
      const { client } = chain
      const at = facts.contracts as Readonly<Record<string, `0x${string}`>>
      const [seller, buyer] = [owner, payer].map(({ neuron }) => `0x${toHex(neuron)}` as const)
      for (const address of [seller!, buyer!]) {
        await client.impersonateAccount({ address })
        await client.setBalance({ address, value: 10n ** 18n })
      }
      const send = async (intent: WriteIntent, account: `0x${string}`): Promise<void> => {
        const { to, data } = encodeIntent(intent, at)
        await chain.mined(client.sendTransaction({ account, to, data: data() }))
      }
      const owned = { owner: impliedIdentity(owner.delegation).peopleId }
      const desc = createDesc(fileType, { length: 3n, hash: randomBytes(32) }, owned)
      const id = objectIdOfDesc(desc)
      const [object, key] = [formatObjectId(id), randomBytes(32)]
      await send({ kind: 'mint-model', root: textCid('sealed bytes'), object, royalty: 0 }, seller!)
      const offer = { thing: 'model', id: 1, durationSeconds: 0 } as const
      await send({ kind: 'set-offer', ...offer, priceWei: 7n }, seller!)
      await send({ kind: 'sell-model', model: 1, isForSale: true }, seller!)

      const { relay, logged } = await startRelay(['--keys', '1MiB'], { whenChain: async () => facts })
      const name = relay.peerId.toString()
      const join = async () => {
        const node = await plain.join({ relays: [addressOf(relay)] })
        await until(node.state, isReserved)
        return { node, init: { network: 'test', peerId: node.libp2p.peerId.toString() } as const }
      }
      const home = await join()
      const handed = createHandedKeys(
        {
          transport: home.node.transport,
          keys: { get: async () => ({ key, readers: [owner.neuron] }) },
          store: createMemoryRecordStore(),
          identity: async () => owner,
          descOf: async () => encodeDesc(desc),
          relays: () => [name],
          ownRelay: () => name,
          state: createFilesState(),
          timers: systemTimers,
        },
        home.init,
      )
      expect(await handed.give(object)).toMatchObject({ relay: name, payers: true })
      await home.node.stop()

      const { node, init } = await join()
      const keys = createObjectKeys(
        {
          transport: node.transport,
          keys: { get: async () => undefined },
          identity: async () => payer,
          relays: () => [name],
          randomBytes,
          async *findProviders() {},
        },
        init,
      )
      const wanted = {
        ...{ id, ...owned, model: async () => 1 },
        isRight: async (given: Uint8Array) => equalBytes(given, key),
      }
      await expect(keys.ask(wanted)).rejects.toMatchObject({
        code: 'OBJECT_KEY_REFUSED',
        message: expect.stringContaining('has not paid'),
      })
      const cybr = chain.at(cybrAbi, at.cybr!)
      await chain.mined(cybr.write.transfer([buyer!, 7n], { account: chain.accounts[0]! }))
      await chain.mined(cybr.write.approve([at.access!, 7n], { account: buyer! }))
      await send({ kind: 'pay-access', ...offer, amountWei: 7n }, buyer!)
      expect(await keys.ask(wanted)).toEqual({ key, until: 0 })
      expect(logged.join('\n')).not.toContain('it knows no chain')
      keys.stop()
    } finally {
      await world.stop()
    }
  }, 120_000)
})
