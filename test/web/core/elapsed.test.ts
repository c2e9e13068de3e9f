import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { elapsed } from '#core/elapsed.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

async function wait(ms: number, signal?: AbortSignal) {
  const timers = createFakeTimers()
  let isOver = false
  const waited = elapsed(ms, { timers, signal }).then(() => {
    isOver = true
  })
  return { timers, waited, isOver: () => isOver }
}

it('waits for so long, and leaves nothing behind', async () => {
  const { signal } = new AbortController()
  const { timers, waited, isOver } = await wait(250, signal)
  timers.advance(249)
  await Promise.resolve()
  expect(isOver()).toBe(false)
  timers.advance(1)
  await waited
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('waits no longer than its signal lets it', async () => {
  const life = new AbortController()
  const { timers, waited } = await wait(250, life.signal)
  life.abort()
  await waited
  expect(timers.pending).toBe(0)
  expect(getEventListeners(life.signal, 'abort')).toEqual([])
  const after = await wait(250, life.signal)
  await after.waited
  expect(after.timers.pending).toBe(0)
})

it('needs no signal', async () => {
  const { timers, waited } = await wait(250)
  timers.advance(250)
  await waited
})
