import type { Bytes } from '#core/bytes.ts'
import { concat } from '#core/bytes.ts'
import { FullTree } from '#merkle/full-tree.ts'
import { MapTree } from '#merkle/map-tree.ts'
import { RANK_LEAF_BYTES, rankLeaves } from '#merkle/rank-leaf.ts'
import { appendToShortTree, EMPTY_SHORT_TREE, type ShortTree, shortTreeRoot } from '#merkle/short-tree.ts'
import { hashLeaves, type TreeHasher } from '#merkle/tree-hasher.ts'
import { LINK_LEAF_BYTES, type OrderedLinks, OUT_LEAF_BYTES } from './ordered-links.ts'

/** What a block commits to of its links ([KG16a]). */
export interface LinkRoots {
  readonly linksRoot: Bytes
  readonly allLinksRoot: Bytes
  readonly mapRoot: Bytes
}

/** The trees over a machine's links: all of them in order, and the map from each particle to its links out. */
export class LinkTrees {
  readonly #hasher: TreeHasher
  readonly #links: OrderedLinks
  readonly #map: MapTree
  /** by particle: its links out, in order */
  readonly #lists: (ShortTree | undefined)[] = []
  #all: ShortTree = EMPTY_SHORT_TREE
  #block: ShortTree = EMPTY_SHORT_TREE

  constructor(hasher: TreeHasher, links: OrderedLinks) {
    this.#hasher = hasher
    this.#links = links
    this.#map = new MapTree(hasher)
  }

  /** Of all links. */
  get short(): ShortTree {
    return this.#all
  }

  get map(): Pick<MapTree, 'prove'> {
    return this.#map
  }

  /** Takes the links of one block: those from `firstLink` on. */
  append(firstLink: number): void {
    const count = this.#links.count - firstLink
    const leaves = new Uint8Array(count * LINK_LEAF_BYTES)
    const outLeaves = new Uint8Array(count * OUT_LEAF_BYTES)
    for (let i = 0; i < count; i++) {
      leaves.set(this.#links.leaf(firstLink + i), i * LINK_LEAF_BYTES)
      outLeaves.set(this.#links.outLeaf(firstLink + i), i * OUT_LEAF_BYTES)
    }
    const hashes = hashLeaves(this.#hasher, leaves, LINK_LEAF_BYTES)
    this.#block = appendToShortTree(EMPTY_SHORT_TREE, hashes, this.#hasher)
    this.#all = appendToShortTree(this.#all, hashes, this.#hasher)
    this.#appendLists(firstLink, hashLeaves(this.#hasher, outLeaves, OUT_LEAF_BYTES))
  }

  #appendLists(firstLink: number, hashes: Bytes): void {
    const grown = new Map<number, Bytes[]>()
    for (let at = 0; at < hashes.length; at += 32) {
      const from = this.#links.from(firstLink + at / 32)
      const hash = hashes.subarray(at, at + 32)
      const known = grown.get(from)
      if (known === undefined) grown.set(from, [hash])
      else known.push(hash)
    }
    for (const [from, added] of grown) {
      const list = appendToShortTree(this.#lists[from] ?? EMPTY_SHORT_TREE, concat(...added), this.#hasher)
      this.#lists[from] = list
      this.#map.set(this.#links.particles.digest(from), shortTreeRoot(list))
    }
  }

  /** After the last block that was appended. */
  roots(): LinkRoots {
    return {
      linksRoot: shortTreeRoot(this.#block),
      allLinksRoot: shortTreeRoot(this.#all),
      mapRoot: this.#map.root(),
    }
  }
}

/** [KG16] The tree over ranks (u64[N]) and digests (u8[N · 32]), N at least as many as there are ranks: others get 0. */
export function createRankTree(hasher: TreeHasher, ranks: BigUint64Array, digests: Bytes): FullTree {
  const tree = new FullTree(hasher)
  appendRanks(tree, padRanks(ranks, digests.length / 32), digests)
  return tree
}

/** Appends particles with rank 0 ([KG18]). */
export function appendUnranked(tree: FullTree, digests: Bytes): void {
  appendRanks(tree, new BigUint64Array(digests.length / 32), digests)
}

function appendRanks(tree: FullTree, ranks: BigUint64Array, digests: Bytes): void {
  if (ranks.length > 0) tree.append(rankLeaves(ranks, digests), RANK_LEAF_BYTES)
}

/** Ranks of `count` particles: the newest have none. */
export function padRanks(ranks: BigUint64Array, count: number): BigUint64Array {
  const padded = new BigUint64Array(count)
  padded.set(ranks.subarray(0, count))
  return padded
}
