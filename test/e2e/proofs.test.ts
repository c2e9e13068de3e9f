import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ProvenPage } from '#api/machine-types.ts'
import type { Tabland } from '#api/types.ts'
import { ByteReader, type Bytes, ByteWriter, concat } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { protocolsOf } from '#core/network.ts'
import { decodeAnswer, encodeAnswer, type ProvenAnswer } from '#graph/machine/answer.ts'
import { ROOT } from '../../scripts/lib/root.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { createFetcher, relayAddressAt } from './harness/fetcher.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const runFile = promisify(execFile)
const ORDERER = ['--orderer', '--block-time', '200ms']
/** Blocks come every 200 ms here; a browser on a busy machine is slower. */
const SOON = { timeout: 60_000 }
type Stop = () => Promise<unknown> | unknown
const stops: Stop[] = []
const lasting: Stop[] = []
/** Its origins keep their machines and links apart. */
let profile: Profile
/** Orders the links of most tests. */
let orderer: RelayProcess

beforeAll(async () => {
  profile = await launchProfile()
  lasting.push(() => profile.close())
  orderer = await startRelay({ args: ORDERER })
  lasting.push(() => orderer.stop())
})

afterEach(() => stopAll(stops))
afterAll(() => stopAll(lasting))

async function stopAll(all: Stop[]): Promise<void> {
  for (const stop of all.splice(0).reverse()) await stop()
}

async function start(options: Parameters<typeof startRelay>[0]): Promise<RelayProcess> {
  const relay = await startRelay(options)
  stops.push(() => relay.stop())
  return relay
}

async function open(url: string): Promise<{ page: Page; logs: string[] }> {
  const opened = await openPage(profile, `${url}/?world=off`)
  stops.push(() => opened.page.close())
  await opened.page.waitForFunction(() => globalThis.tabland !== undefined)
  return opened
}

/** Waits until signed blocks prove so many results of a text, ranked already, and tells them. */
async function untilProven(page: Page, text: string, total: number): Promise<ProvenPage> {
  const prove = () => page.evaluate((query) => tabland.rank.prove(query), text)
  const ranked = async () => (await prove())?.results.filter(({ rank }) => rank > 0n).length
  await expect.poll(ranked, SOON).toBe(total)
  return (await prove())!
}

async function heightOf({ url }: RelayProcess): Promise<number | undefined> {
  const health = await fetch(`${url}/healthz`)
  return ((await health.json()) as { readonly machine?: { readonly height: number } }).machine?.height
}

async function idOf({ url }: RelayProcess): Promise<string> {
  return (await relayAddressAt(url)).split('/p2p/').at(-1) ?? ''
}

async function folderFor(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `tabland-${name}-`))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

type Lie = (answer: ProvenAnswer) => Partial<ProvenAnswer>

/** Answers with what the relay answers, changed by the lie that `tell` was given last. */
async function startLiar(relay: RelayProcess) {
  const liar = await createFetcher([relay.url])
  stops.push(() => liar.stop())
  const { transport, state } = liar.node
  const { network, peerId } = state.value
  const { answers: protocol, linksSync } = protocolsOf(network)
  const relayId = await idOf(relay)
  let change: Lie = () => ({})
  // who keeps no links is no neighbour
  transport.requests.handle(linksSync, async function* () {
    yield new Uint8Array(4)
  })
  transport.requests.handle(protocol, async function* (request) {
    const frames: Bytes[] = []
    for await (const frame of transport.requests.request(relayId, protocol, request)) frames.push(frame)
    const reader = new ByteReader(concat(...frames))
    const block = reader.bytes(reader.u32('length'), 'block')
    const answer = decodeAnswer(reader.bytes(reader.u32('length'), 'answer'))
    for (const part of [block, encodeAnswer({ ...answer, ...change(answer) })])
      yield concat(new ByteWriter(4).u32(part.length).finish(), part)
  })
  return {
    peerId,
    tell(lie: Lie) {
      change = lie
    },
  }
}

