import type { Bytes } from './bytes.ts'

/**
 * The little that the parts above libp2p need of a network, so that they can be built and tested without one.
 * `web/peer` implements it over libp2p, `test/fakes` in memory.
 */

/** What a subscriber says of a gossip message: forward it, drop it and mark the sender down, or drop it only. */
export type Verdict = 'accept' | 'reject' | 'ignore'

export interface GossipMessage {
  /** peer id (text form) that signed the message */
  readonly from: string
  /** peer id (text form) of the neighbour that delivered it; undefined where the transport does not tell */
  readonly via?: string
  readonly data: Bytes
}

export interface Gossip {
  publish(topic: string, data: Uint8Array): Promise<void>
  /** One validating handler per topic; a message is forwarded only after it answers `accept`. Returns the unsubscriber. */
  subscribe(topic: string, handler: (message: GossipMessage) => Promise<Verdict>): () => void
}

export interface RequestOptions {
  readonly signal?: AbortSignal
}

/** Answers one request with any number of frames; the caller reads them as they come. */
export type RequestHandler = (request: Bytes, from: string) => AsyncIterable<Uint8Array>

export interface Requests {
  /** Frames are bounded by MAX_FRAME_BYTES, requests by MAX_REQUEST_BYTES; breaking off the loop closes the stream. */
  request(peer: string, protocol: string, request: Uint8Array, options?: RequestOptions): AsyncIterable<Bytes>
  /** Returns the function that takes the handler away again. */
  handle(protocol: string, handler: RequestHandler): () => void
}

export interface Neighbours {
  /** peer ids (text form) that are connected and speak Tabland's protocols */
  connected(): readonly string[]
  /** Called for each peer once it is connected and identified. Returns the unsubscriber. */
  onConnect(listener: (peer: string) => void): () => void
}

export interface Transport {
  readonly gossip: Gossip
  readonly requests: Requests
  readonly neighbours: Neighbours
}
