import { expect, it } from 'vitest'
import { every } from '#core/timers.ts'
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
