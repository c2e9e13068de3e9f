import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashedSource } from '#api/hashed-source.ts'
import { createFilesState } from '#api/lazy-objects.ts'
import { createObjectCommands, type ObjectCommands } from '#api/object-commands.ts'
import type { OpenedObject } from '#api/object-types.ts'
import { createPublisher, type Publisher, publishSourceOf } from '#api/publisher.ts'
import { createSealOpener, sealSource } from '#api/restricted-files.ts'
import { type Bytes, collectBytes, concat, equalBytes, utf8 } from '#core/bytes.ts'
import { parseDigest } from '#core/cid.ts'
import { formatAddress } from '#core/delegation.ts'
import { AppError } from '#core/errors.ts'
import { CHUNK_BYTES } from '#core/limits.ts'
import { formatCyfsLink } from '#objects/cyfs-link.ts'
import { authorOf, signFile } from '#objects/file-objects.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { providerCid } from '#objects/object-cid.ts'
import { chunkId, formatObjectId, parseObjectId } from '#objects/object-id.ts'
import { toObjectTime } from '#objects/object-time.ts'
import { createDesc, createContent as createObjectContent } from '#objects/object-type.ts'
import { encodeFolderTable } from '#objects/sealed-folder.ts'
import { deviceSigner, signObject } from '#objects/sign-object.ts'
import { dirType } from '#objects/types/dir.ts'
import { fileType } from '#objects/types/file.ts'
import { answerCyfs } from '#offline/cyfs-answer.ts'
import { CYFS_REQUEST } from '#offline/cyfs-messages.ts'
import { createContent } from '#peer/content.ts'
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
let author: TestObjects
let reader: TestObjects
let publisher: Publisher
let commands: ObjectCommands
/** CIDs of the blocks that reading took, and the roots by which their holders are looked for */
let blocksRead: string[]
let within: (string | undefined)[]
/** objects that were asked of peers */
let asked: string[]
let isStranger: boolean
let keysAsked: number
/** of the key that is given: unix seconds, 0 without end */
let paidUntil: number
/** unix ms of the reader */
let readersNow: number
let whenAsked: () => void

