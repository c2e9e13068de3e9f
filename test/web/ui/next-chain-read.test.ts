import { describe, expect, it } from 'vitest'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { askChainAgain, BEHIND_MS, nextReadMs, REFRESH_MS } from '#ui/next-chain-read.ts'

const READ = { hasFailed: false, block: 7, newest: 7, followed: 7, refreshMs: REFRESH_MS }
const NEVER = Number.POSITIVE_INFINITY

describe('what the chain tells is read again', () => {
  it('now and then, for others write too', () => {
    expect(nextReadMs(READ)).toBe(REFRESH_MS)
    expect(nextReadMs({ ...READ, refreshMs: 60_000 })).toBe(60_000)
  })

  it('soon while it is older than our own newest write', () => {
    expect(nextReadMs({ ...READ, newest: 8 })).toBe(BEHIND_MS)
    expect(nextReadMs({ ...READ, newest: 8, refreshMs: NEVER })).toBe(BEHIND_MS)
  })

  it('once after each of our writes where it tells no block', () => {
    expect(nextReadMs({ ...READ, block: undefined, newest: 8 })).toBe(BEHIND_MS)
    expect(nextReadMs({ ...READ, block: undefined, newest: 8, followed: 8 })).toBe(REFRESH_MS)
  })

  it('not by itself where nobody else changes it', () => {
    expect(nextReadMs({ ...READ, refreshMs: NEVER })).toBeUndefined()
  })

  it('after every failure', () => {
    expect(nextReadMs({ ...READ, block: undefined, hasFailed: true, refreshMs: NEVER })).toBe(REFRESH_MS)
    // what does not answer is not asked each second
    expect(nextReadMs({ ...READ, newest: 8, hasFailed: true })).toBe(REFRESH_MS)
  })
})

describe('"Try again"', () => {
  it('[CH13] has the endpoints asked again that are not asked by themselves', async () => {
    const fake = createFakeTabland()
    await askChainAgain(Promise.resolve(fake.tabland))
    expect(fake.calls).toEqual([{ command: 'refresh', args: [] }])
  })

  it('does not wait for the land, nor fail with it', async () => {
    const fake = createFakeTabland()
    const release = fake.hold('refresh')
    fake.fail('refresh', 'RPC_UNREACHABLE', 'Nobody answers.')
    await askChainAgain(Promise.resolve(fake.tabland))
    release()
    await askChainAgain(Promise.reject(new Error('The peer never started.')))
  })
})
