import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { UiPage } from '../pages/ui/page.ts'
import { DESKTOP, openJoined, SMALL } from './fixture.ts'
import { lowContrast, overEdges } from './in-page.ts'

/** In the page. */
declare const uiPage: UiPage

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function seedingTests(): void {
  describe('seeding', () => {
    /** A profile that keeps hundreds of things, of which the first is its own. */
    async function openSeeding(size = DESKTOP): Promise<Page> {
      const page = await openJoined('', size)
      await page.evaluate(() => {
        const { seed, put } = uiPage.fake
        const items = Array.from({ length: 300 }, (_, index) => ({
          cid: put(`thing ${index}`),
          name: `thing ${index}.txt`,
          reasons: index === 0 ? (['published'] as const) : [],
          bytes: 1000 + index,
          heldBytes: 1000 + index,
          usedAt: Date.now() - index * 1000,
          ...(index === 0 ? {} : { worth: index / 1e12 }),
          holders: [],
          sentBytes: 0,
          receivedBytes: 0,
        }))
        const start = Math.floor(Date.now() / 3_600_000) * 3_600_000
        seed.value = {
          ...seed.value,
          items,
          pinnedBytes: 1000,
          cachedBytes: 344_851,
          history: [{ start, sentBytes: 2_000_000, receivedBytes: 500_000 }],
          serving: { status: 'served', items: 1, wholeItems: 1, reachablePeers: 1, takingPeers: 0 },
        }
      })
      await page.getByRole('button', { name: 'Seed', exact: true }).click()
      await page.locator('.sheet h2').waitFor()
      return page
    }

    it('[SE6] says in one line whether what is mine can be fetched, and in the chip', async () => {
      const page = await openSeeding()
      await page.getByText('What is yours can be fetched right now; 1 peer is connected').waitFor()
      await page.getByRole('button', { name: /^Joined, 1 peer, seeding 1, direct/ }).waitFor()
    })

    it('[SE3] lists hundreds by pages, by reason and by order', async () => {
      const page = await openSeeding()
      expect(await page.locator('.seed-row').count()).toBe(50)
      await page.getByRole('button', { name: 'Show 50 more' }).click()
      expect(await page.locator('.seed-row').count()).toBe(100)
      await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Size')
      expect(await page.locator('.seed-name').first().textContent()).toBe('thing 299.txt')
      await page.getByRole('radio', { name: 'Mine' }).check()
      expect(await page.locator('.seed-name').allTextContents()).toEqual(['thing 0.txt'])
    })

    it('[UI3] pins, drops and asks first by the keyboard alone', async () => {
      const page = await openSeeding()
      await page.getByRole('radio', { name: 'Cached' }).check()
      await page.locator('.seed-row').first().focus()
      await page.keyboard.press('Enter')
      await page.getByText(/It goes when room is needed/).waitFor()
      await page.getByRole('button', { name: 'Delete here' }).press('Enter')
      await page.getByText(/may be gone for good/).waitFor()
      await page.getByRole('button', { name: 'Delete all the same' }).press('Enter')
      await page.locator('.seed-row', { hasText: 'thing 1.txt' }).waitFor({ state: 'detached' })
      await page.locator('.seed-row').first().press('Enter')
      await page.getByRole('button', { name: 'Pin', exact: true }).last().press('Enter')
      await page.getByRole('radio', { name: 'Mine' }).check()
      await page.locator('.seed-row', { hasText: 'thing 2.txt' }).waitFor()
    })

    it('[SE5] takes a file, says what failed of a CID, and goes on', async () => {
      const page = await openSeeding()
      await page.setInputFiles('input[type=file]', {
        name: 'notes.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('hello'),
      })
      await page.getByText('notes.txt is seeded from here now.').waitFor()
      await page.evaluate(() => uiPage.fake.fail('pin', 'CONTENT_NOT_FOUND', 'Nobody.'))
      const cid = await page.evaluate(() => uiPage.fake.put('far away'))
      await page.getByRole('textbox', { name: 'CID to pin' }).fill(cid)
      await page.getByRole('textbox', { name: 'CID to pin' }).press('Enter')
      await page.getByText(/No peer that is here now has this/).waitFor()
      await page.evaluate(() => uiPage.fake.mend('pin'))
      await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
      await page.locator('.seed-job').waitFor({ state: 'detached' })
      await page.getByRole('radio', { name: 'Mine' }).check()
      expect(await page.locator('.seed-row').count()).toBe(3)
    })

    it('[SE4] saves settings, lifts a cap, and says what is wrong beside the field', async () => {
      const page = await openSeeding()
      await page.getByRole('radio', { name: 'Settings' }).check()
      const quota = page.getByRole('textbox', { name: 'Room for all of it' })
      await quota.fill('ten')
      await quota.press('Enter')
      await page.getByText('This is no number, such as 10 or 0.5.').waitFor()
      await quota.fill('4,5')
      await quota.press('Enter')
      await page.getByText('Saved.').waitFor()
      await page.getByRole('textbox', { name: 'Upload while hidden, at most' }).fill('')
      await page.getByRole('textbox', { name: 'Upload while hidden, at most' }).press('Tab')
      await page.waitForFunction(() => !('hiddenUploadCap' in uiPage.fake.seed.value.settings))
      expect(await page.evaluate(() => uiPage.fake.seed.value.settings.quotaBytes)).toBe(4_500_000_000)
      await page.evaluate(() => uiPage.fake.fail('set', 'SEED_SETTING', 'At most 32.'))
      await page.getByRole('textbox', { name: 'Copies wanted' }).fill('99')
      await page.getByRole('textbox', { name: 'Copies wanted' }).press('Enter')
      await page.getByText('At most 32.').waitFor()
    })

    it('plots a week, and tells it in a table', async () => {
      const page = await openSeeding()
      await page.getByRole('radio', { name: 'Traffic' }).check()
      await page.getByRole('img', { name: /2 MB sent, 500 kB received in all/ }).waitFor()
      await page.getByText('As a table').click()
      await page.getByRole('cell', { name: '2 MB', exact: true }).waitFor()
    })

    it('asks what to do when pins exceed the quota, and does it', async () => {
      const page = await openSeeding()
      await page.evaluate(() => {
        const { seed } = uiPage.fake
        const notices = [{ code: 'SEED_PINS_EXCEED_QUOTA', message: 'Too much is pinned.' }]
        seed.value = { ...seed.value, pinnedBytes: 12e9, notices }
      })
      await page.getByRole('button', { name: 'Raise the quota to 14 GB' }).click()
      await page.locator('.seed-notice').waitFor({ state: 'detached' })
      expect(await page.evaluate(() => uiPage.fake.seed.value.settings.quotaBytes)).toBe(14e9)
    })

    it('[UI3] fits 360 px and stands out from its ground in the dark, in each of its views', async () => {
      const page = await openSeeding(SMALL)
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
      await page.locator('.seed-row').first().click()
      for (const view of ['Items', 'Traffic', 'Settings']) {
        await page.getByRole('radio', { name: view }).check()
        expect(await page.evaluate(overEdges), view).toEqual([])
        expect(await page.evaluate(lowContrast), view).toEqual([])
      }
    })

    it('opens a content that a link names, and forgets it when it is closed', async () => {
      const page = await openSeeding()
      const cid = await page.evaluate(() => uiPage.fake.put('thing 7'))
      const link = await page.evaluate((cid) => uiPage.ui.session.navigation.linkToContent(cid), cid)
      expect(link).toContain(`#open=${cid}`)
      await page.keyboard.press('Escape')
      await page.evaluate((cid) => {
        location.hash = `#open=${cid}`
      }, cid)
      await page.getByText('thing 7', { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await page.waitForFunction(() => !location.hash.includes('open='))
    })

    it('tells once how to pin the tab, after something of mine is here', async () => {
      const page = await openSeeding()
      await page.evaluate(() => uiPage.ui.session.endWelcome())
      const hint = page.getByRole('heading', { name: 'Pin this tab to keep serving' })
      await page.setInputFiles('input[type=file]', {
        name: 'notes.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('hello'),
      })
      await page.getByText('notes.txt is seeded from here now.').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('.welcome', { has: hint }).waitFor()
      await page.locator('.welcome').getByRole('button', { name: 'Dismiss' }).click()
      expect(await page.locator('.welcome').count()).toBe(0)
      expect(await page.evaluate(() => localStorage.getItem('tabland:ui:pin-hint'))).toBe('yes')
    })
  })
}
