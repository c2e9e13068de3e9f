import { createHash } from 'node:crypto'
import type { Signal } from '@preact/signals'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFilesState } from '#api/lazy-objects.ts'
import type { FilesState } from '#api/object-types.ts'
import { createPublisher, type Publisher, type PublishSource, publishSourceOf } from '#api/publisher.ts'
import { type Bytes, collectBytes } from '#core/bytes.ts'
import { createDelegationVerifier, formatAddress } from '#core/delegation.ts'
import { CHUNK_BYTES } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { createKeyVerifier } from '#objects/key-verifier.ts'
import { decodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { chunkId, formatObjectId, type ObjectId, parseObjectId } from '#objects/object-id.ts'
import { readContent } from '#objects/object-type.ts'
import { decodeFolderTable, folderTableEnd } from '#objects/sealed-folder.ts'
import { importSealKey, layoutOfPlain, layoutOfSealed, unseal } from '#objects/sealed-segments.ts'
import { dirType } from '#objects/types/dir.ts'
import { fileType } from '#objects/types/file.ts'
import { verifyObject } from '#objects/verify-object.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { openTestKeys, openTestObjects, randomBytes, type TestObjects } from '#test/fakes/object-peers.ts'
import {
  createFakeProfile,
  type FakeProfile,
  type FakeSeedTab,
  makeContent,
} from '#test/fakes/seed-profile.ts'

let profile: FakeProfile
let tab: FakeSeedTab
let publisher: Publisher
let objects: TestObjects
let files: Signal<FilesState>

beforeEach(async () => {
  profile = createFakeProfile()
  objects = openTestObjects({ now: () => profile.now })
  ;({ tab, publisher } = await openTab())
})

afterEach(() => tab.stop())

async function openTab(): Promise<{ tab: FakeSeedTab; publisher: Publisher }> {
  const tab = await profile.open()
  files = createFilesState()
  const identity = { get: () => fakeIdentity(1) }
  const { seeder } = tab
  return {
    tab,
    publisher: createPublisher({
      seeder,
      keys: openTestKeys(profile.records),
      randomBytes,
      store: profile.records,
      identity,
      objects: {
        keep: async (all) => {
          for (const object of all) await objects.store.put(object, { own: true })
        },
        letGo: async (ids) => {
          for (const id of ids) await objects.store.disown(id)
        },
      },
      state: files,
      now: () => profile.now,
    }),
  }
}

async function made(id: string): Promise<NamedObject> {
  return (await objects.store.get(parseObjectId(id)))!.object
}

async function trustOf(object: NamedObject, requested: ObjectId): Promise<string> {
  const components = {
    keys: createKeyVerifier(),
    delegations: createDelegationVerifier(),
    machine: machineOf('test'),
    now: () => profile.now,
  }
  return (await verifyObject(object, components, { requested })).level
}

const FOLDER = [
  { path: 'index.html', content: new Blob(['<img src="img/a.png">']) },
  { path: 'img/a.png', content: makeContent(1_000, 2) },
  { path: 'img/same.png', content: makeContent(1_000, 2) },
]

describe('[OB12] publishing', () => {
  it('makes a File of the owner: length and hash in the desc, chunks and root in the body', async () => {
    const bytes = makeContent(2 * CHUNK_BYTES + 5, 1)
    const seen: FilesState['publishing'][] = []
    const unsubscribe = files.subscribe(({ publishing }) => seen.push(publishing))
    const item = await publisher.publish(publishSourceOf(new Blob([bytes]), 'moon.webm'))
    unsubscribe()
    expect(item).toMatchObject({ kind: 'file', name: 'moon.webm', bytes: bytes.length, files: 1 })
    const file = await made(item.id)
    expect(formatObjectId(objectIdOf(file))).toBe(item.id)
    expect(item.link).toBe(`cyfs://o/${formatObjectId(file.desc.owner!)}/${item.id}`)
    expect(readContent(fileType, 'desc', file.desc.content)).toEqual({
      length: BigInt(bytes.length),
      hash: new Uint8Array(createHash('sha256').update(bytes).digest()),
    })
    expect(readContent(fileType, 'body', file.body!.content)).toMatchObject({
      name: 'moon.webm',
      mime: 'video/webm',
      chunkList: {
        kind: 'list',
        chunks: [0, 1, 2].map((at) => chunkId(bytes.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES))),
      },
    })
    expect(await trustOf(file, parseObjectId(item.id))).toBe('owner')
    expect(await tab.content.cat(item.root)).toEqual(bytes)
    expect(seen.flat().map(({ progress }) => progress.bytes)).toContain(2 * CHUNK_BYTES)
    expect(files.value).toEqual({ published: [item], publishing: [], handed: [] })
  })

  it('gives the same bytes of one owner one id, whenever they are published', async () => {
    const one = await publisher.publish(publishSourceOf(new Blob(['again'])))
    profile.now += 60_000
    const two = await publisher.publish(publishSourceOf(new Blob(['again'])))
    expect(two.id).toBe(one.id)
    expect(files.value.published).toEqual([two])
  })

  it('makes a Dir of a folder, with its Files, and pins one UnixFS directory', async () => {
    const item = await publisher.publish(publishSourceOf(FOLDER, 'site'))
    expect(item).toMatchObject({ kind: 'dir', name: 'site', files: 3 })
    const dir = await made(item.id)
    expect(await trustOf(dir, parseObjectId(item.id))).toBe('owner')
    const { list } = readContent(dirType, 'desc', dir.desc.content)
    if (list.kind !== 'entries') throw new Error('three paths fit into a desc')
    expect([...list.value.paths.keys()]).toEqual(['img/a.png', 'img/same.png', 'index.html'])
    const body = readContent(dirType, 'body', dir.body!.content)
    // two of the three are one File
    expect(body.objects).toHaveLength(2)
    for (const { id, value } of body.objects) expect(await trustOf(decodeObject(value), id)).toBe('owner')
    const { node } = list.value.paths.get('img/a.png')!
    if (node.kind !== 'object') throw new Error('a path names a File')
    const file = await made(formatObjectId(node.value))
    expect(readContent(fileType, 'body', file.body!.content)).toMatchObject({ mime: 'image/png' })
    const { items } = tab.seeder.state.value
    expect(items).toMatchObject([{ cid: item.root, name: 'site', reasons: ['published'] }])
  })

  it('puts a list that is too long for a desc into a chunk', async () => {
    const files = Array.from({ length: 900 }, (_, at) => ({
      path: `a folder with a name of some length/${at}.txt`,
      content: new Blob([`file ${at}`]),
    }))
    const item = await publisher.publish(publishSourceOf(files, 'many'))
    const dir = await made(item.id)
    const { list } = readContent(dirType, 'desc', dir.desc.content)
    if (list.kind !== 'chunk') throw new Error('900 paths do not fit into a desc')
    const body = readContent(dirType, 'body', dir.body!.content)
    const carried = body.objects.find(({ id }) => formatObjectId(id) === formatObjectId(list.value))
    expect(chunkId(carried!.value)).toEqual(list.value)
  })

  it('keeps the list over reloads, and takes off what is unpublished', async () => {
    const item = await publisher.publish(publishSourceOf(FOLDER, 'site'))
    await tab.stop()
    ;({ tab, publisher } = await openTab())
    await publisher.load()
    expect(files.value.published).toEqual([item])
    await publisher.unpublish(item.id)
    expect(files.value.published).toEqual([])
    expect(tab.seeder.state.value.items).toMatchObject([{ cid: item.root, reasons: [] }])
    expect(await objects.store.own()).toEqual([])
    await expect(publisher.unpublish(item.id)).rejects.toMatchObject({ code: 'OBJECT_NOT_PUBLISHED' })
  })

  it('[SE5] shows what broke off until the same is published again, and what was aborted no longer', async () => {
    const bytes = makeContent(3 * CHUNK_BYTES, 4)
    let gone = true
    const content = {
      size: bytes.length,
      async *pieces() {
        yield bytes.subarray(0, CHUNK_BYTES)
        if (gone) throw new Error('the disk was taken out')
        yield bytes.subarray(CHUNK_BYTES)
      },
    }
    const source = { kind: 'file', name: 'disk.bin', content } as const
    await expect(publisher.publish(source)).rejects.toThrow('taken out')
    expect(files.value.publishing).toMatchObject([
      { name: 'disk.bin', failure: { message: 'the disk was taken out' } },
    ])
    gone = false
    await publisher.publish(source)
    expect(files.value.publishing).toEqual([])

    const abort = new AbortController()
    const aborted = publisher.publish(publishSourceOf(new Blob([makeContent(3 * CHUNK_BYTES, 5)]), 'b'), {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    })
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
    expect(files.value.publishing).toEqual([])
  })

  it('refuses nothing, and paths that lead out of the folder', () => {
    expect(() => publishSourceOf([])).toThrow(expect.objectContaining({ code: 'PUBLISH_EMPTY' }))
    expect(() => publishSourceOf([{ path: '../a', content: new Blob() }])).toThrow(
      expect.objectContaining({ code: 'FOLDER_PATH_INVALID' }),
    )
  })
})

