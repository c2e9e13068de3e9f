import { createHash } from 'node:crypto'
import { decode, encode } from '@ipld/dag-pb'
import { MemoryBlockstore } from 'blockstore-core'
import fc from 'fast-check'
import { importBytes } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import {
  bytesCid,
  decodeCid,
  encodeCid,
  formatCid,
  isCidText,
  normaliseText,
  parseCid,
  parseDigest,
  particleOf,
  textBlocks,
  textCid,
} from '#core/cid.ts'
import { CHUNK_BYTES, DAG_LINKS } from '#core/limits.ts'

/** What `ipfs add --cid-version 0 --raw-leaves=false` gives, by the importer of js-ipfs. */
async function ipfsAdd(bytes: Uint8Array): Promise<string> {
  const { cid } = await importBytes(bytes, new MemoryBlockstore(), {
    cidVersion: 0,
    rawLeaves: false,
    leafType: 'file',
    reduceSingleLeafToSelf: true,
    chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
    layout: balanced({ maxChildrenPerNode: DAG_LINKS }),
  })
  return cid.toString()
}

function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 11)) & 0xff
  return bytes
}

describe('[KG2] texts stand in the graph as ipfs add gives them', () => {
  it('[KG2] known CIDs', () => {
    expect(bytesCid(utf8('hello world\n'))).toBe('QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o')
    expect(textCid('')).toBe('QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH')
    expect(textCid('hello world')).toBe('Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD')
  })

  it('[KG2] every size around a chunk and a full node equals the importer', async () => {
    const sizes = [
      0,
      1,
      127,
      128,
      16_384,
      CHUNK_BYTES - 1,
      CHUNK_BYTES,
      CHUNK_BYTES + 1,
      3 * CHUNK_BYTES + 17,
      DAG_LINKS * CHUNK_BYTES,
      DAG_LINKS * CHUNK_BYTES + 1,
    ]
    for (const size of sizes) {
      const bytes = pattern(size)
      expect(bytesCid(bytes), `${size} bytes`).toBe(await ipfsAdd(bytes))
    }
  })

  it('[KG2] random texts equal the importer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
        expect(textCid(text)).toBe(await ipfsAdd(utf8(normaliseText(text))))
      }),
      { numRuns: 60, seed: 2 },
    )
  })

  it('[KG2] NFC and trimmed, nothing else', () => {
    expect(textCid('  cafe\u0301\n')).toBe(textCid('caf\u00e9'))
    expect(textCid('Moon')).not.toBe(textCid('moon'))
    expect(normaliseText(' a  b ')).toBe('a  b')
  })

  it('[KG2] the blocks hash to their CIDs and the last one is the root', () => {
    const text = 'lantern '.repeat(70_000).trim()
    const blocks = textBlocks(text)
    expect(blocks).toHaveLength(4)
    for (const { cid, bytes } of blocks) {
      const digest = new Uint8Array(createHash('sha256').update(bytes).digest())
      expect(cid).toBe(formatCid(digest))
    }
    expect(blocks.at(-1)!.cid).toBe(textCid(text))
  })

  it('[KG2] a root is canonical dag-pb', () => {
    const blocks = textBlocks('x'.repeat(CHUNK_BYTES + 5))
    const root = blocks.at(-1)!.bytes
    const leaves = blocks.slice(0, 2)
    const node = decode(root)
    expect(node.Links.map(({ Hash, Tsize }) => [Hash.toString(), Tsize])).toEqual(
      leaves.map(({ cid, bytes }) => [cid, bytes.length]),
    )
    expect(encode(node)).toEqual(root)
  })
})

describe('[KG1] ends are CIDv0', () => {
  const v0 = textCid('moon')

  it('[KG1] v1 of dag-pb and sha2-256 is normalised, in every usual base', () => {
    const v1 = CID.parse(v0).toV1()
    expect(parseCid(v1.toString())).toBe(v0)
    expect(parseCid(v0)).toBe(v0)
    expect(isCidText(v1.toString())).toBe(true)
  })

  it('[KG1] everything else is refused with how to get a v0', () => {
    const raw = CID.createV1(0x55, CID.parse(v0).multihash).toString()
    expect(() => parseCid(raw)).toThrowError(/codec 0x55.*ipfs add --cid-version 0/)
    expect(() => particleOf(raw)).toThrowError(expect.objectContaining({ code: 'CID_NOT_V0' }))
    for (const bad of [
      '',
      'moon',
      'Qm',
      `${v0}1`,
      v0.replace('Qm', 'Qn'),
      'b'.repeat(151),
      `${v0.slice(0, -1)}0`,
    ]) {
      expect(() => parseCid(bad), bad).toThrowError(expect.objectContaining({ code: 'CID_INVALID' }))
    }
  })

  it('[KG1] binary form is 1220 and the digest', () => {
    const digest = parseDigest(v0)
    const binary = encodeCid(digest)
    expect(binary.length).toBe(34)
    expect([binary[0], binary[1]]).toEqual([0x12, 0x20])
    expect(decodeCid(binary)).toEqual(digest)
    for (const bad of [binary.subarray(1), new Uint8Array(34), new Uint8Array([...binary, 0])]) {
      expect(() => decodeCid(bad)).toThrowError(expect.objectContaining({ code: 'CID_INVALID' }))
    }
  })

  it('words are texts, CIDs are CIDs', () => {
    expect(particleOf('moon')).toBe(v0)
    expect(particleOf(` ${v0} `)).toBe(v0)
    const long = 'b'.repeat(60)
    expect(particleOf(long)).toBe(textCid(long))
  })
})
