/** One round: a fresh model, fetched by all peers at once. */
export interface SwarmRow {
  readonly peers: number
  /** peers that hold all of it in the end, the first one included */
  readonly whole: number
  readonly seconds: number
  /** through circuits and from the relay's own store */
  readonly relayBytes: number
  readonly originBytes: number
}
