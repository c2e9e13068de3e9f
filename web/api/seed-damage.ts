import type { CID } from 'multiformats/cid'
import { toKey } from '#seed/blockstore/block-key.ts'
import { blockCid, innerCid } from '#seed/dag-node.ts'
import { seedError } from '#seed/errors.ts'
import type { KeptStore } from '#seed/kept-store.ts'
import type { Notices } from '#seed/notices.ts'
import { ObjectList } from '#seed/object-list.ts'
import { TextList } from '#seed/text-list.ts'

export interface SeedDamageInit {
  readonly kept: KeptStore
  readonly notices: Notices
  readonly onChange: () => void
}

/** Tells a person which of their contents the disk lost parts of, and that they came back ([SE2]). */
export class SeedDamage {
  readonly #init: SeedDamageInit
  /** blocks lost of each content since it was last whole */
  readonly #lost = new Map<string, number>()

  constructor(init: SeedDamageInit) {
    this.#init = init
  }

  /** A stored block was found damaged; returns the pinned contents that have to be fetched again. */
  found(cid: CID): readonly string[] {
    const roots = this.#init.kept.damaged(cid)
    for (const root of roots) this.#count(root, 1)
    return roots
  }

  /** A damaged block that is a text or a part of an object has no root: the CID by which others give it. */
  singleBlock(cid: CID): string | undefined {
    const key = toKey(cid.multihash.bytes)
    for (const owner of this.#init.kept.holdings.ownersOf(key)) {
      if (owner === TextList.SET) return innerCid(key).toString()
      if (ObjectList.isSet(owner)) return blockCid(key).toString()
    }
    return
  }

  /** A content that was whole is not: its blocks were so damaged that the store does not even find them. */
  missing(cid: string): void {
    if (!this.#lost.has(cid)) this.#count(cid, 0)
  }

  whole(cid: string): void {
    const lost = this.#lost.get(cid)
    if (lost === undefined) return
    this.#lost.delete(cid)
    this.#tell(cid, lost, 'They were fetched again from other peers: nothing is lost.')
  }

  #count(cid: string, more: number): void {
    const lost = (this.#lost.get(cid) ?? 0) + more
    this.#lost.set(cid, lost)
    this.#tell(cid, lost, 'They are fetched again from other peers as soon as one has them.')
  }

  #tell(cid: string, lost: number, then: string): void {
    const { kept, notices, onChange } = this.#init
    const name = kept.roots.get(cid)?.name ?? cid
    const parts = lost === 0 ? 'Stored parts' : lost === 1 ? 'A stored part' : `${lost} stored parts`
    const { code, message } = seedError(
      'SEED_BLOCK_DAMAGED',
      `${parts} of "${name}" went bad on this disk. ${then}`,
    )
    if (notices.set(`damage/${cid}`, { code, message })) onChange()
  }
}