describe('a tab and the ordered machine', () => {
  it('[KG20] verifies its results under a signed block, shows the path, and saves a proof that the command checks', async () => {
    const { page } = await open(orderer.url)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(async () => {
      for (const word of ['night', 'tide', 'sky']) await tabland.link('moon', word)
    })
    await untilProven(page, 'moon', 3)

    await page.getByRole('combobox', { name: 'Search words and things' }).fill('moon')
    await page.keyboard.press('Enter')
    await page.getByText(/^Verified under block \d+: all 3 results/).waitFor()
    await page
      .getByRole('button', { name: /^Block \d+/ })
      .first()
      .click()
    await page.getByRole('img', { name: /^Path to the root over \d hashes$/ }).waitFor()
    await page.getByRole('button', { name: 'Check it yourself' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const text = await page.evaluate(() => navigator.clipboard.readText())
    const verified = await page.evaluate(async (proof) => {
      const { isTrusted, root, block } = await tabland.rank.verify(proof)
      return { isTrusted, root, height: block?.height }
    }, text)
    expect(verified).toMatchObject({ isTrusted: true, root: JSON.parse(text).root })

    const file = join(await folderFor('proof'), 'proof.json')
    await writeFile(file, text)
    const { stdout } = await runFile(process.execPath, ['relay/cli/tabland.js', 'verify', file], {
      cwd: ROOT,
    })
    const { root, height } = verified
    expect(JSON.parse(stdout)).toMatchObject({ root, height, treeSize: 4 })

    await page.evaluate(() => tabland.rank.machine())
    const { block, machine } = await page.evaluate(() => tabland.state.machine.value)
    expect(block?.orderer).toBe(machine?.orderers[0])
    await page.getByRole('button', { name: 'Graph', exact: true }).click()
    await page.getByRole('button', { name: 'How ranks are computed' }).click()
    await page.getByRole('region', { name: 'Rank' }).getByText('Newest block').waitFor()
  })

  /** A result left out, a link left out, a link slipped in, another rank. */
  const LIES: readonly Lie[] = [
    ({ targets }) => ({ targets: targets.slice(1) }),
    ({ links, targets }) => ({ links: links.slice(52), targets: targets.slice(1) }),
    ({ links }) => ({ links: concat(links, links.subarray(0, 52)) }),
    ({ targets: [first, ...rest] }) => ({
      targets: first === undefined ? [] : [{ ...first, rank: 7n }, ...rest],
    }),
  ]

  it('[KG16a] refuses and names a peer that leaves something out, slips something in or changes a rank', async () => {
    const liar = await startLiar(orderer)
    const { page } = await open(orderer.url)
    await page.evaluate(async () => {
      await tabland.link('sun', 'day')
      await tabland.link('sun', 'light')
    })
    await untilProven(page, 'sun', 2)
    for (const lie of LIES) {
      liar.tell(lie)
      await page.reload() // a tab that was opened anew has not met it
      await page.waitForFunction(() => globalThis.tabland !== undefined)
      const refused = async () => {
        await page.evaluate(() => tabland.rank.prove('sun').catch(() => {})) // it may be the only one to ask
        return page.evaluate(() => tabland.state.machine.value.refused.map(({ peer }) => peer))
      }
      await expect.poll(refused, SOON).toEqual([liar.peerId])
    }
    const proven = await page.evaluate(() => tabland.rank.prove('sun'))
    expect(proven?.results.map(({ cid }) => cid).toSorted()).toEqual(['day', 'light'].map(textCid).toSorted())
    await page.getByRole('combobox', { name: 'Search words and things' }).fill('sun')
    await page.keyboard.press('Enter')
    await page.getByText(/^Refused: /).waitFor()
  })

  it('[KG16a] verifies as a newcomer what another peer ranked by its own kernel, with the orderer gone', async () => {
    const { page: first } = await open(orderer.url)
    await first.evaluate(() => tabland.link('sea', 'tide'))
    const { block } = await untilProven(first, 'sea', 1)
    await first.close()
    const relays = await relayAddressAt(orderer.url)
    const args = ['--follow', orderer.url, '--relays', relays, '--block-time', '200ms']
    const follower = await start({ args })
    await expect.poll(() => heightOf(follower), SOON).toBeGreaterThanOrEqual(block.height)
    await orderer.halt()
    stops.push(() => orderer.restart())

    const { page } = await open(follower.url) // another origin: a newcomer
    const { peer, results } = await untilProven(page, 'sea', 1)
    expect([peer, results[0]?.cid]).toEqual([await idOf(follower), textCid('tide')])
    const verified = await page.evaluate(async () => {
      const proof = await tabland.rank.proof('tide', { from: 'sea' })
      return { ...(await tabland.rank.verify(proof)), block: undefined }
    })
    expect(verified).toMatchObject({ cid: textCid('tide'), isTrusted: true })
    const left = await page.evaluate(() => tabland.rank.bandwidth())
    expect(left?.peer).toBe(await idOf(follower))
    expect(left?.remaining).toBe(left?.max)
  })

  it('[KG3] shows both blocks when an orderer signs two of one height', async () => {
    const one = await start({ args: ORDERER })
    // the same keys and the same genesis, before there is a block
    const dataDir = await folderFor('orderer')
    await mkdir(join(dataDir, 'orderer'))
    for (const name of ['wallet.json', 'device.key', 'genesis.txt'])
      await copyFile(join(one.dataDir, 'orderer', name), join(dataDir, 'orderer', name))
    const two = await start({ args: ORDERER, dataDir })
    const { page: first } = await open(one.url)
    await first.evaluate(() => tabland.link('moon', 'night'))
    await untilProven(first, 'moon', 1)
    await first.close()
    const { page } = await open(two.url)
    await page.evaluate(() => tabland.link('sun', 'day'))
    await untilProven(page, 'sun', 1)
    // Each made five blocks of a link of its own. When the page brings each the other's, both make ten more.
    await page.evaluate((address) => tabland.net.addRelay(address), await relayAddressAt(one.url))
    const forks = () => page.evaluate(async () => (await tabland.rank.machine()).forks)
    await expect.poll(async () => (await forks()).length, SOON).toBeGreaterThan(0)
    const [fork] = await forks()
    const [a, b] = fork!.blocks
    expect([a.height, a.orderer]).toEqual([b.height, b.orderer])
    expect(a.hash).not.toBe(b.hash)
    await page.getByRole('button', { name: 'Graph', exact: true }).click()
    await page.getByRole('button', { name: 'How ranks are computed' }).click()
    const panel = page.getByRole('region', { name: 'Rank' })
    await panel.getByText(`An orderer signed two blocks of height ${fork!.height}.`).waitFor()
    expect(await panel.getByRole('button', { name: /^Copy The signed block/i }).count()).toBeGreaterThan(1)
  })

  it('[KG1] says when the relay names another machine, and does not believe it', async () => {
    const { page, logs } = await open(orderer.url)
    const machineId = () => page.evaluate(async () => (await tabland.rank.machine()).machine?.id)
    const id = await machineId()
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    await orderer.halt()
    await rm(join(orderer.dataDir, 'orderer'), { recursive: true })
    await orderer.restart()
    expect(await readFile(join(orderer.dataDir, 'orderer', 'genesis.txt'), 'utf8')).toContain('orderer ')
    await page.reload()
    await page.waitForFunction(() => globalThis.tabland?.state.machine.value.other !== undefined)
    expect(await machineId()).toBe(id)
    expect(logs.join('\n')).toContain('names another machine')
    const other = await page.evaluate(() => tabland.state.machine.value.other?.id ?? '')
    await page.evaluate((choice) => tabland.rank.trust(choice), other)
    await page.reload()
    await page.waitForFunction(() => globalThis.tabland !== undefined)
    expect(await machineId()).toBe(other)
  })
})
