import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashedSource } from '#api/hashed-source.ts'
import type { OpenedObject } from '#api/object-types.ts'
import { publishSourceOf } from '#api/publisher.ts'
import { sealSource } from '#api/restricted-files.ts'
import { type Bytes, collectBytes, concat, equalBytes, utf8 } from '#core/bytes.ts'
import { formatAddress } from '#core/delegation.ts'
import { CHUNK_BYTES } from '#core/limits.ts'
import { formatCyfsLink } from '#objects/cyfs-link.ts'
import { authorOf, signFile } from '#objects/file-objects.ts'
import { encodeObject, objectIdOf } from '#objects/object.ts'
import { providerCid } from '#objects/object-cid.ts'
import { formatObjectId, parseObjectId } from '#objects/object-id.ts'
import { encodeFolderTable } from '#objects/sealed-folder.ts'
import { answerCyfs } from '#offline/cyfs-answer.ts'
import { CYFS_REQUEST } from '#offline/cyfs-messages.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { type ObjectCommandPeers, openObjectCommands } from '#test/fakes/object-commands.ts'
import { openTestKeys, randomBytes } from '#test/fakes/object-peers.ts'
import { makeContent } from '#test/fakes/seed-profile.ts'

let peers: ObjectCommandPeers

beforeEach(async () => {
  peers = await openObjectCommands()
})

afterEach(() => peers.tab.stop())

const PICTURE = makeContent(1_000, 2)

const readAll = (link: string, options = {}) => collectBytes(peers.commands.read(link, options))

