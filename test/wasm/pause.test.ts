import { expect, it } from 'vitest'
import { createPause } from '#wasm/bindings/pause.ts'

it('lets other tasks in when its time has come', async () => {
  const pause = createPause({ everyMs: 0 })
  let timers = 0
  const timer = setInterval(() => timers++, 1)
  try {
    while (timers < 3) await pause()
  } finally {
    clearInterval(timer)
  }
  expect(timers).toBe(3)
})

it('returns at once before that', async () => {
  const pause = createPause({ everyMs: 60_000 })
  let isLetIn = false
  setImmediate(() => {
    isLetIn = true
  })
  for (let i = 0; i < 100; i++) await pause()
  expect(isLetIn).toBe(false)
})
