import { describe, expect, it } from 'vitest'
import { open, openJoined, SMALL } from './fixture.ts'
import { lowContrast, overEdges } from './in-page.ts'

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function everywhereTests(): void {
  describe('[UI3] every size, theme and hand', () => {
    const PANELS = ['Search', 'Land', 'Build', 'Seed', 'Network', 'Wallet', 'More']

    it('fits 360 px: nothing reaches over an edge, every panel opens', async () => {
      const page = await openJoined('', SMALL)
      for (const name of PANELS) {
        await page.getByRole('button', { name, exact: true }).click()
        await page.locator('.sheet h2').waitFor()
        const over = await page.evaluate(overEdges)
        expect(over, name).toEqual([])
      }
    })

    it('has text that stands out from its ground, in both themes', async () => {
      const page = await openJoined()
      // colours on their way from one theme to the other are nobody's to read
      await page.emulateMedia({ reducedMotion: 'reduce' })
      for (const theme of ['Light', 'Dark']) {
        await page.getByRole('button', { name: 'More', exact: true }).click()
        await page.getByRole('radio', { name: theme }).check()
        await page.keyboard.press('Escape')
        for (const name of PANELS) {
          await page.getByRole('button', { name, exact: true }).click()
          await page.locator('.sheet h2').waitFor()
          expect(await page.evaluate(lowContrast), `${theme} ${name}`).toEqual([])
        }
        await page.keyboard.press('Escape')
      }
    })

    it('names every control', async () => {
      const page = await openJoined()
      for (const name of PANELS) {
        await page.getByRole('button', { name, exact: true }).click()
        await page.locator('.sheet h2').waitFor()
        const unnamed = await page.evaluate(() =>
          [...document.querySelectorAll<HTMLElement>('button, input, a[href]')]
            .filter((element) => element.closest('[aria-hidden="true"]') === null)
            .filter((element) => {
              const labels = (element as HTMLInputElement).labels?.length ?? 0
              return labels === 0 && !element.getAttribute('aria-label') && !element.textContent?.trim()
            })
            .map((element) => element.outerHTML),
        )
        expect(unnamed, name).toEqual([])
      }
    })

    it('gives the focus back to the rail when a panel is closed', async () => {
      const page = await openJoined()
      await page.getByRole('button', { name: 'Land', exact: true }).click()
      await page.locator('.sheet h2').waitFor()
      await page.keyboard.press('Escape')
      await page.waitForFunction(() => document.activeElement?.id === 'rail-land')
    })

    it('moves nothing under prefers-reduced-motion', async () => {
      const page = await open()
      await page.emulateMedia({ reducedMotion: 'reduce' })
      const moving = await page.evaluate(() => document.getAnimations().length)
      expect(moving).toBe(0)
    })
  })
}
