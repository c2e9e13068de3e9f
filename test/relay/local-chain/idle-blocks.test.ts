import { setImmediate as settled } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { makeIdleBlocks } from '#relay/local-chain/idle-blocks.ts'
import { createFakeTimers } from '../../fakes/timers.ts'

const DAY_MS = 86_400_000

let life = new AbortController()
afterEach(() => life.abort())

/** A chain that makes blocks when told, and makes empty ones where nobody writes. */
async function start() {
  life = new AbortController()
  const timers = createFakeTimers()
  const logged: string[] = []
  /** ms of each empty block */
  const mined: number[] = []
  let height = 7n
  let answer = async () => height
  const ended = makeIdleBlocks({
    client: {
      getBlockNumber: () => answer(),
      async mine() {
        height += 1n
        mined.push(timers.elapsedMs)
      },
    },
    timers,
    log: (line) => logged.push(line),
    signal: life.signal,
  })
  await settled()
  return {
    timers,
    logged,
    mined,
    ended,
    async pass(ms: number) {
      for (const end = timers.elapsedMs + ms; timers.elapsedMs < end; ) {
        timers.advance(Math.min(15_000, end - timers.elapsedMs))
        await settled()
      }
    },
    write() {
      height += 1n
    },
    answerBy(by: () => Promise<bigint>) {
      answer = by
    },
    answerAgain() {
      answer = async () => height
    },
  }
}

it('makes an empty block where nobody writes, and leaves writes their own', async () => {
  const { mined, pass, write } = await start()
  await pass(14_999)
  expect(mined).toEqual([])
  await pass(1)
  await pass(15_000)
  expect(mined).toEqual([15_000, 30_000])
  write()
  // the block of the write is new enough
  await pass(15_000)
  expect(mined).toHaveLength(2)
  await pass(15_000)
  expect(mined).toEqual([15_000, 30_000, 60_000])
})

it('makes fewer the longer nobody wrote, so that an idle chain stays small', async () => {
  const { mined, pass } = await start()
  await pass(DAY_MS)
  const inFirstDay = mined.length
  expect(inFirstDay).toBeLessThan(250)
  await pass(9 * DAY_MS)
  expect(mined.length - inFirstDay).toBeLessThan(100)
  for (const [i, at] of mined.slice(1).entries())
    expect(at - mined[i]!, `after ${at} ms`).toBeLessThanOrEqual(15_000 + at / 40)
})

it('makes as many as at first once something is written, however long nobody had', async () => {
  const { mined, pass, write } = await start()
  await pass(DAY_MS)
  write()
  const before = mined.length
  await pass(30_000)
  expect(mined.length - before).toBe(1)
  await pass(150_000)
  expect(mined.length - before).toBe(11)
})

it('makes none after its end', async () => {
  const { timers, mined, ended, pass } = await start()
  life.abort()
  await ended
  expect(timers.pending).toBe(0)
  await pass(60_000)
  expect(mined).toEqual([])
})

it('makes none when it ends in the middle of a question, and tells of nothing', async () => {
  for (const end of ['resolve', 'reject'] as const) {
    const { timers, mined, logged, ended, pass, answerBy } = await start()
    const asked = Promise.withResolvers<bigint>()
    answerBy(() => asked.promise)
    await pass(15_000)
    life.abort()
    if (end === 'resolve') asked.resolve(7n)
    else asked.reject(new Error('The chain is gone.'))
    await ended
    expect({ mined, logged, pending: timers.pending }).toEqual({ mined: [], logged: [], pending: 0 })
  }
})

it('tells each failure once, and goes on', async () => {
  const { mined, logged, pass, answerBy, answerAgain } = await start()
  const fail = (reason: string) => answerBy(() => Promise.reject(new Error(reason)))
  const told = (reason: string) =>
    expect.stringMatching(
      new RegExp(`^Warning: the time of the local chain .*: ${reason} It is tried again\\.$`),
    )
  fail('No answer.\n\nRequest body: …')
  await pass(60_000)
  fail('No such method.')
  await pass(60_000)
  expect(logged).toEqual([told('No answer.'), told('No such method.')])
  answerAgain()
  await pass(15_000)
  expect(mined).toEqual([135_000])
  fail('No such method.')
  await pass(15_000)
  expect(logged).toHaveLength(3)
})
