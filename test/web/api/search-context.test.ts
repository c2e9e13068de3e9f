import { describe, expect, it } from 'vitest'
import { contextOf, parseSearchContext } from '#api/search-context.ts'

describe('[KG15] a context from the console', () => {
  it('is particles or a neuron, and nothing else of the options', () => {
    expect(parseSearchContext({ cids: ['moon'], limit: 3 })).toEqual({ cids: ['moon'] })
    expect(parseSearchContext({ neuron: '0x1', limit: 3 })).toEqual({ neuron: '0x1' })
    expect(contextOf({ limit: 3 })).toEqual({})
    expect(contextOf({ context: { cids: [] } })).toEqual({ context: { cids: [] } })
  })

  it.each([
    undefined,
    null,
    'moon',
    ['moon'],
    {},
    { cids: 'moon' },
    { cids: [7] },
    { neuron: 7 },
    { cids: ['a'], neuron: 'b' },
  ])('refuses %j', (value) => {
    expect(() => parseSearchContext(value)).toThrow(expect.objectContaining({ code: 'CONTEXT_EXPECTED' }))
  })
})
