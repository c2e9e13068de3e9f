import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { goCyberRoot, rootOfRanks } from '#graph/rank-digest.ts'
import { type GoCyberOptions, rankGoCyber } from '#graph/rank-go-cyber.ts'
import type { RankInput } from '#graph/rank-input.ts'
import { createRandom } from './rank-graphs.ts'

interface Vectors {
  readonly cases: readonly {
    readonly name: string
    readonly particles: number
    readonly damping: number
    readonly tolerance: number
    readonly stakes: readonly number[]
    readonly links: readonly (readonly number[])[]
    readonly ranks: readonly string[]
    readonly goCyberTreeRoot: string
  }[]
  readonly trees: readonly {
    readonly leaves: string
    readonly goCyberRoot: string
    readonly rfc6962Root: string
  }[]
}

const { cases, trees } = JSON.parse(
  readFileSync(new URL('../../vectors/rank/go-cyber.json', import.meta.url), 'utf8'),
) as Vectors
const OPTIONS: GoCyberOptions = { damping: 0.85, tolerance: 0.001 }
const A = inputOf(cases[0]!)

function inputOf({ particles, links, stakes }: Vectors['cases'][number]): RankInput {
  return { particles, links: Uint32Array.from(links.flat()), stakes: stakes.map(BigInt) }
}

/** go-cyber's program over maps, link by link, as its Go has it: slow, and sharing no line with ours. */
function rankByMaps(
  { particles, links, stakes }: RankInput,
  { damping, tolerance }: GoCyberOptions,
): number[] {
  const neudeg = new Map<number, bigint>()
  const out = new Map<number, Map<number, number[]>>()
  const into = new Map<number, Set<number>>()
  for (let at = 0; at < links.length; at += 3) {
    const [from, to, user] = [links[at]!, links[at + 1]!, links[at + 2]!]
    neudeg.set(user, (neudeg.get(user) ?? 0n) + 1n)
    const targets = out.get(from) ?? new Map<number, number[]>()
    out.set(from, targets.set(to, [...(targets.get(to) ?? []), user]))
    into.set(to, (into.get(to) ?? new Set()).add(from))
  }
  const linkStake = (from: number, to: number) =>
    (out.get(from)!.get(to) ?? []).reduce((sum, user) => sum + stakes[user]! / neudeg.get(user)!, 0n)
  const outStake = (from: number) =>
    [...out.get(from)!.keys()].reduce((sum, to) => sum + linkStake(from, to), 0n)
  const defaultRank = (1 - damping) / particles
  const dangling = particles - into.size
  const corrected = damping * (defaultRank * (dangling / particles)) + defaultRank
  let rank = new Array<number>(particles).fill(defaultRank)
  for (let change = tolerance + 1; change > tolerance; ) {
    const next = [...rank]
    for (const [to, sources] of into) {
      let sum = 0
      for (const from of [...sources].sort((a, b) => a - b)) {
        const [link, all] = [linkStake(from, to), outStake(from)]
        if (link === 0n || all === 0n) continue
        sum = rank[from]! * (Number(link) / Number(all)) + sum
      }
      next[to] = sum * damping + corrected
    }
    change = Math.max(...next.map((value, i) => Math.abs(value - rank[i]!)))
    rank = next
  }
  return rank
}

/** Links without repetition, stakes of all sizes, some of them none. */
function randomInput(seed: number): RankInput {
  const random = createRandom(seed)
  const [particles, neurons] = [2 + random(40), 1 + random(5)]
  const links = new Set(
    Array.from({ length: random(150) }, () => `${random(particles)},${random(particles)},${random(neurons)}`),
  )
  return {
    particles,
    links: Uint32Array.from([...links].flatMap((link) => link.split(',').map(Number))),
    stakes: Array.from({ length: neurons }, () => (random(4) === 0 ? 0n : BigInt(random(2 ** 50)) << 8n)),
  }
}

describe("[KG14] go-cyber's ranks", () => {
  it.each(cases)('[KG14] vector $name: ranks and root bit for bit', async (vector) => {
    const { ranks } = await rankGoCyber(inputOf(vector), vector)
    expect([...ranks].map(String)).toEqual(vector.ranks)
    expect(toHex(goCyberRoot(ranks))).toBe(vector.goCyberTreeRoot)
  })

  it.each(trees)('[KG14] roots of $leaves', (vector) => {
    const last = Number(/^LE64 of 0\.\.(\d+)$/.exec(vector.leaves)![1])
    const leaves = BigUint64Array.from({ length: last + 1 }, (_, i) => BigInt(i))
    expect(toHex(goCyberRoot(leaves))).toBe(vector.goCyberRoot)
    expect(toHex(rootOfRanks(leaves))).toBe(vector.rfc6962Root)
  })

  it('[KG14] equals its program over maps on random graphs, to the last bit', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const input = randomInput(seed)
      const options = { damping: 0.5 + seed / 200, tolerance: 10 ** -(seed % 12) }
      const { values } = await rankGoCyber(input, options)
      expect([...values], `seed ${seed}`).toEqual(rankByMaps(input, options))
    }
  })

  it('[KG14] takes links in any order, and each once', async () => {
    const reversed = Uint32Array.from(
      { length: 2 * A.links.length },
      (_, i) => A.links[A.links.length - 3 * (1 + (Math.floor(i / 3) % (A.links.length / 3))) + (i % 3)]!,
    )
    expect(await rankGoCyber({ ...A, links: reversed }, OPTIONS)).toEqual(await rankGoCyber(A, OPTIONS))
  })

  it('ranks nothing without particles or stakes, as go-cyber does', async () => {
    const none = { particles: 0, links: new Uint32Array(0), stakes: [1n] }
    for (const input of [none, { ...none, particles: 3, stakes: [] }]) {
      const { ranks, iterations } = await rankGoCyber(input, OPTIONS)
      expect({ length: ranks.length, iterations, root: toHex(goCyberRoot(ranks)) }).toEqual({
        length: 0,
        iterations: 0,
        root: '',
      })
    }
  })

  it.each([
    ['damping', { ...OPTIONS, damping: 1 }, 'RANK_COMPAT'],
    ['damping', { ...OPTIONS, damping: -0.1 }, 'RANK_COMPAT'],
    ['damping', { ...OPTIONS, damping: Number.NaN }, 'RANK_COMPAT'],
    ['tolerance', { ...OPTIONS, tolerance: -1 }, 'RANK_COMPAT'],
    ['tolerance', { ...OPTIONS, tolerance: Number.POSITIVE_INFINITY }, 'RANK_COMPAT'],
    ['tolerance', { ...OPTIONS, tolerance: Number.NaN }, 'RANK_COMPAT'],
  ])('refuses a %s out of range', async (_, options, code) => {
    await expect(rankGoCyber(A, options)).rejects.toMatchObject({ code })
  })

  it('stops between iterations when its signal aborts', async () => {
    const controller = new AbortController()
    const pause = async () => controller.abort('enough')
    const ranking = rankGoCyber(A, { ...OPTIONS, signal: controller.signal, pause })
    await expect(ranking).rejects.toBe('enough')
  })
})