const READER = formatAddress((await fakeIdentity(2)).neuron)
const AUTHOR = formatAddress((await fakeIdentity(1)).neuron)

async function* streamOf(bytes: Bytes): AsyncGenerator<Bytes> {
  yield bytes
}

/** Every block that the tab and the store of objects hold. */
async function allBlocks(): Promise<readonly Buffer[]> {
  const all: Buffer[] = []
  for (const { blockstore } of [tab.blocks, { blockstore: objects.blocks }])
    for await (const { bytes } of blockstore.getAll()) all.push(Buffer.from(await collectBytes(bytes)))
  return all
}

describe('[OB11] publishing for some', () => {
  const sentence = 'nobody but the readers knows this sentence. '
  const content = () => new Blob([sentence.repeat(20_000)])
  const publish = (name = 'the secret plan.txt') =>
    publisher.publish(publishSourceOf(content(), name), { readers: [READER] })

  it('leaves nothing in the blocks that tells the bytes, the name or the key', async () => {
    const item = await publish()
    expect(item).toMatchObject({
      readers: [AUTHOR, READER],
      bytes: content().size,
      name: 'the secret plan.txt',
    })
    const { key } = (await openTestKeys(profile.records).get(parseObjectId(item.id)))!
    const blocks = await allBlocks()
    expect(blocks.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(content().size)
    const told = [sentence.slice(0, 16), 'secret plan', 'text/plain', READER, READER.slice(2)].map((text) =>
      Buffer.from(text),
    )
    for (const block of blocks) {
      for (const secret of [...told, Buffer.from(key)]) expect(block.includes(secret)).toBe(false)
    }
    // whoever holds them all can put them together, and cannot read what comes out
    const sealed = await tab.content.cat(item.root)
    expect(sealed.length).toBe(layoutOfPlain(content().size).sealedBytes)
    const file = await made(item.id)
    expect(readContent(fileType, 'desc', file.desc.content).hash).toEqual(
      new Uint8Array(createHash('sha256').update(sealed).digest()),
    )
    const guess = await importSealKey(randomBytes(32))
    const layout = layoutOfSealed(sealed.length)
    const opened = unseal(streamOf(sealed), { layout, key: guess, start: 0, end: 1 })
    await expect(opened.next()).rejects.toMatchObject({ code: 'SEAL_DAMAGED' })
    // the key opens it
    const right = unseal(streamOf(sealed), { layout, key: await importSealKey(key), start: 0, end: 9e9 })
    expect(Buffer.from(await collectBytes(right)).toString()).toBe(sentence.repeat(20_000))
  })

  it('announces its bytes to nobody, also after a reload, and gives the same again one id', async () => {
    const item = await publish()
    const open = await publisher.publish(publishSourceOf(new Blob(['for all'])))
    await tab.stop()
    ;({ tab, publisher } = await openTab())
    await tab.until(() => tab.provided.includes(open.root))
    expect(tab.provided).not.toContain(item.root)
    for (const { root } of [open, item]) await tab.seeder.commands.check(root)
    expect(tab.copies.asked.map(({ root }) => root)).toEqual([open.root])
    profile.now += 60_000
    const again = await publish('another name.txt')
    expect([again.id, again.root]).toEqual([item.id, item.root])
    expect(tab.provided).not.toContain(item.root)
    expect(files.value.published[0]).toEqual(again)
  })

  it('forgets the key with the publication', async () => {
    const { id } = await publish()
    await publisher.unpublish(id)
    expect(await openTestKeys(profile.records).get(parseObjectId(id))).toBeUndefined()
  })

  it('refuses what is no wallet, and too many, before anything is stored', async () => {
    const source = publishSourceOf(content())
    const many = Array.from({ length: 256 }, (_, i) => `0x${i.toString(16).padStart(40, '0')}`)
    for (const [readers, code] of [
      [['0x12'], 'ADDRESS_INVALID'],
      [[READER.replace(/[a-f]/, (digit) => digit.toUpperCase())], 'ADDRESS_INVALID'],
      [many, 'PUBLISH_READERS'],
    ] as const) {
      for (const what of [source, publishSourceOf(FOLDER, 'site')])
        await expect(publisher.publish(what, { readers })).rejects.toMatchObject({ code })
    }
    expect(await allBlocks()).toEqual([])
    expect(files.value.publishing).toEqual([])
  })
})

type PublishedFolder = Extract<PublishSource, { kind: 'folder' }>

describe('[OB11] publishing a folder for some', () => {
  const chapter = 'what only the readers of this folder know. '
  const secretFolder = () => [
    { path: 'hidden names/first chapter.txt', content: new Blob([chapter.repeat(9_000)]) },
    { path: 'cover.png', content: makeContent(300_000, 6) },
    { path: 'empty.txt', content: new Blob([]) },
  ]
  const publish = (name = 'my secret book') =>
    publisher.publish(publishSourceOf(secretFolder(), name), { readers: [READER] })

  it('makes one File of it, in whose blocks is no name, no byte and no number of its files', async () => {
    const item = await publish()
    expect(item).toMatchObject({
      kind: 'dir',
      name: 'my secret book',
      files: 3,
      bytes: 300_000 + 9_000 * chapter.length,
      readers: [AUTHOR, READER],
    })
    const file = await made(item.id)
    expect(await objects.store.own()).toHaveLength(1)
    const sealed = await tab.content.cat(item.root)
    expect(readContent(fileType, 'desc', file.desc.content)).toEqual({
      length: BigInt(sealed.length),
      hash: new Uint8Array(createHash('sha256').update(sealed).digest()),
    })
    const body = readContent(fileType, 'body', file.body!.content)
    expect([body.name, body.mime]).toEqual([undefined, undefined])
    const told = ['hidden', 'first chapter', 'cover', 'secret book', 'text/plain', 'folder', chapter, READER]
    const cover = Buffer.from(makeContent(300_000, 6).subarray(0, 16))
    const { key } = (await openTestKeys(profile.records).get(parseObjectId(item.id)))!
    const blocks = await allBlocks()
    expect(blocks.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(item.bytes)
    for (const block of blocks) {
      for (const secret of [...told.map((text) => Buffer.from(text)), cover, Buffer.from(key)])
        expect(block.includes(secret)).toBe(false)
    }
    // the key opens it: the table, then the files
    const layout = layoutOfSealed(sealed.length)
    const opening = unseal(streamOf(sealed), { layout, key: await importSealKey(key), start: 0, end: 9e9 })
    const plain = await collectBytes(opening)
    const placed = decodeFolderTable(plain.subarray(0, folderTableEnd(plain, plain.length)), plain.length)
    expect([...placed.keys()]).toEqual(['cover.png', 'empty.txt', 'hidden names/first chapter.txt'])
    const { offset, bytes } = placed.get('cover.png')!
    expect(Buffer.compare(plain.subarray(offset, offset + bytes), makeContent(300_000, 6))).toBe(0)
  })

  it('tells of files and bytes as they are stored, reads each file as it comes, and holds none of them', async () => {
    const begun: string[] = []
    let shownFrom: string | undefined
    const content = (name: string, size: number) => ({
      size,
      async *pieces() {
        begun.push(name)
        if (files.value.publishing.length > 0) shownFrom ??= name
        for (let at = 0; at < size; at += CHUNK_BYTES) yield makeContent(Math.min(CHUNK_BYTES, size - at), at)
      },
    })
    const source = ['a', 'b', 'c'].map((path) => ({ path, content: content(path, 4 * CHUNK_BYTES) }))
    const seen: [number, number][] = []
    let total = 0
    const item = await publisher.publish(
      { kind: 'folder', name: 'three', files: source },
      {
        readers: [READER],
        onProgress: (progress) => {
          total = progress.total
          expect(progress.totalFiles).toBe(3)
          seen.push([progress.bytes, progress.files])
        },
      },
    )
    expect(item).toMatchObject({ files: 3, bytes: 12 * CHUNK_BYTES })
    expect(shownFrom).toBe('a') // before the first reading, which takes as long
    // once for the key, once for the blocks
    expect(begun).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
    expect(seen.map(([, whole]) => whole)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3])
    expect(seen.at(-1)).toEqual([total, 3])
  })

  it('[SE5] goes on where it broke off, and gives the same again one id, also after a reload', async () => {
    const item = await publish()
    await publisher.unpublish(item.id)
    let readings = 0
    const { files: all, ...source } = publishSourceOf(secretFolder(), item.name) as PublishedFolder
    const breaking = all.map(({ path, content: { size, pieces } }) => ({
      path,
      content: {
        size,
        async *pieces() {
          readings += 1
          // the second reading, which is sealed and stored
          if (readings === 6) throw new Error('the disk was taken out')
          yield* pieces()
        },
      },
    }))
    const broken = publisher.publish({ ...source, files: breaking }, { readers: [READER] })
    await expect(broken).rejects.toThrow('taken out')
    expect(files.value.publishing).toMatchObject([
      { name: item.name, progress: { totalFiles: 3 }, failure: { message: 'the disk was taken out' } },
    ])
    profile.now += 60_000
    await tab.stop()
    ;({ tab, publisher } = await openTab())
    const again = await publish()
    expect([again.id, again.root]).toEqual([item.id, item.root])
    await publisher.load()
    expect(tab.provided).not.toContain(item.root)
    await publisher.unpublish(again.id)
    expect(await objects.store.own()).toEqual([])
    expect(await openTestKeys(profile.records).get(parseObjectId(item.id))).toBeUndefined()
  })

  it('refuses files that changed between its readings, or gave each other bytes', async () => {
    const source = (sizes: readonly number[], given: readonly (readonly number[])[]): PublishSource => {
      let reading = 0
      const files = sizes.map((size, at) => ({
        path: `${at}`,
        content: {
          size,
          async *pieces() {
            if (at === 0) reading += 1
            yield makeContent(given[Math.min(reading, given.length) - 1]![at]!, at)
          },
        },
      }))
      return { kind: 'folder', name: 'changing', files }
    }
    for (const given of [
      [[4, 6]],
      [[6, 4]],
      [[5]],
      [
        [5, 5],
        [4, 6],
      ],
    ].map((all) => all.map((sizes) => [...sizes, 0]))) {
      await expect(
        publisher.publish(source([5, 5], given), { readers: [READER] }),
        JSON.stringify(given),
      ).rejects.toMatchObject({ code: 'SEAL_CHANGED' })
    }
    expect(files.value.published).toEqual([])
  })
})
