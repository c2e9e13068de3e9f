import { expect, it, vi } from 'vitest'
import type { Anvil } from '#relay/local-chain/anvil.ts'
import { keepAnvil } from '#relay/local-chain/keep-anvil.ts'
import { createFakeTimers } from '../../fakes/timers.ts'

interface FakeAnvil extends Anvil {
  readonly end: () => void
}

function fakeAnvil(pid: number): FakeAnvil {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  return { url: 'http://127.0.0.1:8545', pid, ended, end, stop: async () => end() }
}

it('tries again ever more seldom, says so, and gives the newest at the end', async () => {
  const timers = createFakeTimers()
  const life = new AbortController()
  const lines: string[] = []
  const [first, second] = [fakeAnvil(1), fakeAnvil(2)]
  const again = vi
    .fn<() => Promise<Anvil>>()
    .mockRejectedValueOnce(new Error('The port is taken.\nat some place'))
    .mockResolvedValueOnce(second)
  const log = (line: string) => lines.push(line)
  const kept = keepAnvil(first, { again, timers, log, signal: life.signal })
  await Promise.resolve()
  expect(timers.pending).toBe(0)

  first.end()
  await vi.waitFor(() => expect(timers.pending).toBe(1))
  timers.advance(1_000)
  await vi.waitFor(() => expect(lines).toHaveLength(1))
  expect(lines[0]).toBe(
    'Warning: the local chain has ended and does not start: The port is taken. It is tried again in 2 s; if that goes on, start the relay anew.',
  )
  await vi.waitFor(() => expect(timers.pending).toBe(1))
  timers.advance(2_000)
  await vi.waitFor(() => expect(lines).toHaveLength(2))
  expect(lines[1]).toContain('was started again at http://127.0.0.1:8545')
  expect(again).toHaveBeenCalledTimes(2)

  life.abort()
  expect(await kept).toBe(second)
})

it('lets a chain be that ends together with its relay', async () => {
  const timers = createFakeTimers()
  const life = new AbortController()
  const again = vi.fn<() => Promise<Anvil>>()
  const first = fakeAnvil(1)
  const kept = keepAnvil(first, { again, timers, log() {}, signal: life.signal })
  first.end()
  await vi.waitFor(() => expect(timers.pending).toBe(1))
  life.abort()
  expect(await kept).toBe(first)
  expect(again).not.toHaveBeenCalled()
})
