import { WebSocket } from 'ws'

/** The `index`th loopback address of a block of 65,000, so that limits of addresses count them apart. */
export function loopbackAddress(block: number, index: number): string {
  return `127.${block}.${Math.floor(index / 250)}.${(index % 250) + 1}`
}

/** libp2p dials by the global WebSocket, which takes no source address: this one asks for it at each dial. */
export function dialFrom(nextAddress: () => string): void {
  class BoundWebSocket extends WebSocket {
    constructor(url: string) {
      super(url, { localAddress: nextAddress(), perMessageDeflate: false })
      // libp2p listens for it too late: a refusal may come in the same turn.
      this.on('error', () => {})
    }
  }
  Object.defineProperty(globalThis, 'WebSocket', { value: BoundWebSocket, writable: true })
}

/** Addresses of a block in turn, each `perAddress` times. */
export function addressesOf(block: number, perAddress: number): () => string {
  let dials = 0
  return () => loopbackAddress(block, Math.floor(dials++ / perAddress))
}
