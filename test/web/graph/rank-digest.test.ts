import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { buildCsrRankGraph } from '#graph/rank-csr.ts'
import { encodeRanks, hashRanks, rootOfRanks } from '#graph/rank-digest.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { leafHash } from '#merkle/tree-hash.ts'
import { readGoldenCases, readWordnet, withHashedStakes } from './rank-graphs.ts'

describe('rank digests', () => {
  it('writes LE64 in particle order', () => {
    expect(toHex(encodeRanks(BigUint64Array.of(1n, 2n ** 62n)))).toBe('01000000000000000000000000000040')
  })

  it('gives the digests of nothing for no particles', () => {
    const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(toHex(hashRanks(new BigUint64Array(0)))).toBe(nothing)
    expect(toHex(rootOfRanks(new BigUint64Array(0)))).toBe(nothing)
  })

  it('gives the leaf hash of the only rank as its root', () => {
    const ranks = BigUint64Array.of(2n ** 62n)
    expect(rootOfRanks(ranks)).toEqual(leafHash(encodeRanks(ranks)))
  })

  it.each(readGoldenCases())('gives the golden root of wordnet with $mode stakes', async ({ mode, snap }) => {
    const wordnet = readWordnet()
    const graph = mode === 'unit' ? buildCsrRankGraph(wordnet) : buildRankGraph(withHashedStakes(wordnet))
    const { ranks } = await createTsKernel().rank(graph, { iterations: 16 })
    expect(toHex(rootOfRanks(ranks))).toBe(snap['16']!.rfc6962_root)
  })
})
