import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { concat, toHex } from '#core/bytes.ts'
import { parseDigest, textCid } from '#core/cid.ts'
import { machineOfGenesis } from '#graph/machine/genesis.ts'
import { readBlockObject } from '#graph/machine/graph-block.ts'
import { saveRankProof } from '#graph/machine/saved-proof.ts'
import { FullTree } from '#merkle/full-tree.ts'
import { RANK_LEAF_BYTES, rankLeaves } from '#merkle/rank-leaf.ts'
import { rankProofToJson } from '#merkle/rank-proof-json.ts'
import { createTsHasher } from '#merkle/tree-hasher.ts'
import { digestOf } from '#test/fakes/links.ts'
import { fakeChain, fakeGenesis } from '#test/fakes/machine.ts'
import { runCli } from '../run-cli.ts'

const cids = ['moon', 'sun', 'star'].map(textCid)
const tree = new FullTree(createTsHasher())
tree.append(
  rankLeaves(BigUint64Array.of(5n, 2n ** 62n, 7n), concat(...cids.map(parseDigest))),
  RANK_LEAF_BYTES,
)
const root = toHex(tree.root())
const shown = { cid: cids[1]!, rank: `${2n ** 62n}`, index: 1, treeSize: 3, root }
const proof = rankProofToJson({
  ...shown,
  rank: 2n ** 62n,
  proof: tree.proveInclusion(1),
  root: tree.root(),
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-verify-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function verify(json: unknown, ...args: readonly string[]) {
  const file = join(folder, 'proof.json')
  await writeFile(file, typeof json === 'string' ? json : JSON.stringify(json))
  return runCli('verify', file, ...args)
}

describe('tabland verify', () => {
  it('[KG20] prints what a saved proof shows', async () => {
    const expected = { code: 0, stdout: `${JSON.stringify(shown)}\n`, stderr: '' }
    expect(await verify(proof)).toEqual(expected)
    expect(await verify(proof, '--root', root)).toEqual(expected)
  })

  it.each<[string, unknown, readonly string[], RegExp]>([
    ['a proof of another rank', { ...proof, rank: '6' }, [], /leads to another root/],
    ['a proof of another root', proof, ['--root', '00'.repeat(32)], /leads to another root/],
    ['a missing node', { ...proof, proof: proof.proof.slice(1) }, [], /1 nodes, too few/],
    ['a field that is none', { ...proof, rank: 5 }, [], /rank: expected a string/],
    ['no JSON', 'moon', [], /is no JSON/],
    ['a file that is too long', ' '.repeat(70_000), [], /at most 65536 are read/],
  ])('refuses %s with one sentence', async (_, json, args, sentence) => {
    const { code, stdout, stderr } = await verify(json, ...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\.\n$/)
    expect(stderr).toMatch(sentence)
  })

  it('[KG16a] checks the signed block of a proof that a tab saved, and says whose it is', async () => {
    const genesis = await fakeGenesis()
    const { machine } = await fakeChain(genesis, 2)
    const { block, answer } = (await machine.answer(digestOf('word 0')))!
    const saved = saveRankProof(answer.targets[0]!, readBlockObject(block), genesis)
    const { code, stdout } = await verify(saved)
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ cid: saved.cid, rank: saved.rank, height: 2, root: saved.root },
      orderer: `0x${toHex(genesis.orderers[0]!)}`,
      machine: toHex(machineOfGenesis(genesis)),
    })
    expect(code).toBe(0)
    const { stderr } = await verify({ ...saved, genesis: saved.genesis!.replace('orderer ', 'orderer x') })
    expect(stderr).toMatch(/genesis could not be read/)
  })

  it('wants a file, and a root of 64 digits', async () => {
    expect((await runCli('verify')).code).toBe(2)
    expect((await verify(proof, '--root', 'ab')).code).toBe(2)
  })
})
