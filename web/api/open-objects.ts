import { peerIdFromString } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import type { Bytes } from '#core/bytes.ts'
import type { Address } from '#core/identity.ts'
import type { Timers } from '#core/timers.ts'
import { encodeDesc } from '#objects/desc.ts'
import type { ObjectId } from '#objects/object-id.ts'
import { createObjectKeyStore } from '#objects/object-key-store.ts'
import type { ObjectStore, StoredObject } from '#objects/object-store.ts'
import type { Content } from '#peer/content.ts'
import { createObjectExchange, type ObjectExchange } from '#peer/object-exchange.ts'
import type { ObjectKeyServerComponents } from '#peer/object-key-server.ts'
import { createObjectKeys } from '#peer/object-keys.ts'
import { findProviders } from '#peer/providing.ts'
import { systemTimers } from '#peer/system-timers.ts'
import type { PeerNode } from '#peer/types.ts'
import { createHandedKeys } from './handed-keys.ts'
import type { RelayState } from './network-types.ts'
import { createObjectCommands } from './object-commands.ts'
import type { ObjectsApi } from './object-types.ts'
import { createOfferedBytes } from './offered-bytes.ts'
import { type OpenObjectStoreInit, openObjectStore } from './open-object-store.ts'
import {
  createPublisher,
  type OwnObjects,
  type Publisher,
  type PublisherComponents,
  publishSourceOf,
} from './publisher.ts'
import { createSealOpener } from './restricted-files.ts'
import type { Seeder } from './seeder-types.ts'

export interface OpenObjectsInit
  extends Pick<OpenObjectStoreInit, 'records' | 'services'>,
    JoinObjectsInit,
    Pick<PublisherComponents, 'identity'> {
  readonly seeder: Pick<Seeder, 'add' | 'addFolder' | 'commands' | 'objectBlocks'>
  /** where the bytes of files are read; reading is told to the seeder there */
  readonly content: Pick<Content, 'read'>
  /** what is published: written here, read by everybody */
  readonly files: PublisherComponents['state']
  /** What a chain proves of who has paid ([CH7]). @default there is no chain, and readers alone get keys */
  readonly payments?: ObjectPayments | undefined
  /** what earlier pages left could not be read; it is tried again with the next start */
  readonly onFailure: (error: unknown) => void
}

/** Payments for models that show objects. */
export interface ObjectPayments {
  readonly isPaid: NonNullable<ObjectKeyServerComponents['isPaid']>
  /** The Model token by which a wallet may see an object of `author`; 0 for none. */
  readonly paidModel: (id: ObjectId, author: Address, who: Address) => Promise<number>
}

/** Objects of a peer: what is stored, who is asked, what is published, and the commands over all of it. */
export interface PeerObjects {
  readonly store: ObjectStore
  readonly exchange: ObjectExchange
  readonly publisher: Publisher
  readonly commands: ObjectsApi
  stop(): Promise<void>
}

