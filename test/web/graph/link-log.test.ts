import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, ByteWriter } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { MAX_FEEDS, MAX_LINKS, MAX_REQUEST_BYTES } from '#core/limits.ts'
import { NO_PREVIOUS } from '#graph/link-batch.ts'
import { LinkGraph } from '#graph/link-graph.ts'
import { LinkLog } from '#graph/link-log.ts'
import { ParticleTable } from '#graph/particle-table.ts'
import { decodeHeads, encodeHeads } from '#peer/protocols/links-sync.ts'

interface Place {
  readonly device: Bytes
  readonly seq: number
  readonly prev: Bytes
  readonly hash: Bytes
}

function deviceOf(number: number): Bytes {
  return sha256(new ByteWriter().u32(number).finish())
}

/** A chain of batches that differ by `salt`; nobody checks signatures here. */
function chainOf(length: number, salt = 0, prev: Bytes = NO_PREVIOUS, start = 0): readonly Place[] {
  const places: Place[] = []
  for (let seq = start; seq < start + length; seq++) {
    const hash = sha256(new ByteWriter().u32(salt).u32(seq).bytes(prev).finish())
    places.push({ device: deviceOf(0), seq, prev, hash })
    prev = hash
  }
  return places
}

function logOf(places: readonly Place[]): LinkLog {
  const log = new LinkLog()
  for (const place of places) log.append(place)
  return log
}

describe('[KG1] link log', () => {
  it('[KG1] MAX_FEEDS feeds are held, and their heads fit one request', () => {
    const log = new LinkLog()
    for (let i = 0; i < MAX_FEEDS - 1; i++) {
      const place = { device: deviceOf(i), seq: 0, prev: NO_PREVIOUS, hash: deviceOf(i) }
      expect(log.append(place).kind).toBe('appended')
    }
    const one = { device: deviceOf(-1), seq: 0, prev: NO_PREVIOUS, hash: deviceOf(1) }
    expect(log.append(one).kind).toBe('full')
    expect(log.append(one, true).kind, 'the last place is for the own feed').toBe('appended')
    expect(log.append({ ...one, device: deviceOf(-2) }, true).kind).toBe('full')
    const request = encodeHeads(log.heads())
    expect(request.length).toBeLessThanOrEqual(MAX_REQUEST_BYTES)
    expect(decodeHeads(request)).toEqual(log.heads())
    expect(log.missingFrom(decodeHeads(request))).toEqual([])
  })

  it('[KG23] heads: every cut and every wrong count is refused', () => {
    const request = encodeHeads(logOf(chainOf(3)).heads())
    for (let length = 0; length < request.length; length++) {
      expect(() => decodeHeads(request.subarray(0, length))).toThrowError(
        expect.objectContaining({ code: 'SYNC_REQUEST_INVALID' }),
      )
    }
    const many = new ByteWriter().u32(MAX_FEEDS + 1).finish()
    expect(() => decodeHeads(many)).toThrowError(/at most 4096/)
    const long = request.slice()
    long[4 + 32 + 1] = 0xff
    expect(() => decodeHeads(long)).toThrowError(/at most 2000000/)
  })

  it('[KG23] an asker gets what it lacks and nothing else', () => {
    const chain = chainOf(9)
    const log = logOf(chain)
    for (let known = 0; known <= 9; known++) {
      const heads = logOf(chain.slice(0, known)).heads()
      const ranges = log.missingFrom(heads).map(({ from, to, evidence }) => [from, to, evidence])
      expect(ranges).toEqual(known === 9 ? [] : [[known, 9, false]])
    }
  })

  it('[KG1] two chains that parted far back find the place in a few rounds', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 400 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        (shared, left, right) => {
          const common = chainOf(shared)
          const prev = common.at(-1)?.hash ?? NO_PREVIOUS
          const ours = [...common, ...chainOf(left, 1, prev, shared)]
          const theirs = [...common, ...chainOf(right, 2, prev, shared)]
          const one = logOf(ours)
          const two = logOf(theirs)
          let sent = 0
          // evidence of a fork, as the store would have it
          const evidence = (log: LinkLog): readonly Place[] =>
            [...ours, ...theirs].filter((place) => log.has(place))
          const give = (from: LinkLog, to: LinkLog): void => {
            const chain = from === one ? ours : theirs
            for (const range of from.missingFrom(to.heads())) {
              const places = range.evidence ? evidence(from) : chain.slice(range.from, range.to)
              if (!range.evidence) sent += places.length
              for (const place of places) to.append(place)
            }
          }
          for (let round = 0; round < 12; round++) {
            give(one, two)
            give(two, one)
          }
          expect(one.heads()).toEqual(two.heads())
          expect(one.heads()[0]).toMatchObject({ next: shared, frozen: true })
          expect(sent).toBeLessThan(left + right + 200)
        },
      ),
      { numRuns: 20, seed: 11 },
    )
  })
})

describe('limits of the graph', () => {
  it('has room for MAX_LINKS links', () => {
    const graph = new LinkGraph()
    expect(graph.hasRoomFor(MAX_LINKS)).toBe(true)
    expect(graph.hasRoomFor(MAX_LINKS + 1)).toBe(false)
  })

  it('numbers particles by first appearance and sorts them by digest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 200 }),
        (digests) => {
          const table = new ParticleTable()
          // equal heads are what the fast order cannot decide
          for (const digest of digests) table.add(digest.fill(7, 0, 6))
          const sorted = [...table.sorted()].map((number) =>
            Buffer.from(table.digest(number)).toString('hex'),
          )
          expect(sorted).toEqual([...sorted].sort())
          expect(new Set(sorted).size).toBe(table.size)
        },
      ),
      { seed: 12 },
    )
  })
})
