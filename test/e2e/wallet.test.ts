import { readFile } from 'node:fs/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import type { Hex } from '#chain/hex.ts'
import { landAbi } from '#contracts/land.ts'
import { birthCell, shareOf } from '#core/land-rule.ts'
import { describeMissingAnvil, findAnvil } from '#relay/local-chain/anvil.ts'
import { createFakeProvider, type FakeProvider } from '#test/fakes/injected-provider.ts'
import { type LyingNode, startLyingNode } from '#test/fakes/lying-node.ts'
import { AUCTION_SECONDS, type LandChain, startLandChain, tellOfChain } from './harness/chain.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

/**
 * From nothing to a plot with a model on it that somebody else sees: with the wallet of the tab, and with one of the
 * browser; and what is said when it does not go well.
 */
declare global {
  // set by the page once its peer runs
  var tabland: Tabland
  // what the wallet of the test answers, in this process
  var askTestWallet: (
    method: string,
    params: readonly unknown[],
  ) => Promise<{ result?: unknown; error?: unknown }>
}

const MODEL = new URL('../../sample/models/lantern.glb', import.meta.url)
/** Where a run keeps its pictures, for people to look at. */
const PICTURES = process.env.TABLAND_PICTURES

let land: LandChain
let relay: RelayProcess
let burner: Profile
let injected: Profile
let visitor: Profile
/** The visitor's endpoints. */
let liar: LyingNode
let honest: LyingNode
const held: { send?: PromiseWithResolvers<void> } = {}
const provider = createFakeProvider({
  async forward(method, params) {
    await held.send?.promise
    return land.chain.client.request({ method, params } as never)
  },
})

beforeAll(async () => {
  if (findAnvil() === undefined) return
  ;[land, relay] = await Promise.all([startLandChain(), startRelay()])
  ;[burner, injected] = [await launchProfile(), await launchProfile()]
  visitor = await launchProfile(undefined, { gpu: true })
  for (const { context } of [burner, injected]) await tellOfChain(context, land.facts)
  ;[liar, honest] = [await startLyingNode(land.chain.url), await startLyingNode(land.chain.url)]
  await tellOfChain(visitor.context, { ...land.facts, rpc: [liar.url, honest.url] })
  await installWallet(injected.context, provider)
})

beforeEach((context) => {
  if (findAnvil() === undefined) context.skip(describeMissingAnvil())
})

afterAll(async () => {
  for (const profile of [burner, injected, visitor]) await profile?.close()
  await relay?.stop()
  for (const node of [liar, honest]) await node?.stop()
  await land?.stop()
})

/** The nth parcel that is sold at auction, and where it will lie. */
function auctioned(nth: number): { readonly id: number; readonly x: number; readonly y: number } {
  for (let id = 1, left = nth; ; id++)
    if (shareOf(id) === 'auction' && left-- === 0) return { id, ...birthCell(id) }
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/wallet-${name}.png` })
}

async function openAt(profile: Profile, { x, y }: { readonly x: number; readonly y: number }): Promise<Page> {
  const { page } = await openPage(profile, `${relay.url}/?world=off#/${x},${y}`)
  await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
  await page.waitForFunction(() => tabland.state.purse.value.chain !== undefined)
  await page
    .getByRole('button', { name: 'Dismiss' })
    .click({ timeout: 2_000 })
    .catch(() => {})
  return page
}

async function openWallet(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Wallet', exact: true }).click()
}

/** What the dialog says, once it was tried out. */
async function dialogOf(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog')
  const ready = dialog.getByRole('button', { name: /^(Sign and send|Switch, sign and send)$/ })
  await ready.or(dialog.getByRole('alert')).first().waitFor()
  return dialog.innerText()
}

async function sign(page: Page, button = 'Sign and send'): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: button }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

async function passAuction(page: Page): Promise<void> {
  await land.chain.advance(AUCTION_SECONDS + 1)
  await page.reload()
  await page.waitForFunction(() => globalThis.tabland?.state.purse.value.chain !== undefined)
}

