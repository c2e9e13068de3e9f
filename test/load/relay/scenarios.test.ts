import { describe, expect, it } from 'vitest'
import { startOurs } from './node-under-load.ts'
import { measureReservations, measureUnderAttack } from './scenarios.ts'

/** Short forms of `npm run load reservations` and `npm run load hostile`, whose long ones are in docs/relay-load.md. */
describe('the relay under load, in short', { retry: 1 }, () => {
  it('[RE1] holds 60 reservations and carries 10 circuits', async () => {
    const result = await measureReservations(await startOurs(), {
      peers: 60,
      circuits: 10,
      workers: 2,
      measureMs: 2_000,
    })
    console.log(result)
    expect(result).toMatchObject({ reserved: 60, circuits: 10, failed: 0 })
    expect(result.activeMb).toBeLessThan(400)
  }, 120_000)

  it('[RE7] goes on serving honest peers beside 50 hostile connections', async () => {
    const result = await measureUnderAttack(await startOurs(), {
      honest: 10,
      hostile: 50,
      attackMs: 6_000,
      newcomers: 3,
    })
    console.log(result)
    // a dial may stall on a busy machine before any attack: what the attack takes away is what counts
    expect(result.honestBefore).toBeGreaterThanOrEqual(8)
    expect(result).toMatchObject({
      alive: true,
      honestAfter: result.honestBefore,
      circuitsAfter: result.circuitsBefore,
      echoesFailed: 0,
      newcomers: 3,
    })
    expect(result.gossipHeard).toBeGreaterThan(0.8 * result.gossipExpected)
  }, 120_000)
})
