import { effect, type ReadonlySignal } from '@preact/signals'
import type { NetworkState } from '#api/network-types.ts'

export interface KeepPageInit {
  /** absent where the browser has none: insecure pages, private windows of some browsers, pages from disk */
  readonly container: Pick<ServiceWorkerContainer, 'register'> | undefined
  readonly network: ReadonlySignal<Pick<NetworkState, 'join'>>
  /** Runs a task when nothing more urgent is to be done. */
  readonly whenIdle: (task: () => void) => void
}

/**
 * Has the page kept for times without network ([NE8]). It waits until the tab has joined, or given up for now:
 * what is fetched for later must not slow down what is needed at once.
 */
export function keepPage({ container, network, whenIdle }: KeepPageInit): void {
  if (container === undefined) return
  let asked = false
  const stop = effect(() => {
    const { phase } = network.value.join
    if (asked || (phase !== 'ready' && phase !== 'offline')) return
    asked = true
    whenIdle(() => {
      stop()
      container.register('./sw.js', { updateViaCache: 'none' }).catch((error: unknown) => {
        // a plain file server may have no sw.js; the page is used as before
        console.info('Tabland: this page will not open without its server.', error)
      })
    })
  })
}
