import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { BuildStep } from '#ui/build-store.ts'
import { guardDraft, mayLeave } from '#ui/leave-guard.ts'

const DRAFT = {
  name: 'lantern.glb',
  model: new Uint8Array(4),
  checked: {
    report: { triangles: 1, bytes: 4, bounds: { min: [0, 0, 0], max: [1, 1, 1] } },
    misfit: () => undefined,
  },
} as const

describe('leaving the page', () => {
  it('is asked about as long as a model is placed or published', () => {
    const window = new EventTarget()
    const step = signal<BuildStep>({ kind: 'empty' })
    const stop = guardDraft(step, window as Pick<Window, 'addEventListener' | 'removeEventListener'>)
    const isAsked = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
    expect(isAsked()).toBe(false)
    step.value = { kind: 'ready', draft: DRAFT }
    expect(isAsked()).toBe(true)
    step.value = { kind: 'publishing', draft: DRAFT, progress: { bytes: 0, total: 4 } }
    expect(isAsked()).toBe(true)
    step.value = { kind: 'empty' }
    expect(isAsked()).toBe(false)
    step.value = { kind: 'ready', draft: DRAFT }
    stop()
    expect(isAsked()).toBe(false)
  })

  it('is asked about before anything is dropped for it, and then not again', () => {
    const asked: string[] = []
    let answer = false
    const window = Object.assign(new EventTarget(), {
      confirm: (question?: string) => {
        asked.push(question ?? '')
        return answer
      },
    }) as Pick<Window, 'addEventListener' | 'removeEventListener' | 'dispatchEvent' | 'confirm'>
    const step = signal<BuildStep>({ kind: 'empty' })
    guardDraft(step, window)
    const isAsked = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
    expect(mayLeave(window, 'Leave?')).toBe(true)
    expect(asked).toEqual([])
    step.value = { kind: 'ready', draft: DRAFT }
    expect(mayLeave(window, 'Leave?')).toBe(false)
    expect(isAsked()).toBe(true)
    answer = true
    expect(mayLeave(window, 'Leave?')).toBe(true)
    expect(asked).toEqual(['Leave?', 'Leave?'])
    expect(isAsked()).toBe(false)
  })
})