beforeEach(async () => {
  profile = createFakeProfile()
  tab = await profile.open()
  author = openTestObjects({ now: () => profile.now })
  reader = openTestObjects({ now: () => profile.now })
  publisher = createPublisher({
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
  blocksRead = []
  within = []
  asked = []
  isStranger = false
  keysAsked = 0
  paidUntil = 0
  readersNow = 0
  whenAsked = () => {}
  const { blockstore } = tab.seeder
  const content = createContent({
    helia: {
      blockstore: {
        put: blockstore.put.bind(blockstore),
        has: blockstore.has.bind(blockstore),
        get(cid, options) {
          blocksRead.push(cid.toString())
          return blockstore.get(cid, options)
        },
      },
    },
    provide: async () => {},
  })
  commands = createObjectCommands({
    store: reader.store,
    exchange: {
      async get(id) {
        const here = await reader.store.get(id)
        if (here !== undefined) return here
        asked.push(formatObjectId(id))
        const found = await author.store.get(id)
        if (found === undefined) throw new Error('nobody has it')
        return reader.store.put(found.bytes, { requested: id })
      },
      announce: async () => [],
    },
    content: {
      read(cid, options) {
        within.push(options?.within)
        return content.read(cid, options)
      },
    },
    openSeal: createSealOpener({
      keys: openTestKeys(reader.records),
      gate: {
        async ask({ id, isRight }) {
          keysAsked += 1
          whenAsked()
          if (isStranger) throw new AppError('OBJECT_KEY_REFUSED', 'Not among the readers.')
          const { key } = (await openTestKeys(profile.records).get(id))!
          expect(await isRight(randomBytes(32))).toBe(false)
          expect(await isRight(key)).toBe(true)
          return { key, until: paidUntil }
        },
      },
      now: () => readersNow,
    }),
  })
})

afterEach(() => tab.stop())

const PICTURE = makeContent(1_000, 2)

async function publishSite() {
  const files = [
    { path: 'index.html', content: new Blob(['<img src="img/a.png">']) },
    { path: 'img/a.png', content: PICTURE },
  ]
  return publisher.publish(publishSourceOf(files, 'site'))
}

const readAll = (link: string, options = {}) => collectBytes(commands.read(link, options))

/** What the author has now, signed by somebody or by nobody. */
async function signAs(object: Pick<NamedObject, 'desc' | 'body'>, signs = true): Promise<NamedObject> {
  const unsigned = { ...object, descSigns: [], bodySigns: [] }
  const signer = deviceSigner(await fakeIdentity(1))
  return signs ? signObject(unsigned, signer, { signedAt: toObjectTime(profile.now) }) : unsigned
}

async function putDir(paths: Parameters<typeof dirEntry>[], objects: readonly Bytes[] = []): Promise<string> {
  const { peopleId } = impliedIdentity((await fakeIdentity(1)).delegation)
  const value = { paths: new Map(paths.map((entry) => dirEntry(...entry))) }
  const desc = createDesc(dirType, { attributes: 0, list: { kind: 'entries', value } }, { owner: peopleId })
  const carried = objects.map((bytes) => ({ id: chunkId(bytes), value: bytes }))
  const content = createObjectContent(dirType, 'body', { kind: 'objects', objects: carried })
  const dir = await signAs({ desc, body: { updated: toObjectTime(profile.now), content } })
  await author.store.put(encodeObject(dir), { own: true })
  return `cyfs://o/${formatObjectId(peopleId)}/${formatObjectId(objectIdOf(dir))}`
}

function dirEntry(path: string, kind: 'object' | 'chunk', id: string) {
  return [path, { attributes: 0, node: { kind, value: parseObjectId(id) } }] as const
}

describe('[OB16] links with an inner path', () => {
  it('lead to the file in the folder; its File came along, so nobody is asked for it', async () => {
    const site = await publishSite()
    const opened = await commands.open(`${site.link}/img/a.png`)
    expect(opened).toMatchObject({
      type: 'File',
      name: 'a.png',
      bytes: 1_000,
      mime: 'image/png',
      trust: { level: 'owner' },
    })
    expect(asked).toEqual([site.id])
    expect(await readAll(`${site.link}/img/a.png`)).toEqual(PICTURE)
    expect(within).toEqual([site.root])
    expect((await commands.get(`${site.link}/img/a.png`)).length).toBeGreaterThan(100)
  })

  it('name what is not there', async () => {
    const site = await publishSite()
    for (const inner of ['img', 'img/b.png', 'index.html/a']) {
      const link = `${site.link}/${inner}`
      await expect(commands.open(link), inner).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    }
    const file = await publisher.publish(publishSourceOf(new Blob(['one']), 'one.txt'))
    const link = `${file.link}/two`
    await expect(commands.open(link)).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    for (const other of ['cyfs://name/a', 'cyfs://a.r/b/c', `cyfs://o/${file.id}/name`]) {
      await expect(commands.open(other), other).rejects.toMatchObject({ code: 'OBJECT_LINK_OTHER' })
    }
  })

  it('follow folders in folders, and small files that stand in the folder itself', async () => {
    const site = await publishSite()
    const text = utf8('a few words')
    const link = await putDir(
      [
        ['deep/site', 'object', site.id],
        ['note.txt', 'chunk', formatObjectId(chunkId(text))],
        ['gone.txt', 'chunk', formatObjectId(chunkId(utf8('not along')))],
      ],
      [text],
    )
    expect(await readAll(`${link}/deep/site/img/a.png`, { start: 10, end: 20 })).toEqual(
      PICTURE.slice(10, 20),
    )
    expect(await commands.open(`${link}/note.txt`)).toMatchObject({
      type: 'Chunk',
      bytes: 11,
      mime: 'text/plain',
    })
    expect(await readAll(`${link}/note.txt`, { start: 2 })).toEqual(utf8('few words'))
    await expect(commands.open(`${link}/gone.txt`)).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    expect((await commands.open(link)).entries).toEqual([
      { path: 'deep/site', id: site.id },
      { path: 'gone.txt', id: expect.any(String), bytes: 9, mime: 'text/plain' },
      { path: 'note.txt', id: expect.any(String), bytes: 11, mime: 'text/plain' },
    ])
  })
})

it('[OB12] lists the entries of a folder, also of one whose list stands in a chunk', async () => {
  const site = await publishSite()
  expect(await commands.open(site.id)).toMatchObject({
    type: 'Dir',
    name: 'site',
    root: site.root,
    entries: [
      { path: 'img/a.png', bytes: 1_000, mime: 'image/png' },
      { path: 'index.html', bytes: 21, mime: 'text/html' },
    ],
  })
  const files = Array.from({ length: 900 }, (_, at) => ({
    path: `a folder with a name of some length/${at}.txt`,
    content: new Blob([`file ${at}`]),
  }))
  const many = await publisher.publish(publishSourceOf(files, 'many'))
  expect((await commands.open(many.link)).entries).toHaveLength(900)
  const inner = formatCyfsLink({ ...commands.parse(many.link), inner: `${files[899]!.path}` })
  expect(await readAll(inner)).toEqual(utf8('file 899'))
})

describe('[OB12] reading', () => {
  it('fetches of a range only its chunks', async () => {
    const bytes = makeContent(4 * CHUNK_BYTES + 5, 1)
    const file = await publisher.publish(publishSourceOf(new Blob([bytes]), 'moon.bin'))
    const range = { start: 2 * CHUNK_BYTES - 1, end: 2 * CHUNK_BYTES + 1 }
    expect(await readAll(file.link, range)).toEqual(bytes.slice(range.start, range.end))
    // the root and two leaves
    expect(blocksRead).toHaveLength(3)
    expect(Buffer.compare(await readAll(file.link), bytes)).toBe(0)
    expect(await readAll(file.link, { start: bytes.length - 2, end: bytes.length + 9 })).toEqual(
      bytes.slice(-2),
    )
    expect(await readAll(file.link, { start: bytes.length })).toEqual(new Uint8Array())
    for (const wrong of [{ start: -1 }, { start: 2, end: 1 }, { start: bytes.length + 1 }, { start: 0.5 }])
      await expect(readAll(file.link, wrong)).rejects.toMatchObject({ code: 'OBJECT_RANGE_INVALID' })
    const site = await publishSite()
    await expect(readAll(site.link)).rejects.toMatchObject({ code: 'OBJECT_NO_BYTES' })
  })

  it('reads an empty file', async () => {
    const file = await publisher.publish(publishSourceOf(new Blob([]), 'empty.txt'))
    expect(await readAll(file.link)).toEqual(new Uint8Array())
  })

  it('holds the whole against the hash, and gives no range of what nobody signed', async () => {
    const bytes = makeContent(2 * CHUNK_BYTES, 3)
    const { root } = await publisher.publish(publishSourceOf(new Blob([bytes]), 'true.bin'))
    const put = async (hash: Bytes, isSigned: boolean): Promise<string> => {
      const desc = createDesc(
        fileType,
        { length: BigInt(bytes.length), hash },
        isSigned ? { owner: impliedIdentity((await fakeIdentity(1)).delegation).peopleId } : {},
      )
      const body = { chunkList: { kind: 'list', chunks: [] }, root: parseDigest(root) } as const
      const content = createObjectContent(fileType, 'body', body)
      const file = await signAs({ desc, body: { updated: toObjectTime(profile.now), content } }, isSigned)
      await author.store.put(encodeObject(file), { own: true })
      return formatObjectId(objectIdOf(file))
    }
    const wrong = await put(new Uint8Array(32).fill(1), true)
    const got: Bytes[] = []
    const reading = (async () => {
      for await (const piece of commands.read(wrong)) got.push(piece)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'OBJECT_BYTES_WRONG' })
    expect(got).toHaveLength(1)
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const unsigned = await put(hash, false)
    expect((await commands.open(unsigned)).trust).toEqual({ level: 'id' })
    expect(Buffer.compare(await readAll(unsigned), bytes)).toBe(0)
    await expect(readAll(unsigned, { end: 5 })).rejects.toMatchObject({ code: 'OBJECT_RANGE_UNSIGNED' })
  })
})

describe('[OB11] restricted files', () => {
  const bytes = makeContent(3 * CHUNK_BYTES, 9)
  const READER = formatAddress(new Uint8Array(20).fill(7))

  const publishRestricted = () =>
    publisher.publish(publishSourceOf(new Blob([bytes]), 'film.webm'), { readers: [READER] })

  it('open for a reader: what they are, the whole, and ranges that take no more blocks than they lie in', async () => {
    const { link } = await publishRestricted()
    expect(await commands.open(link)).toMatchObject({
      restricted: { readable: true },
      name: 'film.webm',
      mime: 'video/webm',
      bytes: bytes.length,
      readers: [expect.stringMatching(/^0x/), READER],
    })
    expect(equalBytes(await readAll(link), bytes)).toBe(true)
    for (const [start, end] of [
      [0, 1],
      [2 * CHUNK_BYTES - 40, 2 * CHUNK_BYTES + 20],
      [bytes.length - 5, bytes.length + 99],
    ] as const) {
      blocksRead = []
      expect(await readAll(link, { start, end })).toEqual(bytes.slice(start, end))
      expect(blocksRead.length).toBeLessThanOrEqual(3) // the root, and two chunks
    }
    expect(await readAll(link, { start: 3, end: 3 })).toEqual(new Uint8Array())
    await expect(readAll(link, { start: 0.5 })).rejects.toMatchObject({ code: 'OBJECT_RANGE_INVALID' })
    expect(keysAsked).toBe(1) // and kept from then on
  })

  it('ask for a key once for many ranges at the same time, and look for holders by the object', async () => {
    const { link, id } = await publishRestricted()
    await Promise.all([1, 2, 3].map((start) => readAll(link, { start, end: start + 1 })))
    expect(keysAsked).toBe(1)
    expect(new Set(within)).toEqual(new Set([providerCid(parseObjectId(id)).toString()]))
  })

  it('open for others when who asked first has left', async () => {
    const { link } = await publishRestricted()
    const leaving = new AbortController()
    whenAsked = () => leaving.abort()
    const [left, stayed] = await Promise.allSettled([
      readAll(link, { start: 0, end: 1, signal: leaving.signal }),
      readAll(link, { start: 0, end: 1 }),
    ])
    expect(left).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } })
    expect(stayed).toMatchObject({ status: 'fulfilled', value: bytes.slice(0, 1) })
    expect(keysAsked).toBe(1)
  })

  it('[CH7] keep a key for as long as it was paid for, and ask for it again then', async () => {
    const { link } = await publishRestricted()
    paidUntil = 1_000
    const [start, end] = [0, 1]
    readersNow = 999_999
    for (let i = 0; i < 2; i++) await readAll(link, { start, end })
    expect(keysAsked).toBe(1)
    readersNow = 1_000_000
    isStranger = true
    await expect(readAll(link, { start, end })).rejects.toMatchObject({ code: 'OBJECT_KEY_REFUSED' })
    const { id } = await commands.open(link)
    expect(await openTestKeys(reader.records).get(parseObjectId(id))).toBeUndefined()
    // paid again, for ever
    isStranger = false
    paidUntil = 0
    for (let i = 0; i < 2; i++) await readAll(link, { start, end })
    expect(keysAsked).toBe(4)
  })

  it('say to a stranger why not, and tell no name', async () => {
    isStranger = true
    const { link } = await publishRestricted()
    const opened = await commands.open(link)
    expect(opened).toMatchObject({
      trust: { level: 'owner' },
      restricted: { readable: false, failure: { code: 'OBJECT_KEY_REFUSED' } },
      bytes: bytes.length,
    })
    expect([opened.name, opened.mime, opened.readers]).toEqual([undefined, undefined, undefined])
    await expect(readAll(link)).rejects.toMatchObject({ code: 'OBJECT_KEY_REFUSED' })
    expect(blocksRead).toEqual([])
  })
})

