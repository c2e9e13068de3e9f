import { describe, expect, it } from 'vitest'
import type { UiPage } from '../pages/ui/page.ts'
import { open, openJoined } from './fixture.ts'

/** In the page. */
declare const uiPage: UiPage

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function landTests(): void {
  describe('land', () => {
    it('[WO3] goes where the map is clicked, and back', async () => {
      const page = await openJoined()
      await page.getByRole('button', { name: 'Land', exact: true }).click()
      const map = page.getByRole('img', { name: /Map of the mainland/ })
      const box = await map.boundingBox()
      if (box === null) throw new Error('no map')
      await map.click({ position: { x: box.width * 0.75, y: box.height / 2 } })
      await page.getByRole('heading', { name: /^Plot 6\d/ }).waitFor()
      expect(page.url()).toMatch(/#\/6\d,-?[01]&panel=land$/)
      await page.getByRole('button', { name: 'Tabland', exact: true }).click()
      await page.waitForFunction(() => location.hash === '#/0,0&panel=land')
      await page.goBack()
      await page.waitForFunction(() => uiPage.world.visits.at(-1)?.x !== 0)
    })

    it('[WO3] opens the card of a link, without a world too, and keeps it with the address', async () => {
      const page = await open('?world=off#/33,2')
      await page.getByRole('heading', { name: 'Plot 33, 2' }).waitFor()
      await page.evaluate(() => {
        location.hash = '#/40,1'
      })
      await page.getByRole('heading', { name: 'Plot 40, 1' }).waitFor()
      await page.goBack()
      await page.getByRole('heading', { name: 'Plot 33, 2' }).waitFor()
      await page.evaluate(() => {
        location.hash = '#/0,0'
      })
      await page.getByRole('heading', { name: /^Plot/ }).waitFor({ state: 'detached' })
    })

    it('[CH4] opens the link of a plot in the sea, and tells of an address that is nowhere', async () => {
      const page = await openJoined('#/1500,-900')
      await page.evaluate(() => {
        const { land } = uiPage.fake
        const known = uiPage.fake.tabland.land.parcel
        const parcelOn = ({ x, y }: { readonly x: number; readonly y: number }) =>
          x === 1500 && y === -900 ? 7 : known(x, y)
        land.value = { ...land.value, places: { cellOf: () => undefined, parcelOn } }
      })
      await page.getByRole('heading', { name: 'Plot 1500, −900' }).waitFor()
      expect(page.url()).toMatch(/#\/1500,-900$/)
      await page.getByRole('button', { name: 'Land', exact: true }).click()
      await page.getByText('You are at 1500, −900').waitFor()
      await page.evaluate(() => {
        location.hash = '#/2048,0'
      })
      await page.getByText(/^This address leads to no place\. .* from −2048 to 2047\.$/).waitFor()
      expect(page.url()).toMatch(/#\/1500,-900/)
    })

    it('takes one’s own model off its plot, after asking', async () => {
      const page = await openJoined()
      await page.evaluate(() => {
        const { fake, ui } = uiPage
        const parcel = fake.tabland.land.parcel(40, 1) ?? 0
        fake.addBuild(parcel, fake.put('x'), '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')
        ui.session.goTo({ x: 40, y: 1 })
      })
      await page.getByText('Built by you').waitFor()
      await page.getByRole('button', { name: 'Take it down' }).click()
      await page.getByText(/Take your model off this plot/).waitFor()
      await page.getByRole('button', { name: 'Take it down' }).click()
      await page.getByText('Nobody has built here.').waitFor()
    })

    it('says why a model is not shown on its plot', async () => {
      const page = await openJoined()
      await page.evaluate(() => {
        const { world, ui, fake } = uiPage
        ui.session.goTo({ x: 33, y: 2 })
        const failure = { code: 'MODEL_FETCH', message: 'Nobody.' }
        world.failures.value = new Map([[fake.tabland.land.parcel(33, 2) ?? 0, failure]])
      })
      await page.getByText('This model is not shown:').waitFor()
      await page.getByText(/Nobody who is here can send this model/).waitFor()
    })
  })
}
