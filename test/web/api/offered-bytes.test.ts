import { expect, it } from 'vitest'
import { createOfferedBytes } from '#api/offered-bytes.ts'
import { textCid } from '#core/cid.ts'
import { createFakeTimers } from '../../fakes/timers.ts'

const ROOT = textCid('sealed')

function setup(deaf = 0) {
  const timers = createFakeTimers()
  const sent: string[] = []
  const counted: string[] = []
  const bytes = createOfferedBytes({
    port: {
      async send(peer, wants) {
        sent.push(`${peer} ${wants.map(({ cid, kind }) => `${kind} ${cid}`)}`)
        if (sent.length <= deaf) throw new Error('it speaks no bitswap')
      },
    },
    timers,
    count: async (root) => counted.push(root),
  })
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      timers.advance(1_000)
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
  return { bytes, sent, counted, pass }
}

it('[CH7] asks a relay for the bytes of what it has the key of, until it hears', async () => {
  const { bytes, sent, pass } = setup(2)
  bytes.offer('relay', ROOT)
  await pass(60_000)
  expect(sent).toEqual(Array(3).fill(`relay have ${ROOT}`))
})

it('gives up a relay that does not hear, and ends', async () => {
  const deaf = setup(100)
  deaf.bytes.offer('relay', ROOT)
  await deaf.pass(60_000)
  expect(deaf.sent).toHaveLength(5)
  const stopped = setup(100)
  stopped.bytes.offer('relay', ROOT)
  stopped.bytes.stop()
  await stopped.pass(60_000)
  expect(stopped.sent).toHaveLength(1)
})

it('counts copies soon, and again later', async () => {
  const { bytes, counted, pass } = setup()
  bytes.countSoon(ROOT)
  await pass(11_000)
  expect(counted).toEqual([ROOT])
  await pass(120_000)
  expect(counted).toHaveLength(3)
})
