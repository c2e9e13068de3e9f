import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { SeedAdding, SeedItem, SeedState } from '#api/seed-types.ts'
import type { Failure, ParcelBuild, Tabland } from '#api/types.ts'
import type { SeedSettingsChange } from '#core/seeding.ts'
import { failureOf, isAbort } from './failure.ts'
import { createSeedJobs, type SeedJob, type SeedJobs } from './seed-jobs.ts'
import { itemName } from './seed-lines.ts'
import { buildsByRoot, isMine, orderItems, type SeedOrder } from './seed-list.ts'

/** Items listed at first, and with each "show more": a few screens of rows. */
export const PAGE_ITEMS = 50
/** Failures of commands that are kept beside their items. */
const MAX_WORKING = 256

export type SeedView = 'items' | 'traffic' | 'settings'
export type ItemCommand = 'pin' | 'unpin' | 'drop' | 'check'

/** A command on one item that goes on, or failed. */
export interface Working {
  readonly command: ItemCommand
  readonly failure?: Failure
}

export interface ListedItem {
  readonly item: SeedItem
  readonly name: string
  /** where it stands, when it is a model that was built */
  readonly build?: ParcelBuild
}

export interface SeedStore {
  readonly view: ReadonlySignal<SeedView>
  readonly order: ReadonlySignal<SeedOrder>
  /** those listed now */
  readonly listed: ReadonlySignal<readonly ListedItem[]>
  /** how many more pass the filter */
  readonly hidden: ReadonlySignal<number>
  /** CID of the item whose details are open */
  readonly opened: ReadonlySignal<string | undefined>
  readonly working: ReadonlySignal<ReadonlyMap<string, Working>>
  readonly notices: ReadonlySignal<readonly Failure[]>
  readonly jobs: SeedJobs
  /** those that no item stands for yet */
  readonly shownJobs: ReadonlySignal<readonly SeedJob[]>
  /** files that are added elsewhere, or broke off: those of this page are jobs */
  readonly adding: ReadonlySignal<readonly SeedAdding[]>
  show(view: SeedView): void
  arrange(change: Partial<SeedOrder>): void
  more(): void
  toggle(cid: string): void
  /** Does a command on an item; its failure is in `working`. */
  command(cid: string, command: ItemCommand): Promise<void>
  /** Resolves to what failed, if something did. */
  set(change: SeedSettingsChange): Promise<Failure | undefined>
  /** The browser's answer, or what failed. */
  persist(): Promise<boolean | Failure>
  dismiss(notice: Failure): void
  stop(): void
}

export interface SeedStoreInit {
  readonly tabland: Promise<Pick<Tabland, 'add' | 'seed'>>
  readonly state: () => Pick<SeedState, 'items' | 'adding' | 'notices'>
  readonly builds: () => ReadonlyMap<number, ParcelBuild>
  /** Called when a file or CID is seeded from here, with its name. */
  readonly onSeeded: (name: string) => void
}

const FIRST: SeedOrder = { filter: 'all', sort: 'used', ascending: false }

function keyOf({ code, message }: Failure): string {
  return `${code} ${message}`
}

/** Names read from the least, everything else from the most. */
function arranged(order: SeedOrder, change: Partial<SeedOrder>): SeedOrder {
  const isNewSort = change.sort !== undefined && change.sort !== order.sort
  return { ...order, ...(isNewSort ? { ascending: change.sort === 'name' } : {}), ...change }
}

/** What is kept here as the page holds it: the list and its order, and what was asked of each item. */
export function createSeedStore({ tabland, state, builds, onSeeded }: SeedStoreInit): SeedStore {
  const view = signal<SeedView>('items')
  const order = signal<SeedOrder>(FIRST)
  const limit = signal(PAGE_ITEMS)
  const opened = signal<string | undefined>()
  const working = signal<ReadonlyMap<string, Working>>(new Map())
  const dismissed = signal<ReadonlySet<string>>(new Set())
  const stopping = new AbortController()
  const jobs = createSeedJobs({ tabland, onDone: onSeeded })

  const stands = computed(() => buildsByRoot(builds()))
  const named = computed(() => {
    const names = new Map(state().items.map((item) => [item.cid, itemName(item, stands.value.get(item.cid))]))
    return (item: SeedItem): string => names.get(item.cid) ?? item.cid
  })
  const passing = computed(() => orderItems(state().items, order.value, named.value))
  const listed = computed(() =>
    passing.value.slice(0, limit.value).map((item): ListedItem => {
      const build = stands.value.get(item.cid)
      return { item, name: named.value(item), ...(build === undefined ? {} : { build }) }
    }),
  )

  const note = (cid: string, next: Working | undefined): void => {
    const map = new Map(working.value)
    map.delete(cid)
    if (next !== undefined) map.set(cid, next)
    const [oldest] = map.keys()
    if (map.size > MAX_WORKING && oldest !== undefined) map.delete(oldest)
    working.value = map
  }

  const give = async (cid: string, command: ItemCommand): Promise<unknown> => {
    const { seed } = await tabland
    const { signal } = stopping
    switch (command) {
      case 'pin':
        return seed.pin(cid, { signal })
      case 'unpin':
        return seed.unpin(cid)
      case 'drop':
        return seed.drop(cid)
      case 'check':
        return seed.check(cid, { signal })
    }
  }

  return {
    view,
    order,
    listed,
    hidden: computed(() => Math.max(0, passing.value.length - limit.value)),
    opened,
    working,
    notices: computed(() => state().notices.filter((notice) => !dismissed.value.has(keyOf(notice)))),
    jobs,
    shownJobs: computed(() => {
      const mine = new Set(
        state()
          .items.filter(isMine)
          .map(({ cid }) => cid),
      )
      // once it is in the list, its row says how it goes
      return jobs.list.value.filter(
        ({ kind, name, failure }) => kind === 'add' || failure !== undefined || !mine.has(name),
      )
    }),
    adding: computed(() => {
      const here = new Set(jobs.list.value.map(({ name }) => name))
      return state().adding.filter(({ name }) => name === undefined || !here.has(name))
    }),
    show(next) {
      view.value = next
    },
    arrange(change) {
      order.value = arranged(order.value, change)
      limit.value = PAGE_ITEMS
    },
    more() {
      limit.value += PAGE_ITEMS
    },
    toggle(cid) {
      opened.value = opened.value === cid ? undefined : cid
    },
    async command(cid, command) {
      const now = working.value.get(cid)
      if (now !== undefined && now.failure === undefined) return
      note(cid, { command })
      try {
        await give(cid, command)
        note(cid, undefined)
      } catch (error) {
        note(cid, isAbort(error) ? undefined : { command, failure: failureOf(error) })
      }
    },
    async set(change) {
      try {
        await (await tabland).seed.set(change)
        return undefined
      } catch (error) {
        return failureOf(error)
      }
    },
    async persist() {
      try {
        return await (await tabland).seed.persist()
      } catch (error) {
        return failureOf(error)
      }
    },
    dismiss(notice) {
      dismissed.value = new Set([...dismissed.value, keyOf(notice)])
    },
    stop() {
      stopping.abort()
      jobs.stop()
    },
  }
}
