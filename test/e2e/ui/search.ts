import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../../scripts/lib/root.ts'
import type { UiPage } from '../pages/ui/page.ts'
import { open, openJoined, SMALL, searchField } from './fixture.ts'

/** In the page. */
declare const uiPage: UiPage

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function searchTests(): void {
  describe('searching', () => {
    it('[UI3] works by the keyboard alone, from the slash to the result', async () => {
      const page = await openJoined()
      await page.keyboard.press('/')
      await page.keyboard.type('l')
      await page.getByRole('option', { name: 'lantern' }).waitFor()
      await page.keyboard.press('ArrowDown')
      const active = await searchField(page).getAttribute('aria-activedescendant')
      expect(await page.locator(`[id="${active}"]`).textContent()).toBe('lantern')
      await page.keyboard.press('Enter')
      await page.getByText('2 results').waitFor()
      const details = page.getByRole('button', { name: 'Details of a light in a transparent' })
      await details.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Result' }).waitFor()
      await page.getByRole('button', { name: /^light/ }).waitFor()
      await page.keyboard.press('Escape')
      expect(await page.getByRole('heading', { name: 'Result' }).count()).toBe(0)
      await page.keyboard.press('Escape')
      expect(await page.getByText('2 results').count()).toBe(0)
    })

    it('shows on a phone the panel that is opened over a card, and no card of an older search', async () => {
      const page = await openJoined('', SMALL)
      const card = page.getByRole('heading', { name: 'Result', exact: true })
      const openMoon = async (): Promise<void> => {
        await searchField(page).fill('moon')
        await page.keyboard.press('Enter')
        await page
          .getByRole('button', { name: /^Details of thing/ })
          .first()
          .click()
        await card.waitFor()
      }
      await openMoon()
      await page.getByRole('button', { name: 'Land', exact: true }).click()
      await page.getByRole('img', { name: /Map of the mainland/ }).waitFor()
      expect(await card.count()).toBe(0)
      await openMoon()
      await searchField(page).fill('lantern')
      await page.keyboard.press('Enter')
      await page.getByText('2 results').waitFor()
      expect(await card.count()).toBe(0)
    })

    it('says how a snippet is known, in a sentence', async () => {
      const page = await openJoined()
      await searchField(page).fill('lantern')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Verified' }).first().click()
      await page.getByText(/hashed these bytes and got exactly this CID/).waitFor()
    })

    it('shows a model that stands on a plot, and leads there', async () => {
      const page = await openJoined()
      await searchField(page).fill('lantern')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Show in the world' }).click()
      await page.getByRole('heading', { name: 'Plot 33, 2' }).waitFor()
      expect(await page.evaluate(() => uiPage.world.visits.at(-1))).toEqual({ x: 33, y: 2 })
      expect(page.url()).toContain('#/33,2')
    })

    it('shows a picture of a model, and says when there can be none', async () => {
      const page = await openJoined()
      const model = await readFile(join(ROOT, 'test/vectors/models/WaterBottle.glb'))
      await page.evaluate((base64) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
        uiPage.fake.addLink('bottle', uiPage.fake.put(bytes, 'model', 'model/gltf-binary'))
      }, model.toString('base64'))
      await searchField(page).fill('bottle')
      await page.keyboard.press('Enter')
      const picture = page.getByRole('img', { name: '3D model: bottle' })
      await picture.waitFor()
      const colors = await picture.evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement
        const pixels = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height)
        return new Set(new Uint32Array(pixels?.data.buffer ?? new ArrayBuffer(0))).size
      })
      // its label alone has hundreds; without its image it is all greys
      expect(colors).toBeGreaterThan(300)
      await searchField(page).fill('lantern')
      await page.keyboard.press('Enter')
      await page.getByText('It cannot be shown here. This is not a .glb file.').waitFor()
    })

    it('shows a frame of a film, and says which one this browser cannot play', async () => {
      const page = await openJoined()
      const film = await readFile(join(ROOT, 'test/vectors/media/film.webm'))
      await page.evaluate((base64) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
        const { fake } = uiPage
        fake.addLink('cinema', fake.put(bytes, 'video', 'video/webm'))
        fake.addLink('cinema', fake.put(bytes.slice(0, 4).fill(7, 1), 'video', 'video/webm'))
      }, film.toString('base64'))
      await searchField(page).fill('cinema')
      await page.keyboard.press('Enter')
      await page.getByText('This browser cannot play it.').waitFor()
      const poster = page.getByRole('img', { name: 'A frame of the film' })
      await poster.waitFor()
      const colors = await poster.evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement
        const pixels = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height)
        return new Set(new Uint32Array(pixels?.data.buffer ?? new ArrayBuffer(0))).size
      })
      expect(colors).toBeGreaterThan(300)
      await page.getByRole('button', { name: 'Play' }).click()
      await page.locator('video').waitFor()
    })

    it('[KG21] says when nothing is linked, offers what is near, and links', async () => {
      const page = await openJoined()
      await searchField(page).fill('lanterm')
      await page.keyboard.press('Enter')
      await page.getByText('Nothing is linked from “lanterm” yet.').waitFor()
      await page.getByRole('button', { name: 'lantern', exact: true }).waitFor()
      await page.getByRole('textbox', { name: 'A text or a CID' }).fill('a word spelled wrong')
      await page.getByRole('button', { name: 'Link', exact: true }).click()
      await page.getByText('1 result').waitFor()
      await page.getByText(/linked by 0x5aAe|linked by you/).waitFor()
    })

    it('[KG21] shows more by cursor', async () => {
      const page = await openJoined()
      await searchField(page).fill('moon')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Show more' }).click()
      await page.getByText('thing 14 about the moon').waitFor()
      expect(await page.locator('.result').count()).toBe(15)
    })

    it('[UI4] waits for the peer, says so, and says why a search failed', async () => {
      const page = await open('?hold')
      await searchField(page).fill('fox')
      await page.keyboard.press('Enter')
      await page.getByText('Looking up “fox” in the links that this tab holds').waitFor()
      await page.evaluate(() => {
        uiPage.fake.fail('search', 'RANK_FAILED', 'No rank.')
        uiPage.start()
      })
      await page
        .getByRole('alert')
        .getByText(/rank could not be computed/)
        .waitFor()
    })

    it('[UI4] says which content nobody sends, and fetches it again', async () => {
      const page = await openJoined()
      await page.evaluate(() => uiPage.fake.fail('snippet', 'CONTENT_NOT_FOUND', 'Nobody.'))
      await searchField(page).fill('lamp')
      await page.keyboard.press('Enter')
      await page.getByText(/No peer that is here now has this/).waitFor()
      await page.evaluate(() => uiPage.fake.mend('snippet'))
      await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
      await page.getByText('an artificial source of light').waitFor()
    })
  })
}
