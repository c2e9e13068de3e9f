import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { publishSourceOf } from '#api/publisher.ts'
import { type Bytes, collectBytes, utf8 } from '#core/bytes.ts'
import { parseDigest } from '#core/cid.ts'
import { CHUNK_BYTES } from '#core/limits.ts'
import { formatCyfsLink } from '#objects/cyfs-link.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { chunkId, formatObjectId, parseObjectId } from '#objects/object-id.ts'
import { toObjectTime } from '#objects/object-time.ts'
import { createDesc, createContent as createObjectContent } from '#objects/object-type.ts'
import { deviceSigner, signObject } from '#objects/sign-object.ts'
import { dirType } from '#objects/types/dir.ts'
import { fileType } from '#objects/types/file.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { type ObjectCommandPeers, openObjectCommands } from '#test/fakes/object-commands.ts'
import { makeContent } from '#test/fakes/seed-profile.ts'

let peers: ObjectCommandPeers

beforeEach(async () => {
  peers = await openObjectCommands()
})

afterEach(() => peers.tab.stop())

const PICTURE = makeContent(1_000, 2)

async function publishSite() {
  const files = [
    { path: 'index.html', content: new Blob(['<img src="img/a.png">']) },
    { path: 'img/a.png', content: PICTURE },
  ]
  return peers.publisher.publish(publishSourceOf(files, 'site'))
}

const readAll = (link: string, options = {}) => collectBytes(peers.commands.read(link, options))

/** What the author has now, signed by somebody or by nobody. */
async function signAs(object: Pick<NamedObject, 'desc' | 'body'>, signs = true): Promise<NamedObject> {
  const unsigned = { ...object, descSigns: [], bodySigns: [] }
  const signer = deviceSigner(await fakeIdentity(1))
  return signs ? signObject(unsigned, signer, { signedAt: toObjectTime(peers.profile.now) }) : unsigned
}

async function putDir(paths: Parameters<typeof dirEntry>[], objects: readonly Bytes[] = []): Promise<string> {
  const { peopleId } = impliedIdentity((await fakeIdentity(1)).delegation)
  const value = { paths: new Map(paths.map((entry) => dirEntry(...entry))) }
  const desc = createDesc(dirType, { attributes: 0, list: { kind: 'entries', value } }, { owner: peopleId })
  const carried = objects.map((bytes) => ({ id: chunkId(bytes), value: bytes }))
  const content = createObjectContent(dirType, 'body', { kind: 'objects', objects: carried })
  const dir = await signAs({ desc, body: { updated: toObjectTime(peers.profile.now), content } })
  await peers.author.store.put(encodeObject(dir), { own: true })
  return `cyfs://o/${formatObjectId(peopleId)}/${formatObjectId(objectIdOf(dir))}`
}

function dirEntry(path: string, kind: 'object' | 'chunk', id: string) {
  return [path, { attributes: 0, node: { kind, value: parseObjectId(id) } }] as const
}

it('[OB16] says what to give where a link is no text', async () => {
  const refused = expect.objectContaining({ code: 'OBJECT_LINK_NONE' })
  for (const wrong of [undefined, 7, null, {}] as unknown as string[]) {
    await expect(peers.commands.open(wrong)).rejects.toThrow(refused)
    await expect(peers.commands.get(wrong)).rejects.toThrow(refused)
    await expect(readAll(wrong)).rejects.toThrow(refused)
  }
})

