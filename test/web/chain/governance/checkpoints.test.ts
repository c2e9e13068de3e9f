import { expect, it } from 'vitest'
import { createVoteTrace } from '#chain/governance/checkpoints.ts'
import { dataSlot } from '#chain/storage-slots.ts'

const SLOT = 5n

/** A list of checkpoints as storage has it, which counts questions. */
function listOf(checkpoints: readonly (readonly [seconds: bigint, votes: bigint])[]) {
  const first = dataSlot(SLOT)
  const storage = new Map(
    checkpoints.map(([seconds, votes], i) => [first + BigInt(i), seconds | (votes << 48n)]),
  )
  storage.set(SLOT, BigInt(checkpoints.length))
  return () => {
    let questions = 0
    const trace = createVoteTrace(async (slots) => {
      questions++
      return slots.map((slot) => storage.get(slot) ?? 0n)
    }, SLOT)
    return { trace, questions: () => questions }
  }
}

it('tells the votes that counted at a time: those of the last checkpoint until then', async () => {
  const { trace } = listOf([
    [10n, 3n],
    [20n, 0n],
    [20_000n, 2n ** 207n],
  ])()
  const times = [0, 9, 10, 19, 20, 19_999, 20_000, 2 ** 40]
  expect(await Promise.all(times.map((time) => trace.at(time)))).toEqual([
    ...[0n, 0n, 3n, 3n, 0n, 0n],
    ...[2n ** 207n, 2n ** 207n],
  ])
  expect(await trace.latest()).toBe(2n ** 207n)
})

it('has none where there are none', async () => {
  const { trace } = listOf([])()
  expect([await trace.at(99), await trace.latest()]).toEqual([0n, 0n])
})

it('finds each of ten thousand with few questions', async () => {
  const open = listOf(Array.from({ length: 10_000 }, (_, i) => [BigInt(3 * i + 1), BigInt(i + 1)] as const))
  for (const index of [0, 1, 47, 48, 204, 5_000, 9_998, 9_999]) {
    const { trace, questions } = open()
    expect(await trace.at(3 * index + 2)).toBe(BigInt(index + 1))
    expect(await trace.at(3 * index + 1)).toBe(BigInt(index + 1))
    expect(await trace.at(3 * index)).toBe(BigInt(index))
    expect(questions()).toBeLessThan(10)
  }
})
