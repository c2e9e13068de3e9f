import { describe, expect, it } from 'vitest'
import type { UiPage } from '../pages/ui/page.ts'
import { open, openJoined } from './fixture.ts'

/** In the page. */
declare const uiPage: UiPage

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function firstScreenTests(): void {
  describe('the first screen', () => {
    it('[UI1] says what this is and how joining goes, before the peer is there', async () => {
      const page = await open('?hold')
      await page.getByRole('heading', { name: /A world held up by open tabs/ }).waitFor()
      await page.getByText('Direct: peers you meet can see your network address.').waitFor()
      expect(await page.getByRole('progressbar').getAttribute('aria-label')).toBe(
        'Joining: Starting your peer',
      )
      await page.evaluate(() => {
        uiPage.fake.network.value = {
          ...uiPage.fake.network.value,
          join: { phase: 'reservation', progress: 0.5 },
        }
        uiPage.start()
      })
      await page.getByRole('progressbar', { name: 'Joining: Reserving a place to be reached at' }).waitFor()
      expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50')
    })

    it('[UI1] then shows land, search and peers, and can be put away for good', async () => {
      const page = await openJoined()
      await page.getByText('1 plot built on, of 50,000.').waitFor()
      await page.getByText('1 other tab here.').waitFor()
      await page.getByRole('button', { name: 'Dismiss' }).click()
      await page.reload()
      await page.waitForFunction(() => 'uiPage' in globalThis)
      await page.evaluate(() => {
        uiPage.fake.network.value = { ...uiPage.fake.network.value, join: { phase: 'ready', progress: 1 } }
      })
      await page.getByRole('button', { name: /^Joined/ }).waitFor()
      expect(await page.getByRole('heading', { name: /A world held up/ }).count()).toBe(0)
    })

    it('[UI1] is not shown again to who has seen it', async () => {
      const page = await openJoined()
      await page.reload()
      await page.waitForFunction(() => 'uiPage' in globalThis)
      await page.evaluate(() => {
        uiPage.fake.network.value = { ...uiPage.fake.network.value, join: { phase: 'ready', progress: 1 } }
      })
      await page.getByRole('button', { name: /^Joined/ }).waitFor()
      expect(await page.getByRole('heading', { name: /A world held up/ }).count()).toBe(0)
    })

    it('makes room as soon as one moves in the world', async () => {
      const page = await openJoined()
      await page.locator('canvas.world-drawn').waitFor()
      await page.keyboard.press('w')
      await page.getByRole('heading', { name: /A world held up/ }).waitFor({ state: 'detached' })
    })

    it('[UI4] says when no relay answers, and lets one try again or add one', async () => {
      const page = await open()
      await page.evaluate(() => {
        const failure = { code: 'RELAY_UNREACHABLE', message: 'No answer.' }
        uiPage.fake.network.value = {
          ...uiPage.fake.network.value,
          join: { phase: 'offline', progress: 0.2, failure },
        }
      })
      await page
        .getByRole('alert')
        .getByText(/relay does not answer/)
        .waitFor()
      await page.getByRole('button', { name: 'Try again' }).click()
      expect(await page.evaluate(() => uiPage.fake.calls.map(({ command }) => command))).toContain('retry')
      await page.getByRole('button', { name: 'Add a relay' }).click()
      await page.getByRole('heading', { name: 'Network', exact: true }).waitFor()
    })

    it('[UI4] says why the peer could not be started', async () => {
      const page = await open('?hold')
      await page.evaluate(() => uiPage.refuse('STORE_OPEN_FAILED', 'No.'))
      await page
        .getByRole('alert')
        .getByText(/storage of this browser did not open/)
        .waitFor()
      await page.getByRole('button', { name: 'Reload the page' }).waitFor()
    })

    it('[UI4] goes on without a world that cannot be drawn', async () => {
      const page = await openJoined('?noworld')
      await page.getByText(/gives no 3D graphics/).waitFor()
      await page.getByRole('button', { name: 'Go on without the world' }).click()
      await page.waitForURL(/world=off/)
    })
  })
}