async function publish(page: Page, { x, y }: { readonly x: number; readonly y: number }): Promise<string> {
  return page.evaluate(
    async ([x, y, bytes]) => {
      const pose = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }
      return (await tabland.land.publish(x, y, new Uint8Array(bytes), pose)).root
    },
    [x, y, [...(await readFile(MODEL))]] as const,
  )
}

async function seesModel(page: Page, { x, y }: { readonly x: number; readonly y: number }, root: string) {
  await page.waitForFunction(([x, y, root]) => tabland.land.at(x, y)?.root === root, [x, y, root] as const)
}

test('[CH6][CH16][CH17] the wallet of a tab: from nothing to a plot with a model on it that another tab sees', async () => {
  const plot = auctioned(0)
  const page = await openAt(burner, plot)
  await page.getByText('Nobody yet').waitFor()
  await page.getByText(/^Verified at block/).waitFor()
  await page.getByText('1 source').waitFor()
  await openWallet(page)
  await page.getByRole('button', { name: 'Make my wallet' }).click()

  // without coins nothing is signed
  await page.getByRole('button', { name: 'Open the auction' }).click()
  expect(await dialogOf(page)).toContain('This takes 100 CYBR, and the wallet has 0 CYBR.')
  await picture(page, 'no-cybr')
  await page.getByRole('dialog').getByRole('button', { name: 'Leave it' }).click()

  await page.getByRole('button', { name: 'Get test coins' }).click()
  await page.getByText('500 CYBR').waitFor()
  await picture(page, 'balance')

  // nor without anything for the fee
  const address = (await page.evaluate(() => tabland.wallet.address())) as Hex
  const rich = await land.chain.client.getBalance({ address })
  await land.chain.client.setBalance({ address, value: 1n })
  await page.getByRole('button', { name: 'Open the auction' }).click()
  expect(await dialogOf(page)).toContain('Your wallet has too little')
  await picture(page, 'no-funds')
  await land.chain.client.setBalance({ address, value: rich })
  await page.getByRole('dialog').getByRole('button', { name: 'Leave it' }).click()

  await page.getByRole('button', { name: 'Open the auction' }).click()
  const asked = await dialogOf(page)
  for (const told of ['100 CYBR', `plot No. ${plot.id}`, 'Local test chain', 'Fee, at most'])
    expect(asked).toContain(told)
  await picture(page, 'question')
  await sign(page)
  await page.getByText(/^100 CYBR · You · ends in/).waitFor()
  await page.getByText(/^in a block/).waitFor()
  await picture(page, 'bid')
  await page.getByRole('button', { name: 'Land', exact: true }).click()
  await page.getByRole('button', { name: /100 CYBR/ }).waitFor()
  await picture(page, 'auctions')

  await passAuction(page)
  await page.getByRole('button', { name: 'Collect your plot' }).click()
  await dialogOf(page)
  await sign(page)
  await page.getByRole('button', { name: 'Show that you are here' }).waitFor()
  await picture(page, 'owned')

  const root = await publish(page, plot)
  // a token that stands for it, and where it stands
  await page.getByRole('button', { name: 'Mint its token' }).click()
  for (const told of ['A token that stands for this model', root, '5 %'])
    expect(await dialogOf(page)).toContain(told)
  await sign(page)
  await page.getByRole('button', { name: 'Place its token here' }).click()
  expect(await dialogOf(page)).toContain(`stands on plot No. ${plot.id}`)
  await sign(page)
  await page.getByText(/^stands on plot No\. .* held by you/).waitFor()
  await picture(page, 'token')

  // a planet that takes a payment to enter
  await page.getByRole('button', { name: 'Planet and portal' }).click()
  await page.getByRole('button', { name: 'Make its planet' }).click()
  await dialogOf(page)
  await sign(page)
  await page.getByLabel(/^Price in CYBR/).fill('5')
  await page.getByLabel(/^Days/).fill('30')
  await page.getByRole('button', { name: 'Set the entrance' }).click()
  expect(await dialogOf(page)).toContain('5 CYBR opens the planet')
  await sign(page)
  await page.getByText('5 CYBR, 30 days').waitFor()
  await picture(page, 'planet')

  const other = await openAt(visitor, plot)
  await seesModel(other, plot, root)
  await other.getByText(/^stands on plot No\. .* held by 0x/).waitFor()
  // who owns it is read from the chain by everybody
  expect(
    await other.evaluate(async ([x, y]) => (await tabland.land.show(x, y))?.mine, [plot.x, plot.y] as const),
  ).toBe(false)
  await expect(publish(other, plot)).rejects.toThrow('is not yours to build on')
  await picture(other, 'seen')

  // whoever comes pays once, by one transaction, and is let in
  await other.evaluate(() => tabland.wallet.faucet())
  await other.getByRole('button', { name: 'Enter for 5 CYBR, 30 days' }).click()
  const entrance = await dialogOf(other)
  for (const told of ['5 CYBR', `the planet of plot No. ${plot.id}`, 'for 30 days', 'Contract'])
    expect(entrance).toContain(told)
  await sign(other)
  await other.getByText('Nothing stands on this planet yet.').waitFor()
  await other
    .getByText(/^You are let in until/)
    .first()
    .waitFor()
  await picture(other, 'on-planet')
  const income = await page.evaluate(
    async () => (await tabland.wallet.balance()).incomeWei === 5n * 10n ** 18n,
  )
  expect(income).toBe(true)

  // off the plot it is not built any more, but its token stands there still, and a world draws it
  await page.evaluate(([x, y]) => tabland.land.clear(x, y), [plot.x, plot.y] as const)
  await other.close()
  const { page: world } = await openPage(visitor, `${relay.url}/#/${plot.x},${plot.y}`)
  await drawsTokens(world, plot, 1)
  await world.getByRole('button', { name: 'Land', exact: true }).click()
  await world.getByText(/^Model No\. 1, held by 0x/).waitFor()
  await picture(world, 'token-in-world')
  await page.getByRole('button', { name: 'Take away' }).click()
  await dialogOf(page)
  await sign(page)
  await drawsTokens(world, plot, 0)
  await world.close()
})

