import { describe, expect, it } from 'vitest'
import type { UiPage } from '../pages/ui/page.ts'
import { open, openJoined, searchField } from './fixture.ts'

/** In the page. */
declare const uiPage: UiPage

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function addressTests(): void {
  describe('[WO3] what is open stands in the address', () => {
    it('a search, over a reload and for others', async () => {
      const page = await openJoined('#/0,0&relay=/ip4/127.0.0.1/tcp/1/ws')
      await searchField(page).fill('moon & tide')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'moon & tide', exact: true }).waitFor()
      const address = page.url()
      expect(address).toMatch(/#\/0,0&search=moon%20%26%20tide&relay=\/ip4\/127\.0\.0\.1\/tcp\/1\/ws$/)
      await page.reload()
      await page.getByRole('heading', { name: 'moon & tide', exact: true }).waitFor()
      expect(await searchField(page).inputValue()).toBe('moon & tide')
      await page.getByText('Nothing is linked from “moon & tide” yet.').waitFor()
      await page.keyboard.press('Escape')
      await page.waitForFunction(() => !location.hash.includes('search='))
    })

    it('the panel, by its name; one that nobody knows is no mistake', async () => {
      const page = await open('#/0,0&panel=land')
      await page.getByRole('heading', { name: 'Land', exact: true }).waitFor()
      for (const [name, title] of [
        ['wallet', 'Wallet'],
        ['governance', 'Votes'],
        ['network', 'Network'],
        ['rank', 'Rank'],
      ] as const) {
        await page.evaluate((name) => {
          location.hash = `#/0,0&panel=${name}`
        }, name)
        await page.getByRole('heading', { name: title, exact: true }).waitFor()
      }
      await page.evaluate(() => {
        location.hash = '#/0,0&panel=kitchen'
      })
      await page.locator('.sheet').waitFor({ state: 'detached' })
      expect(await page.getByRole('alert').count()).toBe(0)
    })

    it('and “back” opens what was open where one was', async () => {
      const page = await openJoined()
      await searchField(page).fill('lantern')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: /^Show a light in .* in the graph$/ }).click()
      await page.getByRole('heading', { name: 'a light in a transparent protective case' }).waitFor()
      await page.goBack()
      await page.getByRole('heading', { name: 'lantern', exact: true }).waitFor()
      expect(page.url()).toMatch(/#search=lantern$/)
      await page.getByRole('button', { name: 'Wallet', exact: true }).click()
      await page.waitForFunction(() => location.hash === '#panel=wallet')
      await page.evaluate(() => uiPage.ui.session.goTo({ x: 33, y: 2 }))
      await page.getByRole('button', { name: 'Wallet', exact: true }).click()
      await page.waitForFunction(() => location.hash === '#/33,2')
      await page.goBack()
      await page.getByRole('heading', { name: 'Wallet', exact: true }).waitFor()
    })
  })
}
