import { render } from 'preact'
import type { NetworkMode } from '#api/network-types.ts'
import type { Tabland, TablandState } from '#api/types.ts'
import { App } from './app.tsx'
import { inspectModel } from './inspect-model.ts'
import { createSession, type Session } from './session.ts'
import type { LoadWorld } from './world-store.ts'

export type { LoadWorld } from './world-store.ts'

export interface UiInit {
  /** The page's element; what stands in it is replaced. */
  readonly root: HTMLElement
  /**
   * The peer's commands. The page is drawn before: commands given meanwhile are done once it is there. A
   * rejection (code and message) is shown with what to do.
   */
  readonly tabland: Promise<Tabland>
  /** States to show before `tabland` is there. @default those of a tab that is starting */
  readonly state?: TablandState
  /** how this tab is going to join @default 'direct' */
  readonly mode?: NetworkMode
  /** Starts the world on the page's canvas, called once after the first paint. Leave it out when the world is off. */
  readonly loadWorld?: LoadWorld
}

export interface Ui {
  /** what the page holds: for the composition root and for tests */
  readonly session: Session
  /** Takes the page down and stops the world with it. */
  stop(): void
}

/** Draws the page at once from what is known, and keeps it in step with the states. */
export function mountUi({ root, tabland, state, mode, loadWorld }: UiInit): Ui {
  const session = createSession({
    tabland,
    window,
    inspectModel,
    ...(state === undefined ? {} : { state }),
    ...(mode === undefined ? {} : { mode }),
    ...(loadWorld === undefined ? {} : { loadWorld }),
  })
  root.replaceChildren()
  render(<App session={session} />, root)
  return {
    session,
    stop() {
      render(null, root)
      session.stop()
    },
  }
}