/** Waits until a world draws so many model tokens on a plot where nothing is built, and nothing else. */
async function drawsTokens(page: Page, { x, y }: { readonly x: number; readonly y: number }, count: number) {
  await page.waitForFunction(
    ([x, y, count]) =>
      globalThis.tabland?.land.at(x, y) === undefined &&
      globalThis.tabland?.land.tokens(x, y).length === count &&
      tabland.world?.stats.value.modelsLoaded === count,
    [x, y, count] as const,
  )
}

/** A wallet extension whose keys are in this process. */
async function installWallet(context: BrowserContext, provider: FakeProvider): Promise<void> {
  await context.exposeFunction('askTestWallet', async (method: string, params: readonly unknown[]) => {
    try {
      return { result: await provider.request({ method, params }) }
    } catch (error) {
      const { code, message } = error as { readonly code?: number; readonly message: string }
      return { error: { code, message } }
    }
  })
  await context.addInitScript(() => {
    const provider = {
      async request({ method, params = [] }: { method: string; params?: readonly unknown[] }) {
        const { result, error } = await globalThis.askTestWallet(method, params)
        if (error !== undefined) throw error
        return result
      },
    }
    const info = {
      uuid: 'd8f3c6f4-0000-4000-8000-000000000001',
      name: 'Test Wallet',
      rdns: 'org.example.wallet',
    }
    const tell = () => {
      const detail = Object.freeze({ info, provider })
      window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
    }
    window.addEventListener('eip6963:requestProvider', tell)
    tell()
  })
}