/** Opens the profile's objects and joins with them. */
export function openObjects(node: PeerNode, init: OpenObjectsInit): PeerObjects {
  const { records, services, seeder, content, identity, files, payments, onFailure } = init
  const { network } = node.state.peek()
  const { timers = systemTimers } = init
  const rootOf = (id: string) => files.peek().published.find((item) => item.id === id)?.root
  const bytes = createOfferedBytes({
    port: node.blocks.port,
    timers,
    count: (root) => seeder.commands.check(root),
  })
  const store = openObjectStore({ network, records, services, blocks: seeder.objectBlocks })
  const exchange = joinObjects(node, store, init)
  const keys = createObjectKeyStore(records, randomBytes)
  const relays = () => connectedRelays(node)
  const own = { network, peerId: node.libp2p.peerId.toString() }
  const gate = createObjectKeys(
    {
      transport: node.transport,
      keys,
      identity: () => identity.get(),
      relays,
      randomBytes,
      findProviders: providersBy(node),
      ...(payments === undefined ? {} : { isPaid: payments.isPaid }),
    },
    own,
  )
  const handed = createHandedKeys(
    {
      transport: node.transport,
      keys,
      store: records,
      identity: () => identity.get(),
      async descOf(id) {
        const found = await store.get(id)
        return found && encodeDesc(found.object.desc)
      },
      relays,
      ownRelay: () => connectedTo(node).find(({ choice }) => choice !== undefined)?.peerId,
      async onKept(relay, id) {
        await started // what was published is read then
        const root = rootOf(id)
        if (root !== undefined) bytes.offer(relay, root)
      },
      state: files,
      timers,
    },
    own,
  )
  const paidModel = async ({ id, object }: StoredObject): Promise<number> => {
    const trust = await store.trust(object)
    const author = trust.level === 'owner' ? trust.people : undefined
    if (payments === undefined || author === undefined) return 0
    return payments.paidModel(id, author, (await identity.get()).neuron)
  }
  const openSeal = createSealOpener({ keys, gate, paidModel })
  const published = createPublisher({
    seeder,
    keys,
    randomBytes,
    store: records,
    identity,
    objects: createOwnObjects(store, exchange),
    state: files,
    now: Date.now,
  })
  /** Relays that have a key hear of its readers, and of its end. */
  const publisher: Publisher = {
    ...published,
    async publish(source, options) {
      const item = await published.publish(source, options)
      await handed.changed(item.id).catch(onFailure)
      return item
    },
    async unpublish(id) {
      await handed.leave(id) // before its key is gone here: the relay's is taken back, whatever happens to this page
      await published.unpublish(id)
      await handed.take(id).catch(onFailure)
    },
  }
  const started = Promise.all([store.start(), publisher.load(), handed.start()]).catch(onFailure)
  return {
    store,
    exchange,
    publisher,
    commands: {
      ...createObjectCommands({ store, exchange, content, openSeal }),
      publish: async (items, options = {}) => {
        await started
        return publisher.publish(publishSourceOf(items, options.name), options)
      },
      unpublish: (id) => publisher.unpublish(id),
      async giveKeyToRelay(id, relay) {
        const given = await handed.give(id, relay)
        const root = rootOf(given.id)
        if (root !== undefined) bytes.countSoon(root)
        return given
      },
      takeKeyFromRelay: (id, relay) => handed.take(id, relay),
    },
    async stop() {
      exchange.stop()
      gate.stop()
      handed.stop()
      bytes.stop()
      await started
    },
  }
}

function createOwnObjects(store: ObjectStore, exchange: ObjectExchange): OwnObjects {
  return {
    async keep(objects) {
      const ids: ObjectId[] = []
      for (const object of objects) ids.push((await store.put(object, { own: true })).id)
      void exchange.announce(ids, { named: ids.slice(0, 1) }).catch(() => {}) // peers that come later are told then
    },
    async letGo(ids) {
      for (const id of ids) await store.disown(id)
    },
  }
}

/** Peer ids of the relays that this peer is connected to. */
function connectedRelays(node: PeerNode): readonly string[] {
  return connectedTo(node).flatMap(({ peerId }) => (peerId === undefined ? [] : [peerId]))
}

function connectedTo({ state }: PeerNode): readonly RelayState[] {
  return state.peek().relays.filter(({ status }) => status === 'connected' || status === 'reserved')
}

interface JoinObjectsInit {
  readonly timers?: Timers
  readonly onMisbehaviour?: (peer: string, error: unknown) => void
}

function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** Peers whose provider records name a content, by their ids. */
function providersBy({ helia, libp2p }: PeerNode) {
  return async function* (cid: CID, signal: AbortSignal): AsyncGenerator<string> {
    for await (const peer of findProviders(helia.routing, libp2p.peerId, cid, signal)) yield peer.toString()
  }
}

/** They are asked for and answered from now on. */
function joinObjects(
  node: PeerNode,
  store: ObjectStore,
  { timers = systemTimers, onMisbehaviour }: JoinObjectsInit = {},
): ObjectExchange {
  const { transport, libp2p, state, provide } = node
  return createObjectExchange(
    {
      transport,
      store,
      findProviders: providersBy(node),
      provide: (cid) => provide(cid.toString()),
      roundTripOf: (peer) =>
        libp2p.getConnections(peerIdFromString(peer)).find(({ rtt }) => rtt !== undefined)?.rtt,
      timers,
    },
    {
      network: state.peek().network,
      ...(onMisbehaviour === undefined ? {} : { onMisbehaviour }),
    },
  )
}
