import { retimeableSignal } from 'retimeable-signal'
import { describe, expect, it } from 'vitest'

/** What fails without patches/retimeable-signal: reservations are timed by it. */
describe('patched retimeable-signal', () => {
  it('ends at the last of several times, not at the second', async () => {
    const startedAt = performance.now()
    const signal = retimeableSignal(20)
    signal.reset(60)
    signal.reset(300)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    expect(performance.now() - startedAt).toBeGreaterThan(290)
  })

  it('never ends once it is cleared', async () => {
    const signal = retimeableSignal(20)
    signal.reset(40)
    signal.clear()
    await new Promise((resolve) => setTimeout(resolve, 100)) // nothing to wait for: the test is that nothing comes
    expect(signal.aborted).toBe(false)
  })
})
