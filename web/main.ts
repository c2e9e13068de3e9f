import type { Tabland } from '#api/types.ts'
import type { WorldView } from '#api/world.ts'
import { keepPage } from '#offline/keep-page.ts'
import { createModeMemory } from '#peer/mode-memory.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { mountUi } from '#ui/mount.tsx'

/**
 * Composition root of the page: draws at once, then fetches and starts the peer, then the world. The peer's code
 * is a chunk of its own, so that the first paint waits for neither libp2p nor the graph.
 */
const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no element #app')

const modes = createModeMemory({ storage: () => localStorage, tab: window })
const tabland = import('./tab.ts').then(({ startTab }) => startTab(window, modes))
const worldOff = new URLSearchParams(location.search).get('world') === 'off'

mountUi({
  root,
  tabland,
  mode: modes.load(),
  ...(worldOff ? {} : { loadWorld }),
})

tabland.then(
  (started) => {
    Object.assign(window, { tabland: started })
    if (import.meta.env.PROD) {
      const container = offlineContainer()
      keepPage({ container, network: started.state.network, whenIdle })
      if (container !== undefined) void servePublished(container, started)
    }
  },
  () => {}, // the page shows why
)

/** Pages from disk have a container that refuses everything. */
function offlineContainer(): ServiceWorkerContainer | undefined {
  return location.protocol === 'file:' ? undefined : navigator.serviceWorker
}

/** Links of published files are answered to the service worker, which asks pages of earlier loads too. */
async function servePublished(container: ServiceWorkerContainer, { objects }: Tabland): Promise<void> {
  const { serveCyfs } = await import('#offline/serve-cyfs.ts')
  serveCyfs({ container, objects, timers: systemTimers })
}

/** Safari has no idle callbacks. */
function whenIdle(task: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(task)
  else setTimeout(task)
}

async function loadWorld(
  canvas: HTMLCanvasElement,
  start: { readonly x: number; readonly y: number } | undefined,
): Promise<WorldView> {
  const [{ createWorld }, started] = await Promise.all([import('#world/create-world.ts'), tabland])
  const world = await createWorld({ canvas, tabland: started, ...(start === undefined ? {} : { start }) })
  Object.assign(started, { world })
  return world
}
