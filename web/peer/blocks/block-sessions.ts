import type { CID } from 'multiformats/cid'
import type { WantEntry } from './bitswap-port.ts'
import { blockKey } from './block-key.ts'
import { createWantedContent, type WantedContent } from './wants.ts'

/** `sources` counts who gave a block within this time. */
const RECENT_MS = 5_000

export interface GetBlockOptions {
  /** as the parent says; a guess serves when it is not known */
  readonly bytes?: number
  readonly signal?: AbortSignal
}

/** The blocks of one content, from all who have it. */
export interface BlockSession {
  /**
   * Bytes that hash to the CID.
   *
   * @throws BLOCK_NOT_FOUND after 45 s in which nothing of the content came
   */
  get(cid: CID, options?: GetBlockOptions): Promise<Uint8Array>
  /** peers that gave a block within the last 5 s */
  sources(): number
  close(): void
}

export interface BlockSessionsInit {
  /** those that are read now, by their root's key */
  readonly contents: Map<string, WantedContent>
  /** ms, never set back */
  readonly now: () => number
  readonly get: (content: WantedContent, cid: CID, options?: GetBlockOptions) => Promise<Uint8Array>
  readonly tell: (peer: string, entry: WantEntry) => void
}

/** Who reads which content: the first reader opens it, the last one closes it. */
export function createBlockSessions({ contents, now, get, tell }: BlockSessionsInit): {
  open(root: CID): BlockSession
} {
  function contentOf(root: CID): WantedContent {
    const key = blockKey(root)
    const known = contents.get(key)
    if (known !== undefined) return known
    const content = createWantedContent(root, now())
    contents.set(key, content)
    return content
  }

  function close(content: WantedContent): void {
    content.users -= 1
    if (content.users > 0) return
    contents.delete(content.rootKey)
    for (const want of content.wants.values()) want.content.delete(content)
    // who lacks it would tell once it has it
    for (const peer of content.probed) {
      if (!content.holders.has(peer)) tell(peer, { cid: content.root, kind: 'cancel' })
    }
  }

  return {
    open(root) {
      const content = contentOf(root)
      content.users += 1
      let closed = false
      return {
        get: (cid, options) => get(content, cid, options),
        sources() {
          const since = now() - RECENT_MS
          return [...content.gave.values()].filter((time) => time >= since).length
        },
        close() {
          if (!closed) close(content)
          closed = true
        },
      }
    },
  }
}
