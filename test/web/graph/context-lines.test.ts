import { describe, expect, it } from 'vitest'
import { parseContext } from '#graph/context-lines.ts'

const NAMES = ['moon', 'sea', '7']

describe('[KG15] parseContext', () => {
  it.each([
    ['3\n\n 1 \r\n3\n', undefined, [3, 1, 3]],
    ['[3, 1, 3]', undefined, [3, 1, 3]],
    ['sea\nmoon\n0', NAMES, [1, 0, 0]],
    ['["sea", 2]', NAMES, [1, 2]],
    ['7', NAMES, [2]],
    ['', undefined, []],
  ])('reads %j', (text, names, particles) => {
    expect(parseContext(text, names)).toEqual(particles)
  })

  it.each([
    ['moon', undefined],
    ['0\nstar', NAMES],
    ['-1', undefined],
    ['0.5', undefined],
    ['[1, 2', undefined],
    ['[{}]', undefined],
  ])('refuses %j', (text, names) => {
    expect(() => parseContext(text, names)).toThrow(expect.objectContaining({ code: 'RANK_CONTEXT' }))
  })
})
