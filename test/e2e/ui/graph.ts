import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { UiPage } from '../pages/ui/page.ts'
import { openJoined, searchField } from './fixture.ts'

/** In the page. */
declare const uiPage: UiPage

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function graphTests(): void {
  describe('[KG21] the graph', () => {
    it('[KG21] is drawn around a result, and one goes on from there, by list, picture and address', async () => {
      const page = await openJoined()
      await searchField(page).fill('lantern')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: /^Show a light in .* in the graph$/ }).click()
      const panel = page.getByRole('region', { name: 'a light in a transparent protective case' })
      await panel.getByText('4 particles and 3 links are drawn. None is left out.').waitFor()
      await panel
        .getByRole('img', { name: /^Picture of the list/ })
        .locator('canvas')
        .first()
        .waitFor()
      const steps = panel.getByRole('button', { name: /leads here/ })
      expect(await steps.allInnerTexts()).toHaveLength(2)
      await steps.filter({ hasText: 'lantern' }).click()
      await page.getByRole('heading', { name: 'lantern', exact: true }).waitFor()
      const address = page.url()
      expect(address).toMatch(/#.*graph=Qm/)
      await page.goBack()
      await page.getByRole('heading', { name: 'a light in a transparent protective case' }).waitFor()
      // the link alone leads there too
      await page.getByRole('button', { name: 'Close' }).click()
      await page.evaluate((to) => location.assign(to), address)
      await page.getByRole('heading', { name: 'lantern', exact: true }).waitFor()
      // its dots are drawn and can be chosen
      const dot = await page.locator('.graph-canvas').evaluate(findDot)
      await page.mouse.click(dot.x, dot.y)
      await expect.poll(() => page.url()).not.toBe(address)
    })

    it('[KG21] draws no label over another, and others as one zooms in', async () => {
      const page = await openJoined()
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await page.evaluate(() => {
        const { fake } = uiPage
        for (let i = 0; i < 56; i++) {
          fake.addLink(i < 8 ? 'harbour' : `a ship of name ${i % 8}`, `a ship of name ${i}`)
        }
      })
      await page.evaluate(watchLabels)
      await searchField(page).fill('harbour')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Graph', exact: true }).click()
      await page.getByRole('heading', { name: 'harbour', exact: true }).waitFor()
      await expect.poll(async () => (await labelsOf(page)).length).toBeGreaterThan(5)
      const before = await labelsOf(page)
      expect(overlapping(before)).toEqual([])
      expect(before.map(({ text }) => text)).toContain('harbour')
      await page.getByRole('button', { name: 'Zoom in' }).click()
      const known = new Set(before.map(({ text }) => text))
      await expect.poll(async () => (await labelsOf(page)).some(({ text }) => !known.has(text))).toBe(true)
      expect(overlapping(await labelsOf(page))).toEqual([])
    })

    it('[KG10] shows how the rank came about, and ranks and measures by each kernel', async () => {
      const page = await openJoined()
      await page.evaluate(async () => void (await uiPage.fake.tabland.rank.compute()))
      await page.getByRole('button', { name: 'Graph', exact: true }).click()
      await page.getByRole('button', { name: 'How ranks are computed' }).click()
      const panel = page.getByRole('region', { name: 'Rank' })
      await panel.getByText(/merged set of all links that are here. Its roots are this tab’s own/).waitFor()
      await panel.getByText('48 million/s').waitFor()
      await panel
        .getByRole('img', { name: 'Change of all ranks in an iteration, over 48 iterations' })
        .waitFor()
      await panel.getByRole('button', { name: 'By JavaScript' }).click()
      await panel.getByRole('definition').filter({ hasText: 'JavaScript' }).waitFor()
      await panel.getByRole('button', { name: 'Measure' }).click()
      await panel.getByText('All gave the same bits.').waitFor()
      expect(await panel.getByRole('row', { name: /^WebAssembly/ }).innerText()).toContain('10×')
    })

    it('[KG16] shows which results a signed block proves, how, who was refused, and two blocks of one height', async () => {
      const page = await openJoined()
      await page.evaluate(() => {
        const { fake } = uiPage
        const [one, two, root] = ['11'.repeat(32), '22'.repeat(32), '33'.repeat(32)] as const
        const orderer = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
        const block = {
          ...{ height: 12, hash: one, time: Date.now() - 60_000, orderer, links: 3, particles: 4 },
          ...{ rankedAt: 10, rankRoot: root, mapRoot: two, signed: 'aa' },
        }
        const peer = '12D3KooWLiarLiarLiarLiarLiarLiarLiarLiarLiarLiarLiar'
        fake.machine.value = {
          isNamed: true,
          machine: { id: two, orderers: [orderer], rankPeriod: 5 },
          block,
          forks: [
            {
              height: 11,
              blocks: [
                { ...block, height: 11 },
                { ...block, height: 11, hash: two, signed: 'bb' },
              ],
            },
          ],
          falseStakes: [
            {
              block: { ...block, height: 13, hash: root },
              failure: { code: 'BLOCK_STAKES', message: 'In truth they have another root.' },
            },
          ],
          refused: [
            { peer, at: Date.now(), failure: { code: 'SYNC_MISBEHAVIOUR', message: 'It left one out.' } },
          ],
        }
        fake.bandwidth.value = {
          ...{ height: 13, cost: 250n, remaining: 1_100n, max: 2_000n, fullAt: 58, sufficesAt: 13, peer },
        }
        const particle = fake.tabland.cid('lantern')
        const cid = fake.tabland.cid('a light in a transparent protective case')
        const rank = { cid, rank: 5n, share: 0.1, index: 2 }
        const results = [{ ...rank, neurons: [orderer] }]
        fake.proven.set(particle, {
          ...{ particle, total: 1, block, peer: 'relay', results },
          ...{ stakes: 'unchecked', oldAt: block.time + 10_000 },
        })
        const proof = { cid, rank: '5', index: 2, treeSize: 4, proof: [one, two], root }
        const path = [
          { sibling: one, side: 'right' as const, hash: two },
          { sibling: two, side: 'left' as const, hash: root },
        ]
        const verified = { ...rank, treeSize: 4, root, leaf: one, path, block, isTrusted: true }
        fake.proofs.set(cid, { proof, verified })
      })
      await searchField(page).fill('lantern')
      await page.keyboard.press('Enter')
      await page.getByText('Verified under block 12: its only result.').waitFor()
      await page.getByText('Not in block 12 yet').waitFor()
      await page.getByText(/^Refused: 12D3KooW…LiarLiar gave an answer/).waitFor()
      await page.getByText(/^That block is of \d min ago: newer links are not in it\.$/).waitFor()
      await page.getByText('Whose stake counts is not checked: no chain answers here.').waitFor()
      await page.getByText(/^The orderer 0xfB69…d359 signed block 13 with stakes that/).waitFor()
      await page.getByRole('img', { name: '55 % of your bandwidth is left' }).waitFor()
      await page
        .getByText(
          'A link costs 250 of your bandwidth. 1,100 of 2,000 are left, enough for 4 links. All of it is back at block 58.',
        )
        .waitFor()
      await page.getByRole('button', { name: 'Block 12' }).click()
      await page.getByRole('img', { name: 'Path to the root over 2 hashes' }).waitFor()
      await page.getByText('2 of 4 particles').waitFor()
      await page.getByRole('button', { name: 'Look at both' }).click()
      const panel = page.getByRole('region', { name: 'Rank' })
      await panel.getByText('Ranks every 5 blocks; the newest are of block 10.').waitFor()
      await panel.getByText('An orderer signed two blocks of height 11.').waitFor()
    })
  })
}

