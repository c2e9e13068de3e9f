import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRankInput } from '#graph/rank-json.ts'
import { arbitraryInput } from './rank-graphs.ts'

describe('parseRankInput', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(arbitraryInput(), (input) => {
        const links = Array.from({ length: input.links.length / 3 }, (_, i) => [
          ...input.links.subarray(3 * i, 3 * i + 3),
        ])
        const text = JSON.stringify({ particles: input.particles, links, stakes: input.stakes.map(String) })
        expect(parseRankInput(text)).toEqual(input)
      }),
    )
  })

  it('reads stakes that are exact numbers', () => {
    expect(parseRankInput('{"particles":1,"links":[],"stakes":[7]}').stakes).toEqual([7n])
  })

  it.each([
    ['no JSON', '{"particles":', 'RANK_JSON'],
    ['an array', '[]', 'RANK_JSON'],
    ['null', 'null', 'RANK_JSON'],
    ['no particles', '{"links":[],"stakes":[]}', 'RANK_JSON'],
    ['particles as text', '{"particles":"3","links":[],"stakes":[]}', 'RANK_JSON'],
    ['half a particle', '{"particles":0.5,"links":[],"stakes":[]}', 'RANK_PARTICLES'],
    ['no links', '{"particles":3,"stakes":[]}', 'RANK_JSON'],
    ['links as an object', '{"particles":3,"links":{},"stakes":[]}', 'RANK_JSON'],
    ['a link of two', '{"particles":3,"links":[[0,1]],"stakes":["1"]}', 'RANK_JSON'],
    ['a link of four', '{"particles":3,"links":[[0,1,0,0]],"stakes":["1"]}', 'RANK_JSON'],
    ['a negative end', '{"particles":3,"links":[[0,-1,0]],"stakes":["1"]}', 'RANK_JSON'],
    ['an end of 2³²', '{"particles":3,"links":[[4294967296,1,0]],"stakes":["1"]}', 'RANK_JSON'],
    ['an end as text', '{"particles":3,"links":[["0",1,0]],"stakes":["1"]}', 'RANK_JSON'],
    ['no stakes', '{"particles":3,"links":[]}', 'RANK_JSON'],
    ['a negative stake', '{"particles":3,"links":[],"stakes":["-1"]}', 'RANK_JSON'],
    ['a hexadecimal stake', '{"particles":3,"links":[],"stakes":["0x10"]}', 'RANK_JSON'],
    [
      'a stake that is no exact number',
      '{"particles":3,"links":[],"stakes":[9007199254740993]}',
      'RANK_JSON',
    ],
    ['a stake of 21 digits', '{"particles":3,"links":[],"stakes":["100000000000000000000"]}', 'RANK_JSON'],
  ])('refuses %s', (_, text, code) => {
    expect(() => parseRankInput(text)).toThrowError(
      expect.objectContaining({ name: 'AppError', code, message: expect.stringMatching(/^[^\n]+\.$/) }),
    )
  })
})
