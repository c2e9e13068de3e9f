import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '#core/hash.ts'
import { MAX_JSON_CONTENT_BYTES } from '#core/limits.ts'
import { encodeContent } from '#objects/content/content.ts'
import { decodeObject, encodeObject, type NamedObject } from '#objects/object.ts'
import { chunkIdOf } from '#objects/object-id.ts'
import type { ObjectSignature } from '#objects/object-signature.ts'
import { decAppType } from '#objects/types/core.ts'
import { fileType } from '#objects/types/file.ts'
import { TEST_KEYS } from '#test/fakes/object-fields.ts'
import { anyObject } from '#test/fakes/objects.ts'
import { MAX_INPUT_MS } from './fuzz.ts'

describe('[OB5] the largest objects are read within the bound', () => {
  const desc = (name: string) => fc.sample(anyObject(name), { numRuns: 1, seed: 1 })[0]!.desc
  const withBody = (name: string, format: number, bytes: Uint8Array<ArrayBuffer>): NamedObject => ({
    desc: desc(name),
    body: { updated: 1n, content: { version: 0, format, bytes } },
    descSigns: [],
    bodySigns: [],
  })
  const chunks = Array.from({ length: 32_768 }, (_, i) => chunkIdOf(i, sha256(Uint8Array.of(i, i >> 8))))
  const file = (format: 'raw' | 'protobuf' | 'json', count: number) =>
    encodeContent(fileType.body, format, { chunkList: { kind: 'list', chunks: chunks.slice(0, count) } })
  const key = { kind: 'multi', threshold: 1, keys: Array.from({ length: 64 }, () => TEST_KEYS[1]) } as const
  const signature: ObjectSignature = {
    source: { kind: 'key', key },
    keyIndex: 0,
    signedAt: 1n,
    algorithm: 'ed25519',
    signature: new Uint8Array(64),
  }
  const signs = Array.from({ length: 16 }, () => signature)
  const versions = new Map(chunks.slice(0, 4_096).map((id, i) => [`${i}`, id]))

  it.each<[string, () => NamedObject]>([
    ['32,768 chunks, raw', () => withBody('File', 0, file('raw', 32_768))],
    ['32,768 chunks, protobuf', () => withBody('File', 1, file('protobuf', 32_768))],
    ['2,500 chunks, JSON', () => withBody('File', 2, file('json', 2_500))],
    [
      '4,096 versions',
      () =>
        withBody(
          'DecApp',
          1,
          encodeContent(decAppType.body, 'protobuf', {
            source: versions,
            sourceDesc: new Map(),
            tags: new Map(),
          }),
        ),
    ],
    ['2,048 keys beside signatures', () => ({ desc: desc('Action'), descSigns: signs, bodySigns: signs })],
  ])('%s', (_, object) => {
    const bytes = encodeObject(object())
    const times = Array.from({ length: 3 }, () => {
      const start = performance.now()
      decodeObject(bytes)
      return performance.now() - start
    })
    console.log(`${bytes.length} bytes in ${times.map((ms) => ms.toFixed(1)).join(', ')} ms`)
    expect(Math.min(...times)).toBeLessThan(MAX_INPUT_MS)
  })

  it('longer lists are refused before memory is spent for them', () => {
    const claim = Uint8Array.of(0, 0xc0, 0x00, 0x80, 0x01, ...new Uint8Array(64))
    expect(() => decodeObject(encodeObject(withBody('File', 0, claim)))).toThrow('chunkList.chunks at offset')
    const long = { kind: 'list', chunks: [...chunks, chunks[0]!] } as const
    expect(() => encodeContent(fileType.body, 'raw', { chunkList: long })).toThrow('at most 32768')
  })

  it('more JSON than that is refused before it is parsed', () => {
    const long = new Uint8Array(MAX_JSON_CONTENT_BYTES + 1).fill(0x20)
    expect(() => decodeObject(encodeObject(withBody('File', 2, long)))).toThrow('at most 131072 in JSON')
  })
})
