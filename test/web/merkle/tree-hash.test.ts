import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { emptyRoot, leafHash, nodeHash, rootHash } from '#merkle/tree-hash.ts'

interface Vectors {
  readonly leaf_inputs_hex: readonly string[]
  readonly leaf_hashes_hex: readonly string[]
  readonly roots_by_size_hex: readonly string[]
  readonly rolling_130: { readonly subtree_hashes_sha256: string }
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/rfc6962.json', import.meta.url), 'utf8'),
) as Vectors
const leaves = vectors.leaf_inputs_hex.map(fromHex)

describe('RFC 6962 §2.1 hashes ([KG16])', () => {
  it('hashes leaves with prefix 00', () => {
    expect(leaves.map((leaf) => toHex(leafHash(leaf)))).toEqual(vectors.leaf_hashes_hex)
  })

  it('hashes nodes with prefix 01', () => {
    const [left, right] = leaves.map(leafHash)
    expect(toHex(nodeHash(left!, right!))).toBe(vectors.roots_by_size_hex[2])
  })

  it('gives the known roots of 0 to 8 leaves', () => {
    const roots = vectors.roots_by_size_hex.map((_, size) => toHex(rootHash(leaves.slice(0, size))))
    expect(roots).toEqual(vectors.roots_by_size_hex)
    expect(toHex(emptyRoot())).toBe(vectors.roots_by_size_hex[0])
  })

  it('gives the known roots of every aligned subtree of 130 leaves', () => {
    const bytes = Array.from({ length: 130 }, (_, i) => Uint8Array.of(i))
    let lines = ''
    for (let end = 0; end <= bytes.length; end++) {
      for (let start = 0; start <= end; start++) {
        const isAligned = start === 0 || start === end || start % bitCeil(end - start) === 0
        if (isAligned) lines += `[${start}, ${end}) ${toHex(rootHash(bytes.slice(start, end)))}\n`
      }
    }
    expect(toHex(sha256(utf8(lines)))).toBe(vectors.rolling_130.subtree_hashes_sha256)
  })

  it('reads a leaf before it asks for the next, so that one buffer may serve for all', () => {
    function* reuse(): Iterable<Uint8Array> {
      const buffer = new Uint8Array(1)
      for (let i = 0; i < 5; i++) {
        buffer[0] = i
        yield buffer
      }
    }
    const apart = Array.from({ length: 5 }, (_, i) => Uint8Array.of(i))
    expect(rootHash(reuse())).toEqual(rootHash(apart))
  })
})

/** Smallest power of two that is not below `count`. */
function bitCeil(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)))
}
