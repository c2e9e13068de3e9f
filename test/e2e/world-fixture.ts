import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { type ServedPage, servePage } from './pages/serve-page.ts'
import type { TestPage } from './pages/world/page.ts'

declare global {
  var page: TestPage
}

const MODELS = new URL('../vectors/models/', import.meta.url)

export interface WorldSite {
  /** Starts a browser; `args` may take its graphics away. */
  launch(options?: Parameters<typeof launchProfile>[1]): Promise<Profile>
  /** A page with the world not yet started. */
  open(
    profile: Profile,
    reducedMotion?: boolean,
  ): Promise<{ readonly page: Page; readonly logs: readonly string[] }>
  close(): Promise<void>
}

/** Serves the test page under the relay's own security policy, with the models of test/vectors beside it. */
export async function startWorldSite(): Promise<WorldSite> {
  const served: ServedPage = await servePage('world')
  return {
    launch: (options = {}) =>
      launchProfile(undefined, { gpu: true, viewport: { width: 640, height: 400 }, ...options }),
    async open(profile, reducedMotion = true) {
      const opened = await openPage(profile)
      await opened.page.emulateMedia({ reducedMotion: reducedMotion ? 'reduce' : 'no-preference' })
      await opened.page.route('**/models/*', async (route) => {
        const name = new URL(route.request().url()).pathname.split('/').at(-1) as string
        const body = await readFile(new URL(name, MODELS)).catch(() => undefined)
        if (body === undefined) await route.fulfill({ status: 404 })
        else await route.fulfill({ body, contentType: 'model/gltf-binary' })
      })
      await opened.page.goto(served.url)
      await opened.page.waitForFunction(() => globalThis.page !== undefined)
      return opened
    },
    close: () => served.close(),
  }
}
