import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { openDenyList, parseDenyList, withoutDenied, withoutDeniedTexts } from '#relay/deny-list.ts'
import { connect, createFixtures } from './fixtures.ts'

const fixtures = createFixtures()
afterEach(() => fixtures.stop())
const dir = mkdtempSync(join(tmpdir(), 'tabland-deny-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const OBJECT = '5aSixgLwnWbmsS29kAr6KuLZq1HETx2aXMR2A4eP8yk7'
const CID_V0 = 'QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n'

function write(text: string): string {
  const path = join(dir, 'deny.txt')
  writeFileSync(path, text)
  return path
}

async function cidOf(text: string): Promise<CID> {
  return CID.createV1(0x55, await sha256.digest(utf8(text)))
}

async function listOf<Item>(items: AsyncIterable<Item> | Iterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('[RE7] deny list', () => {
  it('has one peer id, CID or object id on each line, and comments', () => {
    const text = `# spam\n${PEER} # of May\n\n  ${CID_V0}\r\n${OBJECT}`
    expect(parseDenyList(text, 'deny.txt').size).toBe(3)
  })

  it('names the line that is neither', async () => {
    const path = write(`${PEER}\nspam@example.org\n`)
    const opened = openDenyList({ path, log() {}, intervalMs: 1_000 })
    await expect(opened).rejects.toMatchObject({
      code: 'DENY_LIST',
      message: `${path}, line 2: expected a peer id (12D3KooW…), a CID (bafy…, Qm…) or the id of a named object, got "spam@example.org".`,
    })
    await expect(fixtures.relay(['--deny', path])).rejects.toMatchObject({ code: 'DENY_LIST' })
    await expect(
      openDenyList({ path: join(dir, 'absent'), log() {}, intervalMs: 1_000 }),
    ).rejects.toMatchObject({ message: expect.stringContaining('there is no such file') })
    await expect(
      openDenyList({ path: write(`#${' '.repeat(9 << 20)}`), log() {}, intervalMs: 1_000 }),
    ).rejects.toMatchObject({ message: expect.stringContaining('8388608 bytes') })
  })

  it('knows a content whatever codec and version its CID has', async () => {
    const cid = CID.parse(CID_V0)
    const list = await openDenyList({ path: write(cid.toV1().toString()), log() {}, intervalMs: 1_000 })
    expect([cid, cid.toV1(), CID.createV1(0x55, cid.multihash)].map(list.isDenied)).toEqual([
      true,
      true,
      true,
    ])
    expect(list.isDenied(await cidOf('other'))).toBe(false)
    expect(list.denied).toEqual({ peer: 0, content: 3 })
  })

  it('blocks that are denied are neither there nor kept nor told of', async () => {
    const [bad, good] = [await cidOf('bad'), await cidOf('good')]
    const list = await openDenyList({ path: write(String(bad)), log() {}, intervalMs: 1_000 })
    const inner = new MemoryBlockstore()
    inner.put(bad, utf8('bad'))
    const store = withoutDenied(inner, list)
    await store.put(good, utf8('good'))
    expect([await store.has(bad), await store.has(good)]).toEqual([false, true])
    await expect(listOf(store.get(bad))).rejects.toMatchObject({ name: 'NotFoundError' })
    expect(await listOf(store.get(good))).toHaveLength(1)
    inner.delete(bad)
    await store.put(bad, utf8('bad'))
    expect(await listOf(store.putMany([{ cid: bad, bytes: utf8('bad') }]))).toEqual([bad])
    expect(inner.has(bad)).toBe(false)
    expect(await listOf(store.getMany([bad, good]))).toHaveLength(1)
  })

  it('texts that are denied are neither told nor asked for', async () => {
    const [bad, good] = [String(await cidOf('bad')), String(await cidOf('good'))]
    const list = await openDenyList({ path: write(bad), log() {}, intervalMs: 1_000 })
    const asked: (readonly string[])[] = []
    const graph = withoutDeniedTexts(
      {
        texts: async (cids: readonly string[]) => {
          asked.push(cids)
          return []
        },
        missingTexts: async () => [bad, good],
      } as unknown as GraphService,
      list,
    )
    await graph.texts([bad, good])
    expect(asked).toEqual([[good]])
    expect(await graph.missingTexts(2)).toEqual([good])
  })

  it('peers on it are not let in, and are cut when they are added while the relay runs', async () => {
    const path = write('# nobody yet\n')
    const { relay, logged } = await fixtures.relay(['--deny', path], { denyPollMs: 20 })
    const [bad, good] = [await fixtures.peer([relay]), await fixtures.peer([relay])]
    await expect.poll(() => relay.stats().reservations).toBe(2)
    write(`${bad.peerId}\n`)
    await expect.poll(() => relay.libp2p.getConnections(bad.peerId).length, { timeout: 10_000 }).toBe(0)
    await expect.poll(() => relay.stats().reservations).toBe(1)
    expect(relay.libp2p.getConnections(good.peerId)).toHaveLength(1)
    await connect(bad, relay).catch(() => {}) // the gater answers after the dialler's handshake
    await expect.poll(() => bad.getConnections().length).toBe(0)
    expect(relay.libp2p.getConnections(bad.peerId)).toHaveLength(0)
    expect(relay.stats().denied.peer).toBeGreaterThan(0)
    expect(await (await fetch(`${relay.httpUrl}metrics`)).text()).toMatch(
      /^tabland_relay_denied_total\{kind="peer"\} [1-9]/m,
    )
    // A bad line is named, and the list from before stays.
    write('nonsense\n')
    await expect.poll(() => logged.join('\n'), { timeout: 10_000 }).toContain('line 1')
    expect(logged.join('\n')).toContain('The list from before stays in force.')
    write('')
    await expect.poll(() => logged.at(-1), { timeout: 10_000 }).toContain('0 entries')
    await connect(bad, relay)
  })
})
