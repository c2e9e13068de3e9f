import { describe, expect, it } from 'vitest'
import type { ProofStep } from '#api/machine-types.ts'
import { BOX_HEIGHT, BOX_WIDTH, layoutPath, PATH_WIDTH } from '#ui/proof-layout.ts'

const digits = (letter: string) => letter.repeat(64)
const path: readonly ProofStep[] = [
  { sibling: digits('b'), side: 'right', hash: digits('c') },
  { sibling: digits('d'), side: 'left', hash: digits('e') },
]

describe('the drawn path of a proof', () => {
  it('has the root on top, each hash beside the one that the proof brings, where the tree has it', () => {
    const { hashes, height } = layoutPath({ leaf: digits('a'), path })
    const at = (letter: string) => hashes.find(({ hash }) => hash === digits(letter))!
    expect(['a', 'b', 'c', 'd', 'e'].map((letter) => at(letter).kind)).toEqual([
      ...['leaf', 'sibling', 'way', 'sibling', 'root'],
    ])
    expect(at('a').x).toBeLessThan(at('b').x)
    expect(at('d').x).toBeLessThan(at('c').x)
    expect(at('e').x).toBe(PATH_WIDTH / 2)
    expect([at('a').y, at('c').y]).toEqual([at('b').y, at('d').y])
    expect(at('e').y).toBeLessThan(at('c').y)
    expect(at('c').y).toBeLessThan(at('a').y)
    for (const { x, y } of hashes) {
      expect(x - BOX_WIDTH / 2).toBeGreaterThanOrEqual(0)
      expect(x + BOX_WIDTH / 2).toBeLessThanOrEqual(PATH_WIDTH)
      expect(y - BOX_HEIGHT / 2).toBeGreaterThanOrEqual(0)
      expect(y + BOX_HEIGHT / 2).toBeLessThanOrEqual(height)
    }
  })

  it('leads each pair of hashes up to the one that they are hashed into', () => {
    const { hashes, lines } = layoutPath({ leaf: digits('a'), path })
    const [up, over] = lines as [(typeof lines)[0], (typeof lines)[0]]
    const next = hashes.find(({ hash }) => hash === digits('c'))!
    for (const [, y1, x2, y2] of [up, over]) {
      expect([x2, y2]).toEqual([next.x, next.y + BOX_HEIGHT / 2])
      expect(y1).toBeGreaterThan(y2)
    }
    expect(lines).toHaveLength(4)
  })

  it('of a tree of one leaf is that leaf, which is the root', () => {
    const { hashes, lines } = layoutPath({ leaf: digits('a'), path: [] })
    expect(hashes.map(({ kind }) => kind)).toEqual(['root'])
    expect(lines).toEqual([])
  })
})
