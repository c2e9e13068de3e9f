import { describe, expect, it } from 'vitest'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createSession } from '#ui/session.ts'
import { switchMode } from '#ui/switch-mode.ts'

/** Loads of one page, which share what a browser keeps for a tab. */
function createPage() {
  const kept = new Map<string, string>()
  const fake = createFakeTabland()
  const sessionStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const load = () =>
    createSession({
      tabland: Promise.resolve(fake.tabland),
      inspectModel: () => Promise.reject(new Error('no model here')),
      window: {
        location: { hash: '', href: 'http://127.0.0.1/' },
        history: { pushState: () => undefined, replaceState: () => undefined },
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
        document: { documentElement: { setAttribute: () => undefined, removeAttribute: () => undefined } },
        sessionStorage,
        innerWidth: 1280,
      } as unknown as Window,
    })
  /** What is open after the page was loaded once more. */
  const panelAfterReload = () => {
    const session = load()
    session.stop()
    return session.panel.value
  }
  return { fake, load, panelAfterReload }
}

describe('[NE6] switching the mode', () => {
  it('opens the network panel again with the page, once', async () => {
    const { load, panelAfterReload } = createPage()
    const session = load()
    session.open('network')
    await switchMode(session, 'relayed')
    session.stop()
    expect([panelAfterReload(), panelAfterReload()]).toEqual(['network', undefined])
  })

  it('opens nothing at a later reload where the person would rather stay', async () => {
    const { fake, load, panelAfterReload } = createPage()
    const session = load()
    session.open('network')
    await switchMode(session, fake.tabland.state.network.value.mode)
    session.stop()
    expect(panelAfterReload()).toBeUndefined()
  })

  it('opens nothing where the switch failed, and passes the failure on', async () => {
    const { fake, load, panelAfterReload } = createPage()
    const session = load()
    session.open('network')
    fake.fail('setMode', 'MODE_UNKNOWN', 'no')
    await expect(switchMode(session, 'relayed')).rejects.toMatchObject({ code: 'MODE_UNKNOWN' })
    session.stop()
    expect(panelAfterReload()).toBeUndefined()
  })

  it('opens nothing where it began elsewhere', async () => {
    const { load, panelAfterReload } = createPage()
    const session = load()
    await switchMode(session, 'relayed')
    session.stop()
    expect(panelAfterReload()).toBeUndefined()
  })
})
