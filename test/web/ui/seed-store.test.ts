import { afterEach, describe, expect, it } from 'vitest'
import type { SeedItem } from '#api/seed-types.ts'
import { FAKE_NOW } from '#test/fakes/fake-facts.ts'
import { createFakeTabland, type FakeTabland } from '#test/fakes/fake-tabland.ts'
import { createSeedJobs, MAX_JOBS, type SeedJobs } from '#ui/seed-jobs.ts'
import { createSeedStore, PAGE_ITEMS, type SeedStore } from '#ui/seed-store.ts'

function item(cid: string, change: Partial<SeedItem> = {}): SeedItem {
  return {
    cid,
    reasons: [],
    bytes: 10,
    heldBytes: 10,
    usedAt: FAKE_NOW,
    holders: [],
    sentBytes: 0,
    receivedBytes: 0,
    ...change,
  }
}

let store: SeedStore | undefined
let jobs: SeedJobs | undefined
afterEach(() => {
  store?.stop()
  jobs?.stop()
})

function setup(items: readonly SeedItem[] = []) {
  const fake = createFakeTabland()
  fake.seed.value = { ...fake.seed.value, items }
  const seeded: string[] = []
  store = createSeedStore({
    tabland: Promise.resolve(fake.tabland),
    state: () => fake.seed.value,
    builds: () => fake.land.value.builds,
    onSeeded: (name) => seeded.push(name),
  })
  return { fake, store, seeded }
}

describe('the list', () => {
  const many = Array.from({ length: 120 }, (_, index) => item(`cid ${index}`, { usedAt: index }))

  it('shows a page at a time, and begins anew when it is arranged', () => {
    const { store } = setup(many)
    expect(store.listed.value).toHaveLength(PAGE_ITEMS)
    expect(store.listed.value[0]?.item.cid).toBe('cid 119')
    expect(store.hidden.value).toBe(70)
    store.more()
    store.more()
    expect([store.listed.value.length, store.hidden.value]).toEqual([120, 0])
    store.arrange({ filter: 'cached' })
    expect(store.listed.value).toHaveLength(PAGE_ITEMS)
  })

  it('reads names from the least and numbers from the most', () => {
    const { store } = setup(many)
    store.arrange({ sort: 'name' })
    expect(store.order.value.ascending).toBe(true)
    store.arrange({ ascending: false })
    store.arrange({ sort: 'size' })
    expect(store.order.value).toMatchObject({ sort: 'size', ascending: false })
  })

  it('names a model by the plot that it stands on', () => {
    const { fake, store } = setup([item('Qm1')])
    const build = fake.addBuild(0, 'Qm1')
    expect(store.listed.value[0]).toMatchObject({ name: expect.stringMatching(/^Model at/), build })
  })
})

describe('commands on an item', () => {
  it('are given once, and forgotten when they are done', async () => {
    const { fake, store } = setup([item('Qm1', { reasons: ['pinned'] })])
    const release = fake.hold('unpin')
    const first = store.command('Qm1', 'unpin')
    expect(store.working.value.get('Qm1')).toEqual({ command: 'unpin' })
    await store.command('Qm1', 'unpin')
    release()
    await first
    expect(store.working.value.size).toBe(0)
    expect(fake.calls).toHaveLength(1)
    expect(fake.seed.value.items[0]?.reasons).toEqual([])
  })

  it('[UI4] say why they failed, and can be given again', async () => {
    const { fake, store } = setup([item('Qm1', { reasons: ['pinned'] })])
    fake.fail('drop', 'SEED_PINNED', 'It is pinned.')
    await store.command('Qm1', 'drop')
    expect(store.working.value.get('Qm1')).toMatchObject({
      command: 'drop',
      failure: { code: 'SEED_PINNED' },
    })
    fake.mend('drop')
    await store.command('Qm1', 'drop')
    expect(store.working.value.size).toBe(0)
    expect(fake.seed.value.items).toEqual([])
  })

  it('check copies of one', async () => {
    const { fake, store } = setup([item('Qm1')])
    await store.command('Qm1', 'check')
    expect(fake.calls).toEqual([{ command: 'check', args: ['Qm1'] }])
  })
})

describe('settings', () => {
  it('are saved, a cap is lifted, and a refusal is told', async () => {
    const { fake, store } = setup()
    expect(await store.set({ quotaBytes: 5e9, hiddenUploadCap: undefined })).toBeUndefined()
    expect(fake.seed.value.settings.quotaBytes).toBe(5e9)
    expect(fake.seed.value.settings).not.toHaveProperty('hiddenUploadCap')
    fake.fail('set', 'SEED_SETTING', 'Too little.')
    expect(await store.set({ quotaBytes: 1 })).toEqual({ code: 'SEED_SETTING', message: 'Too little.' })
  })

  it('[SE4] ask the browser to keep what is stored', async () => {
    const { fake, store } = setup()
    expect(await store.persist()).toBe(true)
    fake.fail('persist', 'STORE_NOT_DURABLE', 'No.')
    expect(await store.persist()).toMatchObject({ code: 'STORE_NOT_DURABLE' })
  })
})

