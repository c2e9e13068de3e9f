import { parseEther } from 'viem'
import { afterEach, expect, it, vi } from 'vitest'
import { startIdleBlocks } from '#relay/local-chain/idle-blocks.ts'
import { useTestChain } from '../../contracts-abi/harness/anvil.ts'
import { createFakeTimers } from '../../fakes/timers.ts'

const world = useTestChain(async () => ({}))

let end = () => {}
afterEach(() => end())

function start() {
  const { chain } = world()
  const timers = createFakeTimers()
  const waits: number[] = []
  end = startIdleBlocks({
    url: chain.url,
    timers: {
      after(ms, task) {
        waits.push(ms)
        return timers.after(ms, task)
      },
    },
  })
  const height = () => chain.client.getBlockNumber()
  return {
    timers,
    waits,
    height,
    /** After so long the chain has so many blocks more, and waits again. */
    async grows(ms: number, blocks: bigint) {
      const before = await height()
      timers.advance(ms)
      await vi.waitFor(() => expect(timers.pending).toBe(1), { timeout: 10_000, interval: 1 })
      expect(await height()).toBe(before + blocks)
    },
    async write() {
      const [from, to] = chain.accounts
      const sent = chain.client.sendTransaction({ account: from!, to: to!, value: parseEther('1') })
      return (await chain.mined(sent)).blockNumber
    },
  }
}

it('makes an empty block where nobody writes, and leaves writes their own at once', async () => {
  const { grows, height, write } = start()
  await grows(14_999, 0n)
  await grows(1, 1n)
  await grows(15_000, 1n)
  const before = await height()
  expect(await write()).toBe(before + 1n)
  // the block of the write was new enough
  await grows(15_000, 0n)
  await grows(15_000, 1n)
})

it('makes fewer the longer nobody wrote, so that what is kept stays small, and as many again after a write', async () => {
  const { grows, waits, write } = start()
  for (let elapsedMs = 0; elapsedMs < 600_000; elapsedMs += 15_000) await grows(15_000, 1n)
  while (waits.at(-1)! < 120_000) await grows(waits.at(-1)!, 1n)
  await grows(120_000, 1n)
  expect(waits.at(-1)).toBe(120_000)
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  // at 80 minutes, by steps of 1/40 of all that went before
  expect(waits.length).toBeLessThan(150)
  await write()
  await grows(120_000, 0n)
  await grows(15_000, 1n)
})

it('makes none after its end', async () => {
  const { height, timers } = start()
  const before = await height()
  end()
  expect(timers.pending).toBe(0)
  timers.advance(60_000)
  expect(await height()).toBe(before)
})
