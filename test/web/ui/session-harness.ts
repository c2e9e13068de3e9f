import { afterEach, vi } from 'vitest'
import { parcelAt } from '#core/land.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createFakeWorld } from '#test/fakes/fake-world.ts'
import { createSession, type Session } from '#ui/session.ts'

// the stores pass the canvas on and never touch it
export const canvas = {} as HTMLCanvasElement
export const PLOT = { x: 40, y: 1 }
export const SERIAL = parcelAt(PLOT)

let session: Session | undefined

/** Stops the session that each test of a file started. */
export function useSessions(): void {
  afterEach(() => {
    session?.stop()
    vi.useRealTimers()
  })
}

/** As much of a window as a session uses. */
function createWindow(hash: string) {
  const location = { hash, href: `http://127.0.0.1/${hash}` }
  const history = {
    pushState: (_state: unknown, _title: string, url: string) => {
      location.hash = url
    },
    replaceState: (_state: unknown, _title: string, url: string) => {
      location.hash = url
    },
  }
  const documentElement = { setAttribute: () => undefined, removeAttribute: () => undefined }
  const heard = new Set<() => void>()
  const listeners = {
    addEventListener: (_type: string, listener: () => void) => heard.add(listener),
    removeEventListener: (_type: string, listener: () => void) => heard.delete(listener),
    /** what "back", "forward" and a typed address do */
    travel(next: string) {
      location.hash = next
      for (const listener of heard) listener()
    },
  }
  const localStorage = { getItem: () => null, setItem: () => undefined }
  return {
    ...listeners,
    location,
    history,
    localStorage,
    document: { documentElement },
  } as unknown as Window & {
    travel(hash: string): void
  }
}

/** A session in a window of its own. */
export function setup({ hash = '', world = createFakeWorld(), innerWidth = 1280 } = {}) {
  const fake = createFakeTabland()
  const page = Object.assign(createWindow(hash), { innerWidth })
  session = createSession({
    tabland: Promise.resolve(fake.tabland),
    loadWorld: world.load,
    inspectModel: async () => {
      throw new Error('no model here')
    },
    window: page,
  })
  return { fake, page, session, world }
}