describe('[OB16] links with an inner path', () => {
  it('lead to the file in the folder; its File came along, so nobody is asked for it', async () => {
    const site = await publishSite()
    const opened = await peers.commands.open(`${site.link}/img/a.png`)
    expect(opened).toMatchObject({
      type: 'File',
      name: 'a.png',
      bytes: 1_000,
      mime: 'image/png',
      trust: { level: 'owner' },
    })
    expect(peers.asked).toEqual([site.id])
    expect(await readAll(`${site.link}/img/a.png`)).toEqual(PICTURE)
    expect(peers.within).toEqual([site.root])
    expect((await peers.commands.get(`${site.link}/img/a.png`)).length).toBeGreaterThan(100)
  })

  it('name what is not there', async () => {
    const site = await publishSite()
    for (const inner of ['img', 'img/b.png', 'index.html/a']) {
      const link = `${site.link}/${inner}`
      await expect(peers.commands.open(link), inner).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    }
    const file = await peers.publisher.publish(publishSourceOf(new Blob(['one']), 'one.txt'))
    const link = `${file.link}/two`
    await expect(peers.commands.open(link)).rejects.toMatchObject({ code: 'OBJECT_PATH_NOT_FOUND' })
    for (const other of ['cyfs://name/a', 'cyfs://a.r/b/c', `cyfs://o/${file.id}/name`]) {
      await expect(peers.commands.open(other), other).rejects.toMatchObject({ code: 'OBJECT_LINK_OTHER' })
    }
    for (const none of ['QmNope', 'http://example.com/x', `${file.id.slice(1)}0`]) {
      await expect(peers.commands.open(none), none).rejects.toMatchObject({ code: 'OBJECT_LINK_NONE' })
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
    expect(await peers.commands.open(`${link}/note.txt`)).toMatchObject({
      type: 'Chunk',
      bytes: 11,
      mime: 'text/plain',
    })
    expect(await readAll(`${link}/note.txt`, { start: 2 })).toEqual(utf8('few words'))
    await expect(peers.commands.open(`${link}/gone.txt`)).rejects.toMatchObject({
      code: 'OBJECT_PATH_NOT_FOUND',
    })
    expect((await peers.commands.open(link)).entries).toEqual([
      { path: 'deep/site', id: site.id },
      { path: 'gone.txt', id: expect.any(String), bytes: 9, mime: 'text/plain' },
      { path: 'note.txt', id: expect.any(String), bytes: 11, mime: 'text/plain' },
    ])
  })
})

it('[OB12] lists the entries of a folder, also of one whose list stands in a chunk', async () => {
  const site = await publishSite()
  expect(await peers.commands.open(site.id)).toMatchObject({
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
  const many = await peers.publisher.publish(publishSourceOf(files, 'many'))
  expect((await peers.commands.open(many.link)).entries).toHaveLength(900)
  const inner = formatCyfsLink({ ...peers.commands.parse(many.link), inner: `${files[899]!.path}` })
  expect(await readAll(inner)).toEqual(utf8('file 899'))
})

describe('[OB12] reading', () => {
  it('fetches of a range only its chunks', async () => {
    const bytes = makeContent(4 * CHUNK_BYTES + 5, 1)
    const file = await peers.publisher.publish(publishSourceOf(new Blob([bytes]), 'moon.bin'))
    const range = { start: 2 * CHUNK_BYTES - 1, end: 2 * CHUNK_BYTES + 1 }
    expect(await readAll(file.link, range)).toEqual(bytes.slice(range.start, range.end))
    // the root and two leaves
    expect(peers.blocksRead).toHaveLength(3)
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
    const file = await peers.publisher.publish(publishSourceOf(new Blob([]), 'empty.txt'))
    expect(await readAll(file.link)).toEqual(new Uint8Array())
  })

  it('holds the whole against the hash, and gives no range of what nobody signed', async () => {
    const bytes = makeContent(2 * CHUNK_BYTES, 3)
    const { root } = await peers.publisher.publish(publishSourceOf(new Blob([bytes]), 'true.bin'))
    const put = async (hash: Bytes, isSigned: boolean): Promise<string> => {
      const desc = createDesc(
        fileType,
        { length: BigInt(bytes.length), hash },
        isSigned ? { owner: impliedIdentity((await fakeIdentity(1)).delegation).peopleId } : {},
      )
      const body = { chunkList: { kind: 'list', chunks: [] }, root: parseDigest(root) } as const
      const content = createObjectContent(fileType, 'body', body)
      const file = await signAs(
        { desc, body: { updated: toObjectTime(peers.profile.now), content } },
        isSigned,
      )
      await peers.author.store.put(encodeObject(file), { own: true })
      return formatObjectId(objectIdOf(file))
    }
    const wrong = await put(new Uint8Array(32).fill(1), true)
    const got: Bytes[] = []
    const reading = (async () => {
      for await (const piece of peers.commands.read(wrong)) got.push(piece)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'OBJECT_BYTES_WRONG' })
    expect(got).toHaveLength(1)
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const unsigned = await put(hash, false)
    expect((await peers.commands.open(unsigned)).trust).toEqual({ level: 'id' })
    expect(Buffer.compare(await readAll(unsigned), bytes)).toBe(0)
    await expect(readAll(unsigned, { end: 5 })).rejects.toMatchObject({ code: 'OBJECT_RANGE_UNSIGNED' })
  })
})
