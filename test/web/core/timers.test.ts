import { expect, it } from 'vitest'
import { every, paced } from '#core/timers.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

it('runs a task again and again, until it is ended, from within as well', () => {
  const timers = createFakeTimers()
  let runs = 0
  const end = every(timers, 1_000, () => {
    runs += 1
    if (runs === 3) end()
  })
  timers.advance(2_500)
  expect(runs).toBe(2)
  timers.advance(10_000)
  expect([runs, timers.pending]).toEqual([3, 0])
})

it('goes on after a task that threw', () => {
  const timers = createFakeTimers()
  let runs = 0
  every(timers, 1_000, () => {
    runs += 1
    throw new Error('once')
  })
  expect(() => timers.advance(1_000)).toThrow('once')
  expect(() => timers.advance(1_000)).toThrow('once')
  expect(runs).toBe(2)
})

it('runs a paced task at once, then at most once in its pause, and never loses the last call', () => {
  const timers = createFakeTimers()
  let runs = 0
  const task = paced(timers, 250, () => {
    runs += 1
  })
  for (let i = 0; i < 10; i++) task.run()
  expect(runs).toBe(1)
  timers.advance(250)
  expect(runs).toBe(2)
  timers.advance(1_000)
  expect(runs, 'nobody asked').toBe(2)
  task.run()
  task.run()
  task.stop()
  timers.advance(1_000)
  expect([runs, timers.pending]).toEqual([3, 0])
  task.run()
  expect([runs, timers.pending], 'asked after its end').toEqual([3, 0])
})

it('runs a paced task that was never asked for no more after its end', () => {
  const timers = createFakeTimers()
  const task = paced(timers, 250, () => expect.fail('it ended'))
  task.stop()
  task.run()
  expect(timers.pending).toBe(0)
})
