import { describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import {
  decodeAnswer,
  encodeAnswer,
  type ProvenAnswer,
  proveAnswer,
  verifyAnswer,
} from '#graph/machine/answer.ts'
import { createOrdererRule } from '#graph/machine/block-rule.ts'
import { machineOfGenesis } from '#graph/machine/genesis.ts'
import { createRecordVerifier } from '#objects/signed-record.ts'
import { askAnswer, createAnswersHandler } from '#peer/protocols/answers.ts'
import { TEST_NOW } from '#test/fakes/identity.ts'
import { digestOf } from '#test/fakes/links.ts'
import { fakeChain, fakeGenesis } from '#test/fakes/machine.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const genesis = await fakeGenesis()
const { machine, blocks } = await fakeChain(genesis, 10)
const roots = blocks.at(-1)!.desc
const good = proveAnswer(machine.state, digestOf('word 1'))
const { machine: earlier, blocks: before } = await fakeChain(genesis, 6)

function refusal(change: (answer: ProvenAnswer) => ProvenAnswer): string {
  try {
    verifyAnswer(roots, change(good))
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'taken'
}

const flipped = (bytes: Uint8Array, at = 0) =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)) as Uint8Array<ArrayBuffer>

describe('[KG16a] an answer to a search', () => {
  it('[KG16a] proves what is linked to, by rank and then number', () => {
    verifyAnswer(roots, good)
    expect(good.targets.length).toBeGreaterThan(2)
    expect(good.targets.map(({ rank }) => rank)).toEqual(
      good.targets.map(({ rank }) => rank).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)),
    )
    expect(decodeAnswer(encodeAnswer(good))).toEqual(good)
  })

  it('[KG16a] proves that nothing is linked from a particle', () => {
    const none = proveAnswer(machine.state, digestOf('nowhere'))
    verifyAnswer(roots, none)
    expect(none.targets).toEqual([])
    expect(() => verifyAnswer(roots, { ...none, from: good.from })).toThrow()
    expect(() => verifyAnswer(roots, { ...good, map: none.map })).toThrow()
  })

  it('[KG16a] holds under its own block alone', () => {
    verifyAnswer(before.at(-1)!.desc, proveAnswer(earlier.state, digestOf('word 1')))
    expect(() => verifyAnswer(before.at(-1)!.desc, good)).toThrow()
  })

  it('[KG16a] with one link left out, slipped in or moved is refused', () => {
    const { links, targets } = good
    expect(refusal((answer) => ({ ...answer, links: links.slice(52) }))).toBe('ANSWER_INVALID')
    expect(refusal((answer) => ({ ...answer, links: links.slice(52), targets: targets.slice(1) }))).toBe(
      'ANSWER_INVALID',
    )
    expect(refusal((answer) => ({ ...answer, targets: targets.slice(1) }))).toBe('ANSWER_INVALID')
    expect(refusal((answer) => ({ ...answer, targets: [] }))).toBe('ANSWER_INVALID')
    expect(
      refusal((answer) => ({ ...answer, links: new Uint8Array([...links, ...links.slice(0, 52)]) })),
    ).toBe('ANSWER_INVALID')
    expect(
      refusal((answer) => ({
        ...answer,
        links: new Uint8Array([...links.slice(52), ...links.slice(0, 52)]),
      })),
    ).toBe('ANSWER_INVALID')
    expect(refusal((answer) => ({ ...answer, targets: targets.toReversed() }))).toBe('ANSWER_INVALID')
    expect(refusal((answer) => ({ ...answer, targets: [targets[0]!, ...targets] }))).toBe('ANSWER_INVALID')
  })

  it('[KG16a] with any field another is refused', () => {
    const [first, ...rest] = good.targets
    const changes: ((answer: ProvenAnswer) => ProvenAnswer)[] = [
      (answer) => ({ ...answer, from: flipped(answer.from) }),
      (answer) => ({ ...answer, links: flipped(answer.links) }),
      (answer) => ({ ...answer, links: answer.links.slice(1) }),
      ...[
        { rank: first!.rank + 1n },
        { rank: first!.rank - 1n },
        { index: first!.index + 1 },
        { digest: flipped(first!.digest) },
        { proof: first!.proof.slice(1) },
        { proof: [...first!.proof, first!.digest] },
      ].map((change) => (answer: ProvenAnswer) => ({
        ...answer,
        targets: [{ ...first!, ...change }, ...rest],
      })),
      ...good.map.steps.map((step, at) => (answer: ProvenAnswer) => ({
        ...answer,
        map: { ...answer.map, steps: answer.map.steps.with(at, { ...step, sibling: flipped(step.sibling) }) },
      })),
    ]
    expect(changes.map(refusal)).not.toContain('taken')
  })
})

describe('[KG16a] an answer of a peer', () => {
  const id = machineOfGenesis(genesis)
  const { answers: protocol } = protocolsOf('test')
  const verifier = createRecordVerifier({ machine: id, now: () => TEST_NOW + 3_600_000 })
  const rule = createOrdererRule({ orderers: genesis.orderers, verifier })

  async function ask(source: Parameters<typeof createAnswersHandler>[1], of = id) {
    const network = createFakeNetwork(1n)
    const [server, asker] = [network.add('server'), network.add('asker')]
    network.connect('server', 'asker')
    server.requests.handle(protocol, createAnswersHandler(id, source))
    const { signal } = new AbortController()
    return askAnswer('server', good.from, {
      transport: asker,
      protocol,
      timers: createFakeTimers(),
      machine: of,
      signal,
      rule,
    })
  }

  it('[KG16a] is checked against the block that its orderer signed', async () => {
    const checked = await ask(machine)
    expect(checked?.block.desc.height).toBe(10)
    expect(checked?.answer).toEqual(good)
    expect(await ask(machine, new Uint8Array(32))).toBeUndefined()
  })

  it('[KG16a] that is not whole is refused, and the peer named', async () => {
    const answerOf = async (change: Partial<ProvenAnswer>) => ({
      answer: async () => {
        const proven = (await machine.answer(good.from))!
        return { ...proven, answer: { ...proven.answer, ...change } }
      },
    })
    for (const change of [
      { targets: good.targets.slice(1) },
      { from: digestOf('word 2') },
      { links: good.links.slice(52) },
    ]) {
      await expect(ask(await answerOf(change))).rejects.toMatchObject({
        code: 'SYNC_MISBEHAVIOUR',
        message: expect.stringContaining('server'),
      })
    }
  })

  it('[KG16a] under a block that nobody certified is refused', async () => {
    const stranger = await fakeGenesis({ orderers: [new Uint8Array(20)] })
    const network = createFakeNetwork(1n)
    const [server, asker] = [network.add('server'), network.add('asker')]
    network.connect('server', 'asker')
    server.requests.handle(protocol, createAnswersHandler(id, machine))
    const { signal } = new AbortController()
    const other = createOrdererRule({ orderers: stranger.orderers, verifier })
    const asked = askAnswer('server', good.from, {
      transport: asker,
      protocol,
      timers: createFakeTimers(),
      machine: id,
      signal,
      rule: other,
    })
    await expect(asked).rejects.toMatchObject({
      code: 'SYNC_MISBEHAVIOUR',
      message: expect.stringContaining('no orderer'),
    })
  })
})