interface Label {
  readonly text: string
  readonly left: number
  readonly right: number
  /** of its base line */
  readonly y: number
}

declare global {
  /** in the page: the labels of the picture that is shown */
  var labels: Label[]
}

/** In the page: keeps what is written on the picture's layer of labels. */
function watchLabels(): void {
  const { prototype } = CanvasRenderingContext2D
  const { clearRect, fillText } = prototype
  const isLabels = ({ canvas }: CanvasRenderingContext2D): boolean => canvas.matches('.sigma-labels')
  globalThis.labels = []
  prototype.clearRect = function (...box) {
    if (isLabels(this)) globalThis.labels = []
    clearRect.apply(this, box)
  }
  prototype.fillText = function (text, x, y) {
    if (isLabels(this)) globalThis.labels.push({ text, left: x, right: x + this.measureText(text).width, y })
    fillText.call(this, text, x, y)
  }
}

function labelsOf(page: Page): Promise<readonly Label[]> {
  return page.evaluate(() => globalThis.labels)
}

/** Pairs that one cannot read apart. */
function overlapping(labels: readonly Label[]): readonly string[] {
  return labels.flatMap((a, i) =>
    labels
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && Math.abs(a.y - b.y) < 12)
      .map((b) => `${a.text} | ${b.text}`),
  )
}

/** In the page: where the pointer is over a dot of the picture that is not the one in the middle. */
function findDot(canvas: HTMLElement): { x: number; y: number } {
  const box = canvas.getBoundingClientRect()
  const top = canvas.querySelector('.sigma-mouse')
  const isDot = (clientX: number, clientY: number): boolean => {
    top?.dispatchEvent(new MouseEvent('mousemove', { clientX, clientY, bubbles: true }))
    return canvas.style.cursor === 'pointer'
  }
  for (let y = box.top; y < box.bottom; y += 8)
    for (let x = box.left; x < box.right; x += 8) if (isDot(x, y)) return { x, y }
  throw new Error('No dot was drawn.')
}
