import { describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { parseWordNet } from '#relay/wordnet/parse-wordnet.ts'
import { PARTS } from './wordnet-fixture.ts'

const parse = (change: Partial<Record<keyof typeof PARTS, string>> = {}) =>
  parseWordNet({ ...PARTS, ...change }, async () => {})

describe('WordNet’s database', () => {
  it('gives words and meanings, each word linked to its meanings, each meaning to those it points to', async () => {
    const { texts, links, synsets } = await parse()
    expect(synsets).toBe(6)
    const lines = links.map(([from, to]) => `${texts[from]!.slice(0, 24)} → ${texts[to]!.slice(0, 24)}`)
    expect(lines).toEqual([
      'entity → entity (noun): that whic',
      'moon → moon (noun): any natural',
      'Moon → moon (noun): any natural',
      'moon (noun): any natural → entity (noun): that whic',
      'moon (noun): any natural → take a breath (verb): ex',
      // a word's pointer and a meaning's to the same one are one link
      'moon (noun): any natural → alone (adjective): isola',
      'take a breath → take a breath (verb): ex',
      'breathe out → take a breath (verb): ex',
      'take a breath (verb): ex → moon (noun): any natural',
      'alone → alone (adjective): isola',
      'alone (adjective): isola → long (adjective): very v',
      'long → long (adjective): very v',
      'a cappella → a cappella (adverb): wit',
    ])
    expect(texts).toContain("alone (adjective): isolated from others; 'solo'")
    expect(texts).toContain('take a breath (verb): expel air')
  })

  it('cuts a meaning that would not travel as a text', async () => {
    const long = (await parse()).texts.find((text) => text.startsWith('long ('))!
    expect(long.endsWith('…')).toBe(true)
    expect(utf8(long).length).toBeLessThanOrEqual(256)
  })

  it.each([
    ['a line that is no synset', 'x'],
    ['a gloss that is missing', '00001837 02 r 01 a_cappella 0 000'],
    ['a part of speech that is none', '00001837 02 x 01 word 0 000 | meaning'],
    ['fewer words than are counted', '00001837 02 r 09 word 0 000 | meaning'],
    ['more pointers than there are', '00001837 02 r 01 word 0 999 @ 00001740 n 0000 | meaning'],
    ['a count that is none', '00001837 02 r zz word 0 000 | meaning'],
    ['a pointer to nowhere', '00001837 02 r 01 word 0 001 @ 99999999 n 0000 | meaning'],
    ['a pointer to no part of speech', '00001837 02 r 01 word 0 001 @ 00001740 q 0000 | meaning'],
  ])('refuses %s', async (_, line) => {
    await expect(parse({ adv: `${line}\n` })).rejects.toMatchObject({ code: 'WORDNET_INVALID' })
  })
})
