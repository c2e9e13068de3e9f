import { afterEach, describe, expect, it } from 'vitest'
import type { Failure } from '#api/types.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { askUntilHere, MAX_ASKS } from '#ui/ask-again.ts'

const AWAY: Failure = { code: 'CONTENT_NOT_FOUND', message: 'no' }

let ending = new AbortController()
afterEach(() => {
  ending.abort()
  ending = new AbortController()
})

function setup(ask: (times: number) => Failure | undefined | Promise<Failure | undefined>) {
  const { network } = createFakeTabland()
  let asked = 0
  const meet = (peerId: string) => {
    const { peers } = network.peek()
    const peer = { kind: 'tab', transport: 'webrtc', peerId } as (typeof peers)[number]
    network.value = { ...network.peek(), peers: [...peers, peer] }
  }
  const start = () =>
    askUntilHere(
      network,
      async () => {
        asked += 1
        return ask(asked)
      },
      ending.signal,
    )
  return { meet, start, asked: () => asked }
}

/** Long enough for all that follows at once. */
const settled = () => new Promise((resolve) => setTimeout(resolve))

describe('asking until somebody has it', () => {
  it('asks whoever came while others were asked', async () => {
    const first = Promise.withResolvers<Failure>()
    const second = Promise.withResolvers<Failure>()
    const { meet, start, asked } = setup((times) => [first.promise, second.promise][times - 1])
    const started = start()
    meet('a')
    first.resolve(AWAY)
    await started
    await expect.poll(asked).toBe(2)
    meet('b')
    expect(asked()).toBe(2)
    second.resolve(AWAY)
    await expect.poll(asked).toBe(3)
  })

  it('ends with what is there, and with what no other peer mends', async () => {
    for (const failure of [undefined, { code: 'OBJECT_BYTES_WRONG', message: 'no' }]) {
      const { meet, start, asked } = setup(() => failure)
      await start()
      meet('a')
      await settled()
      expect(asked()).toBe(1)
    }
  })

  it('ends with its signal, and after many', async () => {
    const { meet, start, asked } = setup(() => AWAY)
    await start()
    for (let i = 0; i < MAX_ASKS + 10; i++) {
      meet(`peer ${i}`)
      await settled()
    }
    expect(asked()).toBe(MAX_ASKS)
    const other = setup(() => AWAY)
    await other.start()
    ending.abort()
    other.meet('a')
    await settled()
    expect(other.asked()).toBe(1)
  })
})
