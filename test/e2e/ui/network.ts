import { describe, expect, it } from 'vitest'
import type { WriteIntent } from '#api/wallet-types.ts'
import type { UiPage } from '../pages/ui/page.ts'
import { openJoined } from './fixture.ts'

/** In the page. */
declare const uiPage: UiPage

/** Registers the tests: all share one built page and one browser, which ui.test.ts makes. */
export function networkTests(): void {
  describe('network and wallet', () => {
    it('[UI2] show relays, peers and how each is reached', async () => {
      const page = await openJoined()
      await page.getByRole('button', { name: /^Joined, 1 peer, direct/ }).click()
      await page.getByText('reserved for another 13 min').waitFor()
      await page.getByRole('heading', { name: /^Peers \(1\)/ }).waitFor()
      await page.getByText('Tab · direct (WebRTC)').waitFor()
      await page.getByText(/wss\/p2p-circuit\/p2p\/12D3Ko/).waitFor()
      await page.getByText('18 ms').waitFor()
    })

    it('[UI4] say what is wrong with an address, and keep it', async () => {
      const page = await openJoined()
      await page.evaluate(() => uiPage.fake.fail('addRelay', 'RELAY_ADDRESS_INVALID', '"x" is no address.'))
      await page.getByRole('button', { name: 'Network', exact: true }).click()
      const field = page.getByRole('textbox', { name: 'Address of a relay' })
      await field.fill('x')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByText('"x" is no address.').waitFor()
      expect(await field.inputValue()).toBe('x')
    })

    it('show the recovery phrase only when asked twice', async () => {
      const page = await openJoined()
      await page.evaluate(() => {
        uiPage.fake.wallet.value = {
          address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
          device: '8Jx3kqW5nVbY2rTzQmL7',
          burner: true,
          sealed: false,
        }
      })
      await page.getByRole('button', { name: 'Wallet' }).click()
      await page.getByRole('button', { name: 'Show recovery phrase' }).click()
      expect(await page.evaluate(() => uiPage.fake.calls.map(({ command }) => command))).not.toContain(
        'exportPhrase',
      )
      await page.getByRole('button', { name: 'I am alone: show it' }).click()
      expect(await page.getByRole('list', { name: 'Recovery phrase' }).getByRole('listitem').count()).toBe(12)
    })

    it('[CH16] refuse a write that there are no words for, and show the next one', async () => {
      const page = await openJoined()
      const ask = (intent: object) =>
        page.evaluate((asked) => {
          const { purse } = uiPage.fake
          const wallet = { kind: 'burner', name: '', address: '0x' } as const
          const question = { intent: asked as WriteIntent, wallet, step: 'ready' } as const
          purse.value = { ...purse.value, question }
        }, intent)
      await ask({ kind: 'zork' })
      const answers = () =>
        page.evaluate(() =>
          uiPage.fake.calls.flatMap(({ command, args }) => (command === 'wallet.answerWrite' ? args : [])),
        )
      await expect.poll(answers).toEqual(['unshown'])
      expect(await page.getByRole('dialog').count()).toBe(0)
      await ask({ kind: 'prove-life' })
      await page.getByRole('dialog', { name: 'Show that you are here' }).waitFor()
      await page.getByRole('button', { name: 'Cancel' }).click()
      await expect.poll(answers).toEqual(['unshown', 'no'])
    })
  })
}
