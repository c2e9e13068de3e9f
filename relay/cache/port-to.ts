import type { BitswapPort } from '#peer/blocks/bitswap-port.ts'
import { blockKey } from '#peer/blocks/block-key.ts'

/** Keys that one content may ask for and remember: its nodes and leaves. */
const MAX_ASKED = 16_384

/** A port that knows nobody but `peers`, and hears of nothing but what was asked by it. */
export function portTo(port: BitswapPort, peers: ReadonlySet<string>): BitswapPort {
  const asked = new Set<string>()
  const isOurs = (peer: string, key: string) => peers.has(peer) && asked.has(key)
  return {
    peers: () => port.peers().filter((peer) => peers.has(peer)),

    circuitLeft: (peer) => port.circuitLeft(peer),

    listen: (listener) =>
      port.listen({
        onConnect: (peer) => {
          if (peers.has(peer)) listener.onConnect(peer)
        },
        onDisconnect: (peer) => {
          if (peers.has(peer)) listener.onDisconnect(peer)
        },
        onBlock: (block) => {
          if (isOurs(block.peer, block.key)) listener.onBlock(block)
        },
        onPresence: (peer, key, has) => {
          if (isOurs(peer, key)) listener.onPresence(peer, key, has)
        },
      }),

    send(peer, wants, { signal } = {}) {
      for (const { cid } of wants) if (asked.size < MAX_ASKED) asked.add(blockKey(cid))
      // never `full`: that would take back what other contents asked of the same peer
      return port.send(peer, wants, signal === undefined ? {} : { signal })
    },
  }
}
