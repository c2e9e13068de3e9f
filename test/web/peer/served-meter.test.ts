import { describe, expect, it } from 'vitest'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import type { BlockMoved } from '#core/seeding.ts'
import { createServedMeter } from '#peer/served-meter.ts'

function start() {
  const listeners = new Set<(moved: BlockMoved) => void>()
  const meter = createServedMeter({
    onBlock(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  const move = (direction: BlockMoved['direction'], peer: string, bytes: number) => {
    for (const listener of listeners) listener({ direction, peer, cid: 'Qm', bytes })
  }
  return { meter, move, listeners }
}

describe('served meter', () => {
  it('counts what was sent and to how many, not what came', () => {
    const { meter, move } = start()
    move('sent', 'A', 5_000)
    move('sent', 'A', 100)
    move('sent', 'B', 10_000)
    move('received', 'C', 7_000)
    expect(meter.read()).toEqual({ bytes: 15_100, peers: 2 })
  })

  it('remembers a bounded number of peers, and loses no byte', () => {
    const { meter, move } = start()
    for (let i = 0; i < MAX_KNOWN_PEERS + 10; i++) move('sent', `peer${i}`, 10)
    expect(meter.read()).toEqual({ bytes: (MAX_KNOWN_PEERS + 10) * 10, peers: MAX_KNOWN_PEERS + 10 })
    move('sent', `peer${MAX_KNOWN_PEERS}`, 10)
    expect(meter.read().peers).toBe(MAX_KNOWN_PEERS + 10)
    move('sent', 'peer0', 10) // was forgotten: memory is bounded
    expect(meter.read().peers).toBe(MAX_KNOWN_PEERS + 11)
  })

  it('counts no more once it is stopped', () => {
    const { meter, move, listeners } = start()
    meter.stop()
    move('sent', 'A', 10)
    expect(meter.read().bytes).toBe(0)
    expect(listeners.size).toBe(0)
  })
})
