import { createFakeTabland, type FakeTabland } from '#test/fakes/fake-tabland.ts'
import { createFakeWorld, type FakeWorld } from '#test/fakes/fake-world.ts'
import { mountUi, type Ui } from '#ui/mount.tsx'
import { isWorldOff } from '#ui/route.ts'

/** What a test of the page drives: everything behind the page is a fake. */
export interface UiPage {
  readonly fake: FakeTabland
  readonly world: FakeWorld
  readonly ui: Ui
  /** lets the peer "load": commands given before are done now */
  start(): void
  /** the peer could not be loaded */
  refuse(code: string, message: string): void
}

const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no #app')

const fake = createFakeTabland()
const world = createFakeWorld()
const tabland = Promise.withResolvers<FakeTabland['tabland']>()
const search = new URLSearchParams(location.search)
if (search.has('noworld')) world.failToLoad('WORLD_NO_GRAPHICS', 'This browser gives no 3D graphics.')

const ui = mountUi({
  root,
  tabland: tabland.promise,
  ...(isWorldOff(location.search) ? {} : { loadWorld: world.load }),
})

declare global {
  var uiPage: UiPage
}

globalThis.uiPage = {
  fake,
  world,
  ui,
  start: () => tabland.resolve(fake.tabland),
  refuse: (code, message) => tabland.reject({ name: 'AppError', code, message }),
}
if (!search.has('hold')) globalThis.uiPage.start()