test('[CH16][CH17] a wallet of the browser: the same, and each way in which it goes wrong', async () => {
  const plot = auctioned(1)
  const page = await openAt(injected, plot)
  await openWallet(page)

  // a person who says no is asked again when they want
  provider.refuse.set('eth_signTypedData_v4', { code: 4001, message: 'User rejected the request.' })
  await page.getByRole('button', { name: 'Use Test Wallet' }).click()
  await page.getByText(/^You said no in your wallet/).waitFor()
  provider.refuse.clear()
  await picture(page, 'connect-refused')
  await page.getByRole('button', { name: 'Use Test Wallet' }).click()
  await page.getByText('From Test Wallet').waitFor()
  await page.getByRole('button', { name: 'Get test coins' }).click()
  await page.getByText('500 CYBR').waitFor()
  await picture(page, 'connected')

  // set to another chain: told before anything is asked, and switched
  provider.chainId = 1
  await page.getByRole('button', { name: 'Open the auction' }).click()
  expect(await dialogOf(page)).toContain('is set to another chain')
  await picture(page, 'other-chain')
  provider.refuse.set('eth_sendTransaction', { code: 4001, message: 'User denied transaction signature.' })
  await page.getByRole('dialog').getByRole('button', { name: 'Switch, sign and send' }).click()
  await page
    .getByRole('dialog')
    .getByText(/^You said no in your wallet/)
    .waitFor()
  expect(provider.chainId).toBe(31_337)
  await picture(page, 'refused')
  provider.refuse.clear()

  // the page is closed while the wallet asks, and finds what it sent
  held.send = Promise.withResolvers()
  await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click()
  await dialogOf(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Sign and send' }).click()
  await page.waitForFunction(() => tabland.state.purse.value.transactions[0]?.stage === 'asking')
  await expect.poll(() => provider.asked.filter((method) => method === 'eth_sendTransaction').length).toBe(2)
  await picture(page, 'asking')
  await page.reload()
  held.send.resolve()
  delete held.send
  await page.waitForFunction(() => globalThis.tabland?.state.purse.value.transactions[0]?.stage === 'mined')
  // the address says that the wallet is open
  await page.getByText(/^in a block/).waitFor()
  await picture(page, 'after-reload')

  await passAuction(page)
  await page.getByRole('button', { name: 'Collect your plot' }).click()
  await dialogOf(page)
  await sign(page)
  await page.getByRole('button', { name: 'Show that you are here' }).waitFor()
  const root = await publish(page, plot)
  const shown = await page.evaluate(([x, y]) => tabland.land.at(x, y)?.neuron, [plot.x, plot.y] as const)
  expect(shown).toBe(provider.address as Hex)
  const other = await openAt(visitor, plot)
  await seesModel(other, plot, root)
})

test('[CH13][CH15] who lied stands on the page, and how old the land is that is shown when nobody answers', async () => {
  const { chain, facts } = land
  for (const node of [liar, honest]) node.reform()
  liar.forge = (method, result) =>
    method === 'eth_getProof' ? { ...(result as object), balance: '0x539' } : result
  const street = chain.at(landAbi, facts.contracts.land!)
  const [account] = chain.accounts
  if (!(await street.read.isMinted([1n]))) {
    await chain.mined(street.write.mintPublic([1n, 1n], { account: account! }))
  }
  const page = await openAt(visitor, birthCell(1))
  const showChain = () =>
    page.getByRole('heading', { name: 'The chain', exact: true }).scrollIntoViewIfNeeded()
  await page.getByRole('button', { name: 'Land', exact: true }).click()
  await showChain()
  await page.getByText(`${liar.name} gave a false value. It is not asked while there are others.`).waitFor()
  await page.getByText(/^Verified at block .* · 1 source$/).waitFor()
  await picture(page, 'liar')

  // once it is kept
  await page.evaluate(() => tabland.land.refresh())
  liar.isDown = true
  honest.isDown = true
  await page.reload()
  await page.getByText(/^land as of /).waitFor()
  await page.getByText(/^Kept from an earlier visit: so it was at block /).waitFor()
  await showChain() // the address says that the panel is open
  await page.getByText(/^The chain does not answer\. The land is shown as it was at block /).waitFor()
  await picture(page, 'unreachable')
})
