import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError } from '#core/errors.ts'
import { MAX_LINK_CHARS, MAX_PATH_KEY_BYTES } from '#core/limits.ts'
import { type CyfsLink, formatCyfsLink, isLinkName, LINK_MODES, parseCyfsLink } from '#objects/cyfs-link.ts'
import { formatObjectId, formatObjectIdBase36, parseObjectId, toObjectId } from '#objects/object-id.ts'

/** People, Device and whole-object ids published in buckyos/CYFS (see test/vectors/cyfs-object-ids.json). */
const ZONE = '5r4MYfFUT9H4pBnWgbqiegv7ogkwoWwSTe9P8whF5Sa8'
const ID = '5aSixgLnhrKFTs4TPU4hgurJdSTyTng5ZR9xDWuQ3HKc'
const DEC = '5r4MYfF7gcU7ZjBzsPyWGHCNPsM3vQJv92JPieQjWkiy'

function refusal(text: string) {
  try {
    parseCyfsLink(text)
  } catch (error) {
    if (isAppError(error, 'CYFS_LINK_INVALID')) return error
    throw error
  }
  throw new Error(`${text} was taken`)
}

describe('parseCyfsLink', () => {
  it.each<[string, CyfsLink]>([
    [`cyfs://o/${ZONE}/${ID}`, { type: 'o', zone: ZONE, id: ID, inner: '' }],
    [`cyfs://o/${ZONE}/${ID}/a/index.html`, { type: 'o', zone: ZONE, id: ID, inner: 'a/index.html' }],
    [`cyfs://o/${ZONE}/${ID}?mode=object`, { type: 'o', zone: ZONE, id: ID, inner: '', mode: 'object' }],
    [
      `cyfs://o/${ZONE}/${ID}/x?mode=json&mime=text/plain`,
      { type: 'o', zone: ZONE, id: ID, inner: 'x', mode: 'json', mime: 'text/plain' },
    ],
    [`cyfs://${ZONE}.r/${DEC}/state/a`, { type: 'r', zone: ZONE, dec: DEC, inner: 'state/a' }],
    [
      `cyfs://alice.r/wiki/pages?mime=txt&mode=data`,
      { type: 'r', zone: 'alice', dec: 'wiki', inner: 'pages', mode: 'data', mime: 'txt' },
    ],
    [`cyfs://v1.${DEC}.a/index.html`, { type: 'a', version: 'v1', dec: DEC, inner: 'index.html' }],
    [`cyfs://${'ab'.repeat(32)}.wiki.a`, { type: 'a', version: 'ab'.repeat(32), dec: 'wiki', inner: '' }],
    ['cyfs://eips/index.html', { type: 'name', name: 'eips', inner: 'index.html' }],
    ['CYFS://eips/', { type: 'name', name: 'eips', inner: '' }],
    ['cyfs://o/alice/eips/gr%C3%BC%C3%9Fe/ü', { type: 'o', zone: 'alice', id: 'eips', inner: 'grüße/ü' }],
  ])('[OB16] parses %s', (text, link) => {
    expect(parseCyfsLink(text)).toEqual(link)
  })

  it('[OB4] takes ids in base36, where case is ignored, and gives them in base58', () => {
    const zone = formatObjectIdBase36(parseObjectId(ZONE))
    expect(parseCyfsLink(`cyfs://${zone.toUpperCase()}.r/${DEC}/a`)).toMatchObject({ zone: ZONE })
  })

  it.each<[string, string, string, number]>([
    ['another scheme', 'https://o/alice/eips', 'scheme', 0],
    ['nothing', '', 'scheme', 0],
    ['no host', 'cyfs://', 'host', 7],
    ['the host of another kind of link', 'cyfs://r/alice/wiki', 'host', 7],
    ['a host that is no name', 'cyfs://two.labels/x', 'host', 7],
    ['an id where a name is meant', `cyfs://${ID}/x`, 'host', 7],
    ['no zone', 'cyfs://o', 'zone', 8],
    ['an empty zone', `cyfs://o//${ID}`, 'zone', 9],
    ['no id', `cyfs://o/${ZONE}`, 'id', 53],
    ['an id with a wrong character', `cyfs://o/${ZONE}/${ID.slice(0, -1)}0`, 'id', 97],
    ['an id that is cut off', `cyfs://o/${ZONE}/${ID.slice(0, 40)}`, 'id', 54],
    ['no dec', `cyfs://${ZONE}.r`, 'dec', 53],
    ['a version with a dot', 'cyfs://1.2.wiki.a/x', 'host', 7],
    ['a version with a sign', 'cyfs://v+1.wiki.a/x', 'version', 7],
    ['a path that climbs', `cyfs://o/a/b/c/../d`, 'inner', 15],
    ['a path that climbs when decoded', `cyfs://o/a/b/%2e%2E/d`, 'inner', 13],
    ['an empty segment', `cyfs://o/a/b/c//d`, 'inner', 15],
    ['an encoded slash', `cyfs://o/a/b/c%2Fd`, 'inner', 13],
    ['a control character', `cyfs://o/a/b/c%00d`, 'inner', 13],
    ['a broken escape', `cyfs://o/a/b/ok/c%E4%d`, 'inner', 17],
    ['a long segment', `cyfs://o/a/b/${'x'.repeat(MAX_PATH_KEY_BYTES + 1)}`, 'inner', 13],
    ['a fragment', `cyfs://eips/index.html#top`, 'fragment', 22],
    ['an unknown mode', `cyfs://eips?mode=raw`, 'mode', 17],
    ['a mime that is none', `cyfs://eips?mode=json&mime=a b`, 'mime', 27],
    ['an unknown parameter', `cyfs://eips?mode=json&depth=1`, 'query', 22],
    ['a parameter twice', `cyfs://eips?mode=json&mode=json`, 'query', 22],
    ['an empty query', `cyfs://eips?`, 'query', 12],
    ['half of a surrogate pair', `cyfs://eips/\ud800`, 'link', 0],
    ['a long link', `cyfs://eips/${'a/'.repeat(MAX_LINK_CHARS / 2)}`, 'link', 0],
    ['a link that is long when encoded', `cyfs://eips/${'ü/'.repeat(MAX_LINK_CHARS / 4)}x`, 'link', 0],
  ])('[OB16] refuses %s and says where', (_, text, field, offset) => {
    const { message, details } = refusal(text)
    expect({ field: details.field, offset: details.offset }).toEqual({ field, offset })
    expect(message).toMatch(/^Link, .*: expected .*, got ".*"\.$/s)
  })

  it('writes a message that a person can act on', () => {
    expect(refusal('cyfs://eips?mode=raw').message).toMatchInlineSnapshot(
      `"Link, mode at character 17: expected object, json, data, got "raw"."`,
    )
    expect(refusal(`cyfs://o/alice/${ID.slice(0, 40)}l${ID.slice(41)}`).message).toMatchInlineSnapshot(
      `"Link, id at character 55: expected a digit of base58 (or a name of at most 31 letters, digits, "-" and "_"), got "l"."`,
    )
  })
})

