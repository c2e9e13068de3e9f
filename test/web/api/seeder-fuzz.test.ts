import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import {
  createFakeProfile,
  type FakeProfile,
  type FakeSeedTab,
  makeContent,
  putRemote,
} from '#test/fakes/seed-profile.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** Two of the contents, so that almost every step has to make room. */
const QUOTA = 1.25 * MIB
const CONTENTS = 8
const HOUR_MS = 60 * 60 * 1_000

interface Step {
  readonly type: 'add' | 'look' | 'pin' | 'unpin' | 'drop' | 'crash' | 'wait'
  readonly tab: number
  readonly content: number
}

/** Looking is what people do most. */
const TYPES: readonly Step['type'][] = [
  'add',
  'look',
  'look',
  'look',
  'pin',
  'unpin',
  'drop',
  'crash',
  'wait',
]

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ type: fc.constantFrom(...TYPES), tab: fc.nat(1), content: fc.nat(CONTENTS - 1) }),
  // short runs never fill the store
  { minLength: 25, maxLength: 40, size: 'max' },
)

/** What a profile does, and what must be true of it whatever it does. */
class Run {
  readonly profile: FakeProfile = createFakeProfile()
  readonly contents: Bytes[] = []
  readonly cids: string[] = []
  readonly pinned = new Set<number>()
  readonly #tabs: (FakeSeedTab | undefined)[] = []

  async start(): Promise<void> {
    for (let n = 0; n < CONTENTS; n++) {
      // every other one shares its beginning with the one before
      const bytes = makeContent((2 + (n % 3)) * 200 * KIB, 200 + (n - (n % 2)))
      if (n % 2 === 1) bytes.set(makeContent(50 * KIB, 300 + n), bytes.length - 50 * KIB)
      this.contents.push(bytes)
      this.cids.push(await putRemote(this.profile, bytes))
    }
    await (await this.tab(0)).seeder.commands.set({ quotaBytes: QUOTA })
  }

  async tab(index: number): Promise<FakeSeedTab> {
    const known = this.#tabs[index]
    if (known !== undefined) return known
    const opened = await this.profile.open()
    this.#tabs[index] = opened
    return opened
  }

  async step(step: Step): Promise<void> {
    const tab = await this.tab(step.tab)
    if (step.type === 'crash') {
      tab.crash()
      this.#tabs[step.tab] = undefined
      return
    }
    if (step.type === 'wait') {
      this.profile.now += 2 * HOUR_MS
      return tab.pass(6_000)
    }
    const { content } = step
    const [cid, bytes] = [this.cids[content] as string, this.contents[content] as Bytes]
    const { commands } = tab.seeder
    // what does not fit, or is not in the list, is refused and changes nothing
    const did = async (work: Promise<unknown>) =>
      work.then(
        () => true,
        (error) => isRefusal(error),
      )
    if (step.type === 'look') {
      const end = tab.seeder.use(cid)
      const read = await tab.content.cat(cid).finally(end)
      expect(equalBytes(read, bytes)).toBe(true)
    }
    if (step.type === 'add' && (await did(tab.seeder.add(bytes)))) this.pinned.add(content)
    if (step.type === 'pin' && (await did(commands.pin(cid)))) this.pinned.add(content)
    if (step.type === 'unpin' && (await did(commands.unpin(cid)))) this.pinned.delete(content)
    if (step.type === 'drop') await did(commands.drop(cid))
    await tab.pass(1_000)
  }

  async check(): Promise<void> {
    const { blocks } = await this.tab(0)
    await blocks.engine.refresh()
    expect(blocks.stats().bytes).toBeLessThanOrEqual(QUOTA * 1.1)
    const remote = this.profile.remote
    this.profile.remote = createFakeProfile().remote
    for (const content of this.pinned) {
      const { content: reader } = await this.tab(0)
      const read = await reader.cat(this.cids[content] as string)
      expect(equalBytes(read, this.contents[content] as Bytes)).toBe(true)
    }
    this.profile.remote = remote
    expect(this.profile.failures).toEqual([])
  }
}

function isRefusal(error: unknown): false {
  const { code } = error as { readonly code?: string }
  expect(['SEED_PINS_EXCEED_QUOTA', 'SEED_UNKNOWN', 'SEED_PINNED']).toContain(code)
  return false
}

describe('[SE3] [SE4] whatever two tabs do', () => {
  it('no pinned block is evicted, and the quota is kept to', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const run = new Run()
        await run.start()
        for (const step of steps) {
          await run.step(step)
          await run.check()
        }
      }),
      { numRuns: 12 },
    )
  }, 120_000)
})