describe('[OB11] restricted folders', () => {
  const READER = formatAddress(new Uint8Array(20).fill(7))
  const FILM = makeContent(3 * CHUNK_BYTES, 9)
  const PAGE = '<h1>for some</h1><img src="img/a.png">'
  const FILES = [
    { path: 'index.html', content: new Blob([PAGE]) },
    { path: 'img/a.png', content: PICTURE },
    { path: 'empty.txt', content: new Blob([]) },
    { path: 'film.webm', content: FILM },
  ]
  const publishFolder = (files: Parameters<typeof publishSourceOf>[0] = FILES, name = 'for you') =>
    publisher.publish(publishSourceOf(files, name), { readers: [READER] })

  it('open for a reader as a folder, and at a path in it', async () => {
    const { link, id, root } = await publishFolder()
    const folder = await commands.open(link)
    expect(folder).toMatchObject({
      id,
      root,
      type: 'Dir',
      name: 'for you',
      trust: { level: 'owner' },
      restricted: { readable: true },
      readers: [expect.stringMatching(/^0x/), READER],
      entries: [
        { path: 'empty.txt', mime: 'text/plain', bytes: 0 },
        { path: 'film.webm', mime: 'video/webm', bytes: FILM.length },
        { path: 'img/a.png', mime: 'image/png', bytes: 1_000 },
        { path: 'index.html', mime: 'text/html', bytes: PAGE.length },
      ],
    })
    // as of folders for everybody: bytes are those of files
    expect(folder.bytes).toBeUndefined()
    const file = await commands.open(`${link}/img/a.png`)
    expect(file).toMatchObject({
      id,
      type: 'File',
      name: 'a.png',
      mime: 'image/png',
      bytes: 1_000,
      restricted: { readable: true },
    })
    expect(file.readers).toEqual(folder.readers)
    expect(file.entries).toBeUndefined()
  })

  it('give whole files and ranges, and take no more blocks than the table and the range lie in', async () => {
    const { link } = await publishFolder()
    expect(await readAll(`${link}/img/a.png`)).toEqual(PICTURE)
    expect(await readAll(`${link}/img/a.png`, { start: 990, end: 2_000 })).toEqual(PICTURE.slice(990))
    expect(Buffer.from(await readAll(`${link}/index.html`)).toString()).toBe(PAGE)
    expect(await readAll(`${link}/empty.txt`)).toEqual(new Uint8Array())
    expect(equalBytes(await readAll(`${link}/film.webm`), FILM)).toBe(true)
    for (const [start, end] of [
      [0, 1],
      [CHUNK_BYTES + 1_000, CHUNK_BYTES + 2_000],
      [FILM.length - 5, FILM.length + 99],
    ] as const) {
      blocksRead = []
      expect(await readAll(`${link}/film.webm`, { start, end })).toEqual(FILM.slice(start, end))
      expect(blocksRead.length).toBeLessThanOrEqual(2) // the root, and a chunk
    }
    for (const wrong of [{ start: -1 }, { start: 1_001 }, { start: 5, end: 4 }])
      await expect(readAll(`${link}/img/a.png`, wrong)).rejects.toMatchObject({
        code: 'OBJECT_RANGE_INVALID',
      })
    await expect(readAll(link)).rejects.toMatchObject({ code: 'OBJECT_NO_BYTES' })
    expect(keysAsked).toBe(1)
  })

  it('read their table once, also when many files are asked for at the same time', async () => {
    const { link } = await publishFolder()
    const leaving = new AbortController()
    const left = readAll(`${link}/index.html`, { signal: leaving.signal })
    const all = Promise.all([
      left.catch(() => 'left'),
      readAll(`${link}/img/a.png`),
      readAll(`${link}/img/a.png`, { start: 1, end: 2 }),
      commands.open(link),
    ])
    whenAsked = () => leaving.abort()
    expect(await all).toMatchObject(['left', PICTURE, PICTURE.slice(1, 2), { type: 'Dir' }])
    const [first] = new Set(blocksRead)
    // the root was taken for the table and for two ranges
    expect(blocksRead.filter((block) => block === first)).toHaveLength(3)
    blocksRead = []
    await commands.open(link)
    await commands.open(`${link}/film.webm`)
    expect(blocksRead).toEqual([])
  })

  it('with a table that is longer than a segment open too', async () => {
    const files = Array.from({ length: 1_000 }, (_, at) => ({
      path: `${'a folder with a long name'.repeat(9)}/${'and another one'.repeat(9)}/${at}.txt`,
      content: new Blob([`file ${at}`]),
    }))
    const { link } = await publishFolder(files, 'many')
    const { entries } = await commands.open(link)
    expect(entries).toHaveLength(1_000)
    const inner = formatCyfsLink({ ...commands.parse(link), inner: files[777]!.path })
    expect(await readAll(inner)).toEqual(utf8('file 777'))
  })

  it('name what is not there, to readers', async () => {
    const { link } = await publishFolder()
    for (const inner of ['img', 'img/b.png', 'index.html/a', 'toString']) {
      for (const ask of [commands.open, readAll])
        await expect(ask(`${link}/${inner}`), inner).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    }
    const file = await publisher.publish(publishSourceOf(new Blob(['one'])), { readers: [READER] })
    await expect(commands.open(`${file.link}/two`)).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    await expect(commands.get(`${link}/img/a.png`)).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    expect((await commands.get(link)).length).toBeGreaterThan(100)
  })

  it('are for a stranger what a file is: length, owner, and the same sentence, at every path', async () => {
    isStranger = true
    const { link } = await publishFolder()
    const file = await publisher.publish(publishSourceOf(new Blob([PICTURE]), 'a.png'), { readers: [READER] })
    const shapeOf = ({ json: _, ...rest }: OpenedObject) => Object.keys(rest).sort()
    const seen = await commands.open(file.link)
    for (const at of [link, `${link}/img/a.png`, `${link}/none`, `${file.link}/none`]) {
      const opened = await commands.open(at)
      expect(shapeOf(opened)).toEqual(shapeOf(seen))
      expect(opened).toMatchObject({ type: 'File', restricted: seen.restricted, trust: seen.trust })
      await expect(readAll(at)).rejects.toMatchObject({ code: 'OBJECT_KEY_REFUSED' })
    }
    expect(blocksRead).toEqual([])
    const told = JSON.stringify((await commands.open(link)).json)
    for (const secret of ['for you', 'index', 'img', 'folder', 'html']) expect(told).not.toContain(secret)
  })

  it('whose table is no folder of theirs say so, to their readers', async () => {
    const bad = encodeFolderTable([{ path: 'a', bytes: 3 }])
    bad[bad.length - 1]! += 1
    for (const bytes of [bad, new Uint8Array(2), new Uint8Array(100).fill(0xff)])
      await expect(commands.open(await putFolder(bytes))).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
    const good = encodeFolderTable([{ path: 'a', bytes: 3 }])
    const link = await putFolder(concat(good, utf8('abc')))
    expect(await readAll(`${link}/a`)).toEqual(utf8('abc'))
  })

  /** A content that says it is a folder, as a foreign author may seal it. */
  async function putFolder(bytes: Bytes): Promise<string> {
    const content = { size: bytes.length, pieces: () => streamOf(bytes) }
    const sealing = await sealSource(
      { kind: 'folder', content, ends: [bytes.length] },
      { name: 'foreign', readers: [], secret: randomBytes(32), randomBytes },
    )
    const source = hashedSource(sealing.source)
    const { cid } = await tab.seeder.add(source, { name: 'foreign' })
    const signer = authorOf(await fakeIdentity(1), profile.now)
    const facts = { ...source.facts(), length: source.size, root: cid, cipher: sealing.cipher }
    const file = await signFile(facts, signer)
    const id = objectIdOf(file)
    await author.store.put(encodeObject(file), { own: true })
    await openTestKeys(profile.records).put(id, sealing)
    return formatCyfsLink({
      type: 'o',
      zone: formatObjectId(signer.owner),
      id: formatObjectId(id),
      inner: '',
    })
  }

  it('[OB19] answer URLs of the page as folders do: index.html behind a slash, lists, types and ranges', async () => {
    const { link } = await publishFolder()
    const path = link.slice('cyfs://'.length)
    expect(await answer(path)).toMatchObject({
      status: 302,
      headers: { Location: expect.stringMatching(/\/$/) },
    })
    expect(await answer(`${path}/`)).toMatchObject({
      status: 200,
      text: PAGE,
      headers: { 'Content-Type': 'text/html', 'Accept-Ranges': 'bytes' },
    })
    expect(await answer(`${path}/film.webm`, 'bytes=300000-300002')).toMatchObject({
      status: 206,
      bytes: FILM.slice(300_000, 300_003),
      headers: { 'Content-Type': 'video/webm', 'Content-Range': `bytes 300000-300002/${FILM.length}` },
    })
    expect(await answer(`${path}/none`)).toMatchObject({ status: 404 })
    const listed = await publishFolder(FILES.slice(1), 'listed')
    const { text } = await answer(`${listed.link.slice('cyfs://'.length)}/`)
    expect(text).toContain('<a href="./img/a.png">img/a.png</a>')

    isStranger = true
    const other = await publishFolder([{ path: 'index.html', content: new Blob(['other']) }], 'other')
    for (const at of ['', '/', '/index.html', '/none']) {
      const { status, text: page } = await answer(other.link.slice('cyfs://'.length) + at)
      expect({ at, status }).toEqual({ at, status: 403 })
      expect(page).toContain('Not among the readers.')
    }
  })

  async function answer(path: string, range?: string) {
    const request = {
      kind: CYFS_REQUEST,
      path,
      method: 'GET',
      ...(range === undefined ? {} : { range }),
    } as const
    const { status, headers, body } = await answerCyfs(commands, request, new AbortController().signal)
    const bytes = await collectBytes(body)
    return { status, headers, bytes, text: new TextDecoder().decode(bytes) }
  }
})

async function* streamOf(bytes: Bytes): AsyncGenerator<Bytes> {
  yield bytes
}
