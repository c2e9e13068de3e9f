import { expect } from 'vitest'
import { createFilesState } from '#api/lazy-objects.ts'
import { createObjectCommands, type ObjectCommands } from '#api/object-commands.ts'
import { createPublisher, type Publisher } from '#api/publisher.ts'
import { createSealOpener } from '#api/restricted-files.ts'
import { AppError } from '#core/errors.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { createContent } from '#peer/content.ts'
import { fakeIdentity } from './identity.ts'
import { openTestKeys, openTestObjects, randomBytes, type TestObjects } from './object-peers.ts'
import { createFakeProfile, type FakeProfile, type FakeSeedTab } from './seed-profile.ts'

export interface ObjectCommandPeers {
  readonly profile: FakeProfile
  readonly tab: FakeSeedTab
  readonly author: TestObjects
  readonly reader: TestObjects
  readonly publisher: Publisher
  readonly commands: ObjectCommands
  /** CIDs of the blocks that reading took, and the roots by which their holders are looked for */
  blocksRead: string[]
  readonly within: (string | undefined)[]
  /** objects that were asked of peers */
  readonly asked: string[]
  /** the reader is given no key */
  isStranger: boolean
  keysAsked: number
  /** of the key that is given: unix seconds, 0 without end */
  paidUntil: number
  /** unix ms of the reader */
  readersNow: number
  whenAsked: () => void
}

/** An author who publishes in a tab, and the commands of a reader who asks them for objects, blocks and keys. */
export async function openObjectCommands(): Promise<ObjectCommandPeers> {
  const profile = createFakeProfile()
  const tab = await profile.open()
  const author = openTestObjects({ now: () => profile.now })
  const reader = openTestObjects({ now: () => profile.now })
  const publisher = createPublisher({
    seeder: tab.seeder,
    keys: openTestKeys(profile.records),
    randomBytes,
    store: profile.records,
    identity: { get: () => fakeIdentity(1) },
    objects: {
      keep: async (all) => {
        for (const object of all) await author.store.put(object, { own: true })
      },
      letGo: async () => {},
    },
    state: createFilesState(),
    now: () => profile.now,
  })
  const peers = {
    blocksRead: [] as string[],
    within: [] as (string | undefined)[],
    asked: [] as string[],
    isStranger: false,
    keysAsked: 0,
    paidUntil: 0,
    readersNow: 0,
    whenAsked: () => {},
  }
  const { blockstore } = tab.seeder
  const content = createContent({
    helia: {
      blockstore: {
        put: blockstore.put.bind(blockstore),
        has: blockstore.has.bind(blockstore),
        get(cid, options) {
          peers.blocksRead.push(cid.toString())
          return blockstore.get(cid, options)
        },
      },
    },
    provide: async () => {},
  })
  const commands = createObjectCommands({
    store: reader.store,
    exchange: {
      async get(id) {
        const here = await reader.store.get(id)
        if (here !== undefined) return here
        peers.asked.push(formatObjectId(id))
        const found = await author.store.get(id)
        if (found === undefined) throw new Error('nobody has it')
        return reader.store.put(found.bytes, { requested: id })
      },
      announce: async () => [],
    },
    content: {
      read(cid, options) {
        peers.within.push(options?.within)
        return content.read(cid, options)
      },
    },
    openSeal: createSealOpener({
      keys: openTestKeys(reader.records),
      gate: {
        async ask({ id, isRight }) {
          peers.keysAsked += 1
          peers.whenAsked()
          if (peers.isStranger) throw new AppError('OBJECT_KEY_REFUSED', 'Not among the readers.')
          const { key } = (await openTestKeys(profile.records).get(id))!
          expect(await isRight(randomBytes(32))).toBe(false)
          expect(await isRight(key)).toBe(true)
          return { key, until: peers.paidUntil }
        },
      },
      now: () => peers.readersNow,
    }),
  })
  return Object.assign(peers, { profile, tab, author, reader, publisher, commands })
}
