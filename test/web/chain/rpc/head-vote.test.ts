import { describe, expect, it } from 'vitest'
import type { Hex } from '#chain/hex.ts'
import { countVotes, majorityOf, voteHeight } from '#chain/rpc/head-vote.ts'

function says(endpoint: string, hash: Hex, number = 7) {
  return { endpoints: [endpoint], header: { hash, number, parentHash: hash, timestamp: 1, stateRoot: hash } }
}

describe('[CH13] the majority of the configured endpoints', () => {
  it('is more than half of them', () => {
    expect([1, 2, 3, 4, 5].map(majorityOf)).toEqual([1, 2, 2, 3, 3])
  })

  it('votes on the highest block that so many have reached', () => {
    expect(voteHeight([9], 1)).toBe(9)
    expect(voteHeight([9, 7], 2)).toBe(7)
    expect(voteHeight([7, 9, 8], 3)).toBe(8)
    expect(voteHeight([9], 2)).toBeUndefined()
    expect(voteHeight([], 1)).toBeUndefined()
  })

  it('accepts a header, and names those who say something else', () => {
    const vote = countVotes([says('a', '0x1'), says('b', '0x2'), says('c', '0x1')], 3)
    expect(vote).toMatchObject({
      kind: 'accepted',
      header: { hash: '0x1' },
      camps: [{ endpoints: ['a', 'c'] }, { endpoints: ['b'], hash: '0x2' }],
    })
  })

  it('accepts neither of two camps of which none has it', () => {
    for (const [answers, configured] of [
      [[says('a', '0x1'), says('b', '0x2')], 2],
      [[says('a', '0x1'), says('b', '0x2'), says('c', '0x3')], 3],
      [[says('a', '0x1'), says('b', '0x1'), says('c', '0x2')], 4],
    ] as const) {
      expect(countVotes(answers, configured)).toMatchObject({ kind: 'disputed' })
    }
  })

  it('accepts nothing that fewer say, even when nobody says otherwise', () => {
    expect(countVotes([says('a', '0x1')], 2)).toEqual({ kind: 'short', answered: 1, needed: 2 })
    expect(countVotes([], 1)).toEqual({ kind: 'short', answered: 0, needed: 1 })
  })
})
