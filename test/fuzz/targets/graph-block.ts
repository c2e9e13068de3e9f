import { utf8 } from '#core/bytes.ts'
import { decodeAnswer, encodeAnswer, proveAnswer } from '#graph/machine/answer.ts'
import { createGenesis, formatGenesis, parseGenesis } from '#graph/machine/genesis.ts'
import { readGraphBlock } from '#graph/machine/graph-block.ts'
import { digestOf } from '#test/fakes/links.ts'
import { fakeChain, fakeGenesis, fakeOrderer, makeBlock, openFakeMachine } from '#test/fakes/machine.ts'
import { createFakeStakes, FAKE_STAKES } from '#test/fakes/stakes.ts'
import type { FuzzTarget } from '../fuzz.ts'

/** [KG16a] Blocks with the batches beside them. */
export async function graphBlockTarget(): Promise<FuzzTarget> {
  const { blocks } = await fakeChain(await fakeGenesis(), 2)
  const ofChain = await fakeGenesis({ stakes: FAKE_STAKES })
  const machine = await openFakeMachine({ genesis: ofChain, change: { stakes: createFakeStakes() } })
  const { block } = await makeBlock(machine, await fakeOrderer(ofChain), [])
  return {
    name: 'graph-block',
    seeds: [...blocks, block].map(({ bundle }) => bundle),
    maxInputBytes: 20_000,
    codes: ['BLOCK_INVALID'],
    run: readGraphBlock,
  }
}

/** [KG16a] Answers with their proofs. */
export async function answerTarget(): Promise<FuzzTarget> {
  const { machine } = await fakeChain(await fakeGenesis(), 6)
  const words = ['word 1', 'word 7', 'nowhere']
  return {
    name: 'answer',
    seeds: words.map((word) => encodeAnswer(proveAnswer(machine.state, digestOf(word)))),
    maxInputBytes: 8_192,
    codes: ['ANSWER_INVALID'],
    run: decodeAnswer,
  }
}

/** [KG1] The genesis that a relay tells. */
export function genesisTarget(): FuzzTarget {
  const orderer = new Uint8Array(20).fill(7)
  return {
    name: 'genesis',
    seeds: [undefined, FAKE_STAKES].map((stakes) =>
      utf8(formatGenesis(createGenesis('test', [orderer], stakes))),
    ),
    maxInputBytes: 16_384,
    codes: ['GENESIS_INVALID'],
    run: (input) => parseGenesis(new TextDecoder().decode(input)),
  }
}
