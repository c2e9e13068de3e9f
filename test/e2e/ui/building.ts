import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../../scripts/lib/root.ts'
import type { UiPage } from '../pages/ui/page.ts'
import { openJoined, searchField } from './fixture.ts'

/** In the page. */
declare const uiPage: UiPage

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function buildingTests(): void {
  describe('building', () => {
    async function dropFile(page: Page, name: string, bytes: Uint8Array): Promise<void> {
      const transfer = await page.evaluateHandle(
        ([name, bytes]) => {
          const transfer = new DataTransfer()
          transfer.items.add(new File([new Uint8Array(bytes)], name))
          return transfer
        },
        [name, [...bytes]] as const,
      )
      await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer })
      await page.getByText('Drop the model to build with it').waitFor()
      await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
    }

    async function sampleModel(): Promise<Uint8Array> {
      return readFile(join(ROOT, 'test/vectors/models/AnimatedMorphCube.glb'))
    }

    it('[WO2] refuses a file that is no model, and takes another', async () => {
      const page = await openJoined()
      await dropFile(page, 'notes.txt', new TextEncoder().encode('hello'))
      await page
        .getByRole('alert')
        .getByText(/This is not a \.glb file/)
        .waitFor()
      await page.getByRole('button', { name: 'Choose another file' }).waitFor()
    })

    it('[WO2] refuses a .glb that was cut short', async () => {
      const page = await openJoined()
      await dropFile(page, 'cut.glb', (await sampleModel()).subarray(0, 100))
      await page
        .getByRole('alert')
        .getByText(/ends too early/)
        .waitFor()
    })

    it('[WO5] drop, place, publish, and link a word to it', async () => {
      const page = await openJoined()
      await dropFile(page, 'box.glb', await sampleModel())
      await page.getByText('box.glb').waitFor()
      await page.getByText('12', { exact: true }).waitFor()
      await page.getByRole('spinbutton', { name: 'Turn, °' }).fill('90')
      await page.getByRole('spinbutton', { name: 'Turn, °' }).press('Enter')
      await page.waitForFunction(() => uiPage.world.previews.at(-1)?.placement.yawDegrees === 90)
      await page.getByText(/anyone may build anywhere/).waitFor()
      await page.getByRole('button', { name: 'Publish' }).click()
      await page.getByText(/^Your model stands at/).waitFor()
      const mine = await page.evaluate(() =>
        [...uiPage.fake.land.value.builds.values()]
          .filter((build) => build.mine)
          .map(({ placement }) => placement),
      )
      expect(mine).toMatchObject([{ yawDegrees: 90 }])
      await page.getByRole('textbox', { name: 'Word' }).fill('crate')
      await page.getByRole('button', { name: 'Link', exact: true }).click()
      await page.getByText('“crate” now finds your model.').waitFor()
      await searchField(page).fill('crate')
      await page.keyboard.press('Enter')
      await page.getByText('3D model').waitFor()
    })

    it('[UI4] keeps the model when publishing fails', async () => {
      const page = await openJoined()
      await dropFile(page, 'box.glb', await sampleModel())
      await page.evaluate(() => uiPage.fake.fail('publish', 'STORE_QUOTA_EXCEEDED', 'Full.'))
      await page.getByRole('button', { name: 'Publish' }).click()
      await page
        .getByRole('alert')
        .getByText(/no more room/)
        .waitFor()
      await page.evaluate(() => uiPage.fake.mend('publish'))
      await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
      await page.getByText(/^Your model stands at/).waitFor()
    })

    it('[WO2] does not publish what reaches over the edge of its plot', async () => {
      const page = await openJoined()
      await dropFile(page, 'box.glb', await sampleModel())
      await page.getByRole('spinbutton', { name: 'Size, ×' }).fill('400')
      await page.getByRole('spinbutton', { name: 'Size, ×' }).press('Enter')
      await page
        .getByRole('alert')
        .getByText(/more than one plot takes/)
        .waitFor()
      expect(await page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true)
    })
  })
}
