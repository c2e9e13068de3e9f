import { beforeEach, describe, expect, it } from 'vitest'
import { createOrderGate } from '#relay/auto-tls/order-gate.ts'
import { AUTO_TLS_ORDER_RETRY_FIRST_MS, AUTO_TLS_ORDER_RETRY_MAX_MS } from '#relay/limits.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const MINUTE_MS = 60_000
let timers = createFakeTimers()
beforeEach(() => {
  timers = createFakeTimers()
})

/** How long one more order waits. */
async function waitOf({ pass }: ReturnType<typeof createOrderGate>): Promise<number> {
  const before = timers.elapsedMs
  let passedAt: number | undefined
  const passing = pass().then(() => {
    passedAt = timers.elapsedMs
  })
  for (;;) {
    for (let turn = 0; turn < 4; turn++) await Promise.resolve()
    if (passedAt !== undefined) break
    timers.advance(MINUTE_MS)
  }
  await passing
  expect(timers.pending).toBe(0)
  return (passedAt - before) / MINUTE_MS
}

describe('[RE2] orders of a certificate', () => {
  it('wait twice as long after each failure, up to an hour', async () => {
    const gate = createOrderGate({ timers, random: () => 0 })
    const waits: number[] = []
    for (let i = 0; i < 8; i++) waits.push(await waitOf(gate))
    expect(waits).toEqual([0, 2, 4, 8, 16, 32, 60, 60])
    expect([AUTO_TLS_ORDER_RETRY_FIRST_MS, AUTO_TLS_ORDER_RETRY_MAX_MS]).toEqual([
      2 * MINUTE_MS,
      60 * MINUTE_MS,
    ])
  })

  it('wait by chance up to half as long, so that relays do not come all at once', async () => {
    const gate = createOrderGate({ timers, random: () => 0.999_999 })
    const waits: number[] = []
    for (let i = 0; i < 4; i++) waits.push(await waitOf(gate))
    expect(waits).toEqual([0, 1, 2, 4])
  })

  it('begin anew once a certificate came', async () => {
    const gate = createOrderGate({ timers, random: () => 0 })
    for (let i = 0; i < 5; i++) await waitOf(gate)
    gate.reset()
    expect([await waitOf(gate), await waitOf(gate)]).toEqual([0, 2])
  })

  it('end with the relay', async () => {
    const gate = createOrderGate({ timers })
    await gate.pass()
    const second = gate.pass()
    gate.stop()
    await expect(second).rejects.toThrow()
    expect(timers.pending).toBe(0)
    await expect(gate.pass()).rejects.toThrow()
  })
})