describe('what is on its way', () => {
  it('[SE5] is told once: by its row, by this page, or by where it broke off', async () => {
    const { fake, store } = setup()
    const transfer = { kind: 'add', bytes: 5, bytesPerSecond: 0, sources: 0 } as const
    const halves = ['a', 'b'].map((name) => ({ id: `adding/${name}`, name, transfer }))
    fake.seed.value = { ...fake.seed.value, adding: halves }
    const releases = [fake.hold('add'), fake.hold('pin')]
    store.jobs.addFiles([new File(['a'], 'a')])
    store.jobs.pinCid('Qm1')
    expect(store.adding.value.map(({ name }) => name)).toEqual(['b'])
    expect(store.shownJobs.value.map(({ name }) => name)).toEqual(['a', 'Qm1'])
    fake.seed.value = { ...fake.seed.value, items: [item('Qm1', { reasons: ['pinned'] })] }
    expect(store.shownJobs.value.map(({ name }) => name)).toEqual(['a'])
    await store.command('adding/b', 'drop')
    expect(fake.calls.at(-1)).toEqual({ command: 'drop', args: ['adding/b'] })
    for (const release of releases) release()
  })
})

describe('notices', () => {
  it('stand until they are put away', () => {
    const { fake, store } = setup()
    const full = { code: 'SEED_PINS_EXCEED_QUOTA', message: 'Full.' }
    fake.seed.value = { ...fake.seed.value, notices: [full, { code: 'X', message: 'y' }] }
    store.dismiss(full)
    expect(store.notices.value).toEqual([{ code: 'X', message: 'y' }])
    fake.seed.value = { ...fake.seed.value, notices: [full, { ...full, message: 'Fuller.' }] }
    expect(store.notices.value).toEqual([{ ...full, message: 'Fuller.' }])
  })
})

/** Resolves once `check` holds of the list. */
function until({ list }: SeedJobs, check: (jobs: SeedJobs['list']['value']) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = list.subscribe((value) => {
      if (!check(value)) return
      queueMicrotask(() => {
        stop()
        resolve()
      })
    })
  })
}

describe('files and CIDs on their way', () => {
  function begin(): { fake: FakeTabland; jobs: SeedJobs; done: string[] } {
    const fake = createFakeTabland()
    const done: string[] = []
    let time = FAKE_NOW
    jobs = createSeedJobs({
      tabland: Promise.resolve(fake.tabland),
      onDone: (name) => done.push(name),
      now: () => (time += 1000),
    })
    return { fake, jobs, done }
  }

  it('are stored one after the other, and pinned by their names', async () => {
    const { fake, jobs, done } = begin()
    jobs.addFiles([new File(['one'], 'one.txt'), new File(['two!'], 'two.txt')])
    expect(jobs.list.value.map(({ status }) => status)).toEqual(['running', 'waiting'])
    await until(jobs, (list) => list.length === 0)
    expect(done).toEqual(['one.txt', 'two.txt'])
    expect(fake.calls.map(({ command }) => command)).toEqual(['add', 'add'])
    expect(fake.seed.value.items.map(({ name }) => name)).toEqual(['one.txt', 'two.txt'])
  })

  it('[SE5] show bytes and rate', async () => {
    const { jobs } = begin()
    const seen: unknown[] = []
    jobs.list.subscribe(([job]) => seen.push(job))
    jobs.addFiles([new File(['12345'], 'five')])
    await until(jobs, (list) => list.length === 0)
    expect(seen).toContainEqual(expect.objectContaining({ bytes: 5, total: 5, bytesPerSecond: 5 }))
  })

  it('[UI4] that fail say why, go on when tried again, and let the next one pass', async () => {
    const { fake, jobs, done } = begin()
    const cid = fake.put('moon')
    fake.fail('pin', 'CONTENT_NOT_FOUND', 'Nobody.')
    jobs.pinCid(cid)
    await until(jobs, ([job]) => job?.status === 'failed')
    expect(jobs.list.value[0]?.failure?.code).toBe('CONTENT_NOT_FOUND')
    fake.mend('pin')
    jobs.retry(jobs.list.value[0]?.id ?? 0)
    await until(jobs, (list) => list.length === 0)
    expect(done).toEqual([cid])
  })

  it('are not doubled by the same CID', async () => {
    const { fake, jobs } = begin()
    const release = fake.hold('pin')
    const cid = fake.put('moon')
    jobs.pinCid(cid)
    jobs.pinCid(cid)
    expect(jobs.list.value).toHaveLength(1)
    release()
    await until(jobs, (list) => list.length === 0)
  })

  it('are stopped, and the next begins', async () => {
    const { fake, jobs, done } = begin()
    const release = fake.hold('add')
    jobs.addFiles([new File(['a'], 'a'), new File(['b'], 'b')])
    jobs.cancel(jobs.list.value[0]?.id ?? 0)
    release()
    await until(jobs, (list) => list.length === 0)
    expect(done).toEqual(['b'])
  })

  it('do not wait for a CID that nobody has now', async () => {
    const { fake, jobs, done } = begin()
    const release = fake.hold('pin')
    jobs.pinCid(fake.put('far away'))
    jobs.addFiles([new File(['a'], 'a')])
    await until(jobs, (list) => list.length === 1)
    expect(done).toEqual(['a'])
    release()
    await until(jobs, (list) => list.length === 0)
  })

  it('are bounded', () => {
    const { jobs } = begin()
    jobs.addFiles(Array.from({ length: MAX_JOBS + 5 }, (_, index) => new File(['x'], `${index}`)))
    expect(jobs.list.value).toHaveLength(MAX_JOBS)
  })
})
