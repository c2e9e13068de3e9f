import { describe, expect, it } from 'vitest'
import { contextOf } from '#graph/rank-context.ts'

describe('[KG15] contextOf', () => {
  it('counts particles that repeat, in ascending order', () => {
    expect(contextOf([7, 2, 7, 9, 7], 10)).toEqual({
      particles: Uint32Array.of(2, 7, 9),
      weights: Uint32Array.of(1, 3, 1),
    })
  })

  it.each([
    ['no particle', []],
    ['a particle that does not exist', [0, 3]],
    ['no number of a particle', [0.5]],
    ['one below 0', [-1]],
  ])('refuses %s', (_, particles) => {
    expect(() => contextOf(particles, 3)).toThrow(expect.objectContaining({ code: 'RANK_CONTEXT' }))
  })
})