describe('formatCyfsLink', () => {
  it.each<[string, CyfsLink]>([
    ['an inner path with an empty segment', { type: 'name', name: 'eips', inner: 'a//b' }],
    ['a name that is reserved', { type: 'name', name: 'o', inner: '' }],
    ['an inner path with a slash at its end', { type: 'name', name: 'eips', inner: 'a/' }],
    ['a name that is none', { type: 'o', zone: 'a/b', id: 'x', inner: '' }],
    ['a mime that smuggles a mode', { type: 'name', name: 'eips', inner: '', mime: 'txt&mode=raw' }],
  ])('refuses %s', (_, link) => {
    expect(() => formatCyfsLink(link)).toThrow(expect.objectContaining({ code: 'CYFS_LINK_INVALID' }))
  })

  it('[OB16] round trip: parsing what was written gives the same parts, and writing them the same text', () => {
    fc.assert(
      fc.property(links, (link) => {
        const text = formatCyfsLink(link)
        expect(parseCyfsLink(text)).toEqual(link)
        expect(formatCyfsLink(parseCyfsLink(text))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it('[OB16] any text is refused by the one error, or has one normal form', () => {
    fc.assert(
      fc.property(linkTexts, (text) => {
        let link: CyfsLink
        try {
          link = parseCyfsLink(text)
        } catch (error) {
          expect(isAppError(error, 'CYFS_LINK_INVALID')).toBe(true)
          return
        }
        expect(parseCyfsLink(formatCyfsLink(link))).toEqual(link)
      }),
      { numRuns: 2_000 },
    )
  })
})

const ids = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => {
  bytes[0]! |= 0x40
  return formatObjectId(toObjectId(bytes))
})
const names = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$/)
const references = fc.oneof(ids, names)
const segments = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter(
    (text) =>
      !/^\.{1,2}$|\//.test(text) && !/\p{Cc}/u.test(text) && new TextEncoder().encode(text).length <= 256,
  )
const queries = fc.record(
  {
    inner: fc.array(segments, { maxLength: 5 }).map((parts) => parts.join('/')),
    mode: fc.constantFrom(...LINK_MODES),
    mime: fc.constantFrom('txt', 'text/plain', 'image/svg+xml', 'application/vnd.a-b.c'),
  },
  { requiredKeys: ['inner'] },
)
const heads = fc.oneof(
  fc.record({ type: fc.constant('o' as const), zone: references, id: references }),
  fc.record({ type: fc.constant('r' as const), zone: references, dec: references }),
  fc.record({
    type: fc.constant('a' as const),
    version: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
    dec: references,
  }),
  fc.record({
    type: fc.constant('name' as const),
    name: names.filter((name) => !['o', 'r', 'a'].includes(name)),
  }),
)
const links = fc.tuple(heads, queries).map(([head, query]): CyfsLink => ({ ...head, ...query }))
const linkTexts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'cyfs://',
        'o/',
        '.r/',
        '.a/',
        '.',
        '/',
        '?',
        '&',
        '=',
        '%',
        '%2F',
        'mode=',
        'mime=',
        'json',
        '#',
      ),
      references,
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => `cyfs://${parts.join('')}`)

describe('isLinkName', () => {
  it('tells names from ids of any length', () => {
    expect(isLinkName('eips')).toBe(true)
    expect(isLinkName('x'.repeat(31))).toBe(true)
    expect(isLinkName('1'.repeat(32))).toBe(false)
    expect(isLinkName(ID)).toBe(false)
  })
})
