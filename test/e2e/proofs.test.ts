import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { ByteReader, type Bytes, ByteWriter, concat } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { protocolsOf } from '#core/network.ts'
import { decodeAnswer, encodeAnswer, type ProvenAnswer } from '#graph/machine/answer.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { createCommands } from './harness/command.ts'
import { createFetcher, relayAddressAt } from './harness/fetcher.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const ORDERER = ['--orderer', '--block-time', '200ms']
/** Blocks come every 200 ms here; a browser on a busy machine is slower. */
const SOON = { timeout: 60_000 }
const stops: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function start(options: Parameters<typeof startRelay>[0] = {}): Promise<RelayProcess> {
  const relay = await startRelay({ args: ORDERER, ...options })
  stops.push(() => relay.stop())
  return relay
}

async function newProfile(): Promise<Profile> {
  const profile = await launchProfile()
  stops.push(() => profile.close())
  return profile
}

async function open(profile: Profile, url: string): Promise<{ page: Page; logs: string[] }> {
  const opened = await openPage(profile, `${url}/?world=off`)
  await opened.page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
  return opened
}

/** Waits until the orderer's blocks prove so many results of a text. */
async function untilProven(page: Page, text: string, total: number): Promise<void> {
  const proven = () => page.evaluate(async (query) => (await tabland.rank.prove(query))?.total, text)
  await expect.poll(proven, SOON).toBe(total)
}

async function folderFor(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `tabland-${name}-`))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Answers with what the relay answers, changed. */
async function startLiar(relay: RelayProcess, change: (answer: ProvenAnswer) => Partial<ProvenAnswer>) {
  const liar = await createFetcher([relay.url])
  stops.push(() => liar.stop())
  const { transport, state } = liar.node
  const { network, peerId } = state.value
  const { answers: protocol } = protocolsOf(network)
  const relayId = (await relayAddressAt(relay.url)).split('/p2p/').at(-1) ?? ''
  transport.requests.handle(protocol, async function* (request) {
    const frames: Bytes[] = []
    for await (const frame of transport.requests.request(relayId, protocol, request)) frames.push(frame)
    const reader = new ByteReader(concat(...frames))
    const block = reader.bytes(reader.u32('length'), 'block')
    const answer = decodeAnswer(reader.bytes(reader.u32('length'), 'answer'))
    for (const part of [block, encodeAnswer({ ...answer, ...change(answer) })])
      yield concat(new ByteWriter(4).u32(part.length).finish(), part)
  })
  return peerId
}

describe('a tab and the ordered machine', () => {
  it('[KG20] verifies its results under a signed block, shows the path, and saves a proof that the command checks', async () => {
    const relay = await start()
    const { page } = await open(await newProfile(), relay.url)
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

    const folder = await folderFor('proof')
    const file = join(folder, 'proof.json')
    await writeFile(file, text)
    const commands = createCommands(folder)
    stops.push(() => commands.stop())
    const { code, stdout } = await commands.run(['verify', file])
    const { root, height } = verified
    expect(JSON.parse(stdout.toString())).toMatchObject({ root, height, treeSize: 4 })
    expect(code).toBe(0)

    await page.evaluate(() => tabland.rank.machine())
    const { block, machine } = await page.evaluate(() => tabland.state.machine.value)
    expect(block?.orderer).toBe(machine?.orderers[0])
    await page.getByRole('button', { name: 'Graph', exact: true }).click()
    await page.getByRole('button', { name: 'How ranks are computed' }).click()
    await page.getByRole('region', { name: 'Rank' }).getByText('Newest block').waitFor()
  })

  /** A result left out, a link left out, a link slipped in, another rank. */
  const LIES: readonly ((answer: ProvenAnswer) => Partial<ProvenAnswer>)[] = [
    ({ targets }) => ({ targets: targets.slice(1) }),
    ({ links, targets }) => ({ links: links.slice(52), targets: targets.slice(1) }),
    ({ links }) => ({ links: concat(links, links.subarray(0, 52)) }),
    ({ targets: [first, ...rest] }) => ({
      targets: first === undefined ? [] : [{ ...first, rank: 7n }, ...rest],
    }),
  ]

  it('[KG16a] refuses and names peers that leave something out, slip something in or change a rank', async () => {
    const relay = await start()
    const liars = await Promise.all(LIES.map((change) => startLiar(relay, change)))
    const { page } = await open(await newProfile(), relay.url)
    await page.evaluate(async () => {
      await tabland.link('moon', 'night')
      await tabland.link('moon', 'tide')
    })
    await untilProven(page, 'moon', 2)
    const refused = () => page.evaluate(() => tabland.state.machine.value.refused.map(({ peer }) => peer))
    await expect
      .poll(async () => {
        await page.evaluate(() => tabland.rank.prove('moon'))
        return (await refused()).toSorted()
      }, SOON)
      .toEqual(liars.toSorted())
    const proven = await page.evaluate(() => tabland.rank.prove('moon'))
    expect(proven?.results.map(({ cid }) => cid).toSorted()).toEqual(
      ['night', 'tide'].map(textCid).toSorted(),
    )
    await page.getByRole('combobox', { name: 'Search words and things' }).fill('moon')
    await page.keyboard.press('Enter')
    await page
      .getByText(/^Refused: /)
      .first()
      .waitFor()
    expect(await page.getByText(/^Refused: /).count()).toBe(LIES.length)
  })

  it('[KG3] shows both blocks when an orderer signs two of one height', async () => {
    const one = await start()
    await one.halt()
    // the same keys and the same genesis, before there is a block
    const dataDir = await folderFor('orderer')
    await cp(join(one.dataDir, 'orderer'), join(dataDir, 'orderer'), { recursive: true })
    await one.restart()
    const first = await open(await newProfile(), one.url)
    await first.page.evaluate(() => tabland.link('moon', 'night'))
    await untilProven(first.page, 'moon', 1)
    await one.halt()

    const two = await start({ dataDir })
    const { page } = await open(await newProfile(), two.url)
    await page.evaluate(() => tabland.link('sun', 'day'))
    await untilProven(page, 'sun', 1)
    await one.restart()
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
    const relay = await start()
    const profile = await newProfile()
    const { page, logs } = await open(profile, relay.url)
    const idOf = () => page.evaluate(async () => (await tabland.rank.machine()).machine?.id)
    const id = await idOf()
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    await relay.halt()
    await rm(join(relay.dataDir, 'orderer'), { recursive: true })
    await relay.restart()
    expect(await readFile(join(relay.dataDir, 'orderer', 'genesis.txt'), 'utf8')).toContain('orderer ')
    await page.reload()
    await page.waitForFunction(() => globalThis.tabland?.state.machine.value.other !== undefined)
    expect(await idOf()).toBe(id)
    expect(logs.join('\n')).toContain('names another machine')
    const other = await page.evaluate(() => tabland.state.machine.value.other?.id ?? '')
    await page.evaluate((choice) => tabland.rank.trust(choice), other)
    await page.reload()
    await page.waitForFunction(() => globalThis.tabland !== undefined)
    expect(await idOf()).toBe(other)
  })
})
