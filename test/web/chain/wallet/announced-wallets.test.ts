import { describe, expect, it } from 'vitest'
import { parseAnnouncement, watchAnnouncedWallets } from '#chain/wallet/announced-wallets.ts'
import { announceProvider, createFakeProvider } from '#test/fakes/injected-provider.ts'

const provider = createFakeProvider()
const info = { rdns: 'org.example.wallet', name: 'Example' }

describe('[CH16] wallets of the browser (EIP-6963)', () => {
  it('are found whether they told of themselves before or after, each once', () => {
    const target = new EventTarget()
    announceProvider(target, provider)
    const { wallets, stop } = watchAnnouncedWallets(target)
    expect(wallets.value.map(({ name }) => name)).toEqual(['Test Wallet'])
    announceProvider(target, provider, { rdns: 'org.example.other', name: 'Other' })
    announceProvider(target, provider)
    expect(wallets.value.map(({ rdns }) => rdns)).toEqual(['org.example.wallet', 'org.example.other'])
    stop()
    announceProvider(target, provider, { rdns: 'org.example.late', name: 'Late' })
    expect(wallets.value).toHaveLength(2)
  })

  it('are no more than anybody has', () => {
    const target = new EventTarget()
    const { wallets } = watchAnnouncedWallets(target)
    for (let at = 0; at < 40; at++) {
      const detail = { info: { ...info, rdns: `org.example.w${at}` }, provider }
      target.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
    }
    expect(wallets.value).toHaveLength(16)
  })

  it.each([
    ['nothing', undefined],
    ['no provider', { info }],
    ['a provider that cannot be asked', { info, provider: {} }],
    ['no name', { info: { rdns: info.rdns }, provider }],
    ['a name of another kind', { info: { ...info, name: 7 }, provider }],
    ['an rdns that is none', { info: { ...info, rdns: 'wallet' }, provider }],
    ['an rdns without end', { info: { ...info, rdns: `a.${'b'.repeat(200)}` }, provider }],
  ])('are not made of %s', (_, detail) => {
    expect(parseAnnouncement(detail)).toBeUndefined()
  })

  it('keep names short and in one line, and take no icon but an image', () => {
    const name = `Good\u202e\n wallet ${'x'.repeat(90)}`
    const found = parseAnnouncement({
      info: { ...info, name, icon: 'https://tracker.example/pixel' },
      provider,
    })
    expect(found?.name).toMatch(/^Good wallet x+$/)
    expect(found?.name).toHaveLength(40)
    expect(found).not.toHaveProperty('icon')
    const icon = 'data:image/svg+xml,%3Csvg/%3E'
    expect(parseAnnouncement({ info: { ...info, icon }, provider })?.icon).toBe(icon)
  })
})