describe('[OB11] restricted files', () => {
  const bytes = makeContent(3 * CHUNK_BYTES, 9)
  const READER = formatAddress(new Uint8Array(20).fill(7))

  const publishRestricted = () =>
    peers.publisher.publish(publishSourceOf(new Blob([bytes]), 'film.webm'), { readers: [READER] })

  it('open for a reader: what they are, the whole, and ranges that take no more blocks than they lie in', async () => {
    const { link } = await publishRestricted()
    expect(await peers.commands.open(link)).toMatchObject({
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
      peers.blocksRead = []
      expect(await readAll(link, { start, end })).toEqual(bytes.slice(start, end))
      expect(peers.blocksRead.length).toBeLessThanOrEqual(3) // the root, and two chunks
    }
    expect(await readAll(link, { start: 3, end: 3 })).toEqual(new Uint8Array())
    await expect(readAll(link, { start: 0.5 })).rejects.toMatchObject({ code: 'OBJECT_RANGE_INVALID' })
    expect(peers.keysAsked).toBe(1) // and kept from then on
  })

  it('ask for a key once for many ranges at the same time, and look for holders by the object', async () => {
    const { link, id } = await publishRestricted()
    await Promise.all([1, 2, 3].map((start) => readAll(link, { start, end: start + 1 })))
    expect(peers.keysAsked).toBe(1)
    expect(new Set(peers.within)).toEqual(new Set([providerCid(parseObjectId(id)).toString()]))
  })

  it('open for others when who asked first has left', async () => {
    const { link } = await publishRestricted()
    const leaving = new AbortController()
    peers.whenAsked = () => leaving.abort()
    const [left, stayed] = await Promise.allSettled([
      readAll(link, { start: 0, end: 1, signal: leaving.signal }),
      readAll(link, { start: 0, end: 1 }),
    ])
    expect(left).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } })
    expect(stayed).toMatchObject({ status: 'fulfilled', value: bytes.slice(0, 1) })
    expect(peers.keysAsked).toBe(1)
  })

  it('[CH7] keep a key for as long as it was paid for, and ask for it again then', async () => {
    const { link } = await publishRestricted()
    peers.paidUntil = 1_000
    const [start, end] = [0, 1]
    peers.readersNow = 999_999
    for (let i = 0; i < 2; i++) await readAll(link, { start, end })
    expect(peers.keysAsked).toBe(1)
    peers.readersNow = 1_000_000
    peers.isStranger = true
    await expect(readAll(link, { start, end })).rejects.toMatchObject({ code: 'OBJECT_KEY_REFUSED' })
    const { id } = await peers.commands.open(link)
    expect(await openTestKeys(peers.reader.records).get(parseObjectId(id))).toBeUndefined()
    // paid again, for ever
    peers.isStranger = false
    peers.paidUntil = 0
    for (let i = 0; i < 2; i++) await readAll(link, { start, end })
    expect(peers.keysAsked).toBe(4)
  })

  it('say to a stranger why not, and tell no name', async () => {
    peers.isStranger = true
    const { link } = await publishRestricted()
    const opened = await peers.commands.open(link)
    expect(opened).toMatchObject({
      trust: { level: 'owner' },
      restricted: { readable: false, failure: { code: 'OBJECT_KEY_REFUSED' } },
      bytes: bytes.length,
    })
    expect([opened.name, opened.mime, opened.readers]).toEqual([undefined, undefined, undefined])
    await expect(readAll(link)).rejects.toMatchObject({ code: 'OBJECT_KEY_REFUSED' })
    expect(peers.blocksRead).toEqual([])
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
    peers.publisher.publish(publishSourceOf(files, name), { readers: [READER] })

  it('open for a reader as a folder, and at a path in it', async () => {
    const { link, id, root } = await publishFolder()
    const folder = await peers.commands.open(link)
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
    const file = await peers.commands.open(`${link}/img/a.png`)
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
      peers.blocksRead = []
      expect(await readAll(`${link}/film.webm`, { start, end })).toEqual(FILM.slice(start, end))
      expect(peers.blocksRead.length).toBeLessThanOrEqual(2) // the root, and a chunk
    }
    for (const wrong of [{ start: -1 }, { start: 1_001 }, { start: 5, end: 4 }])
      await expect(readAll(`${link}/img/a.png`, wrong)).rejects.toMatchObject({
        code: 'OBJECT_RANGE_INVALID',
      })
    await expect(readAll(link)).rejects.toMatchObject({ code: 'OBJECT_NO_BYTES' })
    expect(peers.keysAsked).toBe(1)
  })

  it('read their table once, also when many files are asked for at the same time', async () => {
    const { link } = await publishFolder()
    const leaving = new AbortController()
    const left = readAll(`${link}/index.html`, { signal: leaving.signal })
    const all = Promise.all([
      left.catch(() => 'left'),
      readAll(`${link}/img/a.png`),
      readAll(`${link}/img/a.png`, { start: 1, end: 2 }),
      peers.commands.open(link),
    ])
    peers.whenAsked = () => leaving.abort()
    expect(await all).toMatchObject(['left', PICTURE, PICTURE.slice(1, 2), { type: 'Dir' }])
    const [first] = new Set(peers.blocksRead)
    // the root was taken for the table and for two ranges
    expect(peers.blocksRead.filter((block) => block === first)).toHaveLength(3)
    peers.blocksRead = []
    await peers.commands.open(link)
    await peers.commands.open(`${link}/film.webm`)
    expect(peers.blocksRead).toEqual([])
  })

  it('with a table that is longer than a segment open too', async () => {
    const files = Array.from({ length: 1_000 }, (_, at) => ({
      path: `${'a folder with a long name'.repeat(9)}/${'and another one'.repeat(9)}/${at}.txt`,
      content: new Blob([`file ${at}`]),
    }))
    const { link } = await publishFolder(files, 'many')
    const { entries } = await peers.commands.open(link)
    expect(entries).toHaveLength(1_000)
    const inner = formatCyfsLink({ ...peers.commands.parse(link), inner: files[777]!.path })
    expect(await readAll(inner)).toEqual(utf8('file 777'))
  })

  it('name what is not there, to readers', async () => {
    const { link } = await publishFolder()
    for (const inner of ['img', 'img/b.png', 'index.html/a', 'toString']) {
      for (const ask of [peers.commands.open, readAll])
        await expect(ask(`${link}/${inner}`), inner).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    }
    const file = await peers.publisher.publish(publishSourceOf(new Blob(['one'])), { readers: [READER] })
    await expect(peers.commands.open(`${file.link}/two`)).rejects.toMatchObject({
      code: 'OBJECT_PATH_NOT_FOUND',
    })
    await expect(peers.commands.get(`${link}/img/a.png`)).rejects.toMatchObject({
      code: 'OBJECT_PATH_NOT_FOUND',
    })
    expect((await peers.commands.get(link)).length).toBeGreaterThan(100)
  })

  it('are for a stranger what a file is: length, owner, and the same sentence, at every path', async () => {
    peers.isStranger = true
    const { link } = await publishFolder()
    const file = await peers.publisher.publish(publishSourceOf(new Blob([PICTURE]), 'a.png'), {
      readers: [READER],
    })
    const shapeOf = ({ json: _, ...rest }: OpenedObject) => Object.keys(rest).sort()
    const seen = await peers.commands.open(file.link)
    for (const at of [link, `${link}/img/a.png`, `${link}/none`, `${file.link}/none`]) {
      const opened = await peers.commands.open(at)
      expect(shapeOf(opened)).toEqual(shapeOf(seen))
      expect(opened).toMatchObject({ type: 'File', restricted: seen.restricted, trust: seen.trust })
      await expect(readAll(at)).rejects.toMatchObject({ code: 'OBJECT_KEY_REFUSED' })
    }
    expect(peers.blocksRead).toEqual([])
    const told = JSON.stringify((await peers.commands.open(link)).json)
    for (const secret of ['for you', 'index', 'img', 'folder', 'html']) expect(told).not.toContain(secret)
  })

  it('whose table is no folder of theirs say so, to their readers', async () => {
    const bad = encodeFolderTable([{ path: 'a', bytes: 3 }])
    bad[bad.length - 1]! += 1
    for (const bytes of [bad, new Uint8Array(2), new Uint8Array(100).fill(0xff)])
      await expect(peers.commands.open(await putFolder(bytes))).rejects.toMatchObject({
        code: 'OBJECT_INVALID',
      })
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
    const { cid } = await peers.tab.seeder.add(source, { name: 'foreign' })
    const signer = authorOf(await fakeIdentity(1), peers.profile.now)
    const facts = { ...source.facts(), length: source.size, root: cid, cipher: sealing.cipher }
    const file = await signFile(facts, signer)
    const id = objectIdOf(file)
    await peers.author.store.put(encodeObject(file), { own: true })
    await openTestKeys(peers.profile.records).put(id, sealing)
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

    peers.isStranger = true
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
    const { status, headers, body } = await answerCyfs(peers.commands, request, new AbortController().signal)
    const bytes = await collectBytes(body)
    return { status, headers, bytes, text: new TextDecoder().decode(bytes) }
  }
})

async function* streamOf(bytes: Bytes): AsyncGenerator<Bytes> {
  yield bytes
}
