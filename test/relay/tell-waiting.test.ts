import { expect, it } from 'vitest'
import { tellWaiting } from '#relay/tell-waiting.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

it('is silent for two seconds, then says what is waited for, and again only when that is something else', async () => {
  const timers = createFakeTimers()
  const told: string[] = []
  let what = 'Waiting for the relay.'
  const work = Promise.withResolvers<number>()
  const waited = tellWaiting(work.promise, { timers, tell: (line) => told.push(line), describe: () => what })
  timers.advance(1_999)
  expect(told).toEqual([])
  timers.advance(1)
  expect(told).toEqual(['Waiting for the relay.'])
  timers.advance(10_000)
  expect(told).toHaveLength(1)
  what = 'Joined. Waiting for links.'
  timers.advance(2_000)
  expect(told).toEqual(['Waiting for the relay.', 'Joined. Waiting for links.'])
  work.resolve(7)
  expect(await waited).toBe(7)
  what = 'Something else.'
  timers.advance(10_000)
  expect(told).toHaveLength(2)
  const failed = tellWaiting(Promise.reject(new Error('no')), {
    timers,
    tell: (line) => told.push(line),
    describe: () => what,
  })
  await expect(failed).rejects.toThrow('no')
  timers.advance(10_000)
  expect(told).toHaveLength(2)
})
