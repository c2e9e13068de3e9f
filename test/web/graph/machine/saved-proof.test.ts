import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { formatGenesis } from '#graph/machine/genesis.ts'
import { readBlockObject } from '#graph/machine/graph-block.ts'
import { blockToHex, checkRankProof, type SavedRankProof, saveRankProof } from '#graph/machine/saved-proof.ts'
import { TEST_NOW } from '#test/fakes/identity.ts'
import { digestOf } from '#test/fakes/links.ts'
import { fakeChain, fakeGenesis } from '#test/fakes/machine.ts'

const genesis = await fakeGenesis()
const { machine, blocks } = await fakeChain(genesis, 7)
const proven = (await machine.answer(digestOf('word 1')))!
const block = readBlockObject(proven.block)
const target = proven.answer.targets[0]!
const saved = saveRankProof(target, block, genesis)
const now = () => TEST_NOW + 3_600_000

async function refusal(change: Partial<SavedRankProof>, at = now): Promise<string> {
  return checkRankProof({ ...saved, ...change }, at).then(
    () => 'taken',
    (error: { readonly code: string }) => error.code,
  )
}

const flipHex = (hex: string, at = 0) =>
  `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`

describe('[KG20] a saved proof with its block', () => {
  it('[KG20] holds as an object and as JSON, and shows who signed its root', async () => {
    expect(blockToHex(block)).toBe(toHex(proven.block))
    for (const input of [saved, JSON.stringify(saved), JSON.parse(JSON.stringify(saved))]) {
      const { claim, signed } = await checkRankProof(input, now)
      expect(claim).toMatchObject({ cid: formatCid(target.digest), rank: target.rank, index: target.index })
      expect(signed?.block.desc.height).toBe(7)
      expect(signed?.block.neuron).toEqual(genesis.orderers[0])
    }
  })

  it('[KG20] without its block shows the way to the root alone', async () => {
    const { block: _, genesis: __, ...plain } = saved
    expect(await checkRankProof(plain, now)).not.toHaveProperty('signed')
  })

  it('[KG20] with any field another is refused', async () => {
    const otherRank = { rank: `${target.rank + 1n}` }
    const changes: readonly Partial<SavedRankProof>[] = [
      otherRank,
      { index: saved.index + 1 },
      { treeSize: saved.treeSize + 1 },
      { root: flipHex(saved.root) },
      { proof: saved.proof.slice(1) },
      { proof: saved.proof.map((node, at) => (at === 0 ? flipHex(node) : node)) },
      { cid: formatCid(digestOf('another')) },
      { block: 'zz' },
      { block: saved.block!.slice(2) },
      { block: flipHex(saved.block!, saved.block!.length - 1) },
      { genesis: '' },
    ]
    for (const change of changes) expect(await refusal(change)).not.toBe('taken')
  })

  it('[KG16a] under a block that commits to another root, or of another machine, is refused', async () => {
    const earlier = blocks[0]!
    expect(earlier.desc.rankRoot).not.toEqual(block.desc.rankRoot)
    expect(await refusal({ block: blockToHex(earlier) })).toBe('RANK_PROOF_INVALID')
    const stranger = await fakeGenesis({ orderers: [new Uint8Array(20)] })
    expect(await refusal({ genesis: formatGenesis(stranger) })).toBe('RANK_PROOF_INVALID')
  })

  it('[KG3] under a block from the future is not taken yet', async () => {
    expect(await refusal({}, () => TEST_NOW - 3_600_000)).toBe('BLOCK_TIME')
  })

  it.each([
    ['no JSON', '{'],
    ['too long a text', `"${' '.repeat(65_536)}"`],
    ['nothing', undefined],
    ['a list', []],
  ])('that is %s is refused', async (_, input) => {
    await expect(checkRankProof(input, now)).rejects.toMatchObject({ code: 'RANK_PROOF_INVALID' })
  })
})
