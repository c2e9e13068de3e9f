import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { createPinHint, FIRST_LOOK_MS } from '#ui/pin-hint.ts'
import { createSettings } from '#ui/settings.ts'

function setup({ returning = false, mine = false, room = true } = {}) {
  const stored = new Map<string, string>()
  const hasMine = signal(mine)
  const hasRoom = signal(room)
  const timers: { task: () => void; ms: number; cancelled: boolean }[] = []
  const make = () =>
    createPinHint({
      settings: createSettings(() => ({
        getItem: (key) => stored.get(key) ?? null,
        setItem: (key, value) => stored.set(key, value),
      })),
      returning,
      hasMine: () => hasMine.value,
      hasRoom: () => hasRoom.value,
      schedule(task, ms) {
        const timer = { task, ms, cancelled: false }
        timers.push(timer)
        return () => {
          timer.cancelled = true
        }
      },
    })
  return { hint: make(), make, hasMine, hasRoom, timers, look: () => timers.at(-1)?.task() }
}

describe('the hint to pin the tab', () => {
  it('is not shown to who is here for the first time and keeps nothing', () => {
    const { hint, look, hasMine } = setup()
    look()
    expect(hint.due.value).toBe(false)
    hasMine.value = true
    expect(hint.due.value).toBe(true)
  })

  it('comes at the second visit, after the first look at the world', () => {
    const { hint, look, timers } = setup({ returning: true })
    expect(hint.due.value).toBe(false)
    expect(timers[0]?.ms).toBe(FIRST_LOOK_MS)
    look()
    expect(hint.due.value).toBe(true)
  })

  it('comes at once when something was seeded, as soon as there is room', () => {
    const { hint, hasMine, hasRoom } = setup({ room: false })
    hasMine.value = true
    hint.earn()
    expect(hint.due.value).toBe(false)
    hasRoom.value = true
    expect(hint.due.value).toBe(true)
  })

  it('stays until it is put away, and no later visit shows it', () => {
    const { hint, make, look } = setup({ returning: true })
    look()
    hint.remember()
    expect(hint.due.value).toBe(true)
    hint.dismiss()
    expect(hint.due.value).toBe(false)
    const next = make()
    look()
    expect(next.due.value).toBe(false)
  })

  it('stops with the page', () => {
    const { hint, timers } = setup()
    hint.stop()
    expect(timers[0]?.cancelled).toBe(true)
  })
})
