import type { Bytes } from '#core/bytes.ts'
import { MAX_FRAME_BYTES, MAX_GOSSIP_BYTES, MAX_REQUEST_BYTES } from '#core/limits.ts'
import type { GossipMessage, RequestHandler, Transport, Verdict } from '#core/transport.ts'

/** 64-bit generator (SplitMix64): far more streams than any number of seeds that a test tries. */
export function createRandom(seed: bigint): () => number {
  let state = BigInt.asUintN(64, seed)
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let mixed = state
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    return Number((mixed ^ (mixed >> 31n)) >> 11n) / 2 ** 53
  }
}

interface InFlight {
  readonly to: string
  readonly via: string
  readonly topic: string
  readonly message: GossipMessage
  readonly id: number
}

interface Node {
  readonly id: string
  readonly neighbours: Set<string>
  readonly topics: Map<string, (message: GossipMessage) => Promise<Verdict>>
  readonly handlers: Map<string, RequestHandler>
  readonly listeners: Set<(peer: string) => void>
  readonly seen: Set<number>
  readonly verdicts: Verdict[]
}

export interface FakeNetwork {
  /** Adds a node and returns its transport. */
  add(id: string): Transport
  connect(a: string, b: string): void
  disconnect(a: string, b: string): void
  /** Cuts all connections between the groups. */
  partition(...groups: readonly (readonly string[])[]): void
  /** gossip messages on their way */
  readonly inFlight: number
  /** Delivers one message, chosen by the seed; false when none is on its way. */
  deliver(): Promise<boolean>
  /** Loses one message, chosen by the seed. */
  drop(): void
  deliverAll(): Promise<void>
  /** The next answer of a peer in a protocol breaks after this many frames. */
  breakAfter(answer: { readonly peer: string; readonly protocol: string; readonly frames: number }): void
  /** Waits until no request is under way, nor one that follows at once. */
  settle(): Promise<void>
  /** verdicts that a node gave, in order */
  verdicts(id: string): readonly Verdict[]
  /** bytes of requests' answers so far */
  readonly answeredBytes: number
}

/**
 * Peers in memory that hear of each other when the test says so: gossip is delivered, lost and reordered message by
 * message, requests are answered at once or broken off. Nothing waits for a clock.
 */
export function createFakeNetwork(seed: bigint): FakeNetwork {
  const random = createRandom(seed)
  const nodes = new Map<string, Node>()
  const flying: InFlight[] = []
  const breaks = new Map<string, number>()
  let messages = 0
  let answeredBytes = 0
  let active = 0
  const wake: (() => void)[] = []

  function get(id: string): Node {
    const node = nodes.get(id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  function send(node: Node, topic: string, message: GossipMessage, id: number, except?: string): void {
    for (const to of node.neighbours) if (to !== except) flying.push({ to, via: node.id, topic, message, id })
  }

  function pick(): InFlight | undefined {
    const index = Math.floor(random() * flying.length)
    return flying.splice(index, 1)[0]
  }

  async function deliver(): Promise<boolean> {
    const flight = pick()
    if (flight === undefined) return false
    const { to, via, topic, message, id } = flight
    const node = get(to)
    const handler = node.topics.get(topic)
    if (handler === undefined || node.seen.has(id) || !node.neighbours.has(via)) return true
    node.seen.add(id)
    const verdict = await handler({ from: message.from, via, data: message.data.slice() })
    node.verdicts.push(verdict)
    if (verdict === 'accept') send(node, topic, message, id, via)
    return true
  }

  function unlink(a: string, b: string): void {
    get(a).neighbours.delete(b)
    get(b).neighbours.delete(a)
  }

  /** Counts as under way from the first frame that is read until the reader stops. */
  async function* request(...ask: Parameters<typeof answer>): AsyncGenerator<Bytes> {
    active++
    try {
      yield* answer(...ask)
    } finally {
      active--
      if (active === 0) for (const resolve of wake.splice(0)) resolve()
    }
  }

  async function* answer(
    from: Node,
    peer: string,
    protocol: string,
    body: Uint8Array,
    signal?: AbortSignal,
  ): AsyncGenerator<Bytes> {
    signal?.throwIfAborted()
    if (body.length > MAX_REQUEST_BYTES) throw new Error('request too large')
    if (!from.neighbours.has(peer)) throw new Error(`${from.id} cannot reach ${peer}`)
    const handler = get(peer).handlers.get(protocol)
    if (handler === undefined) {
      const cause = Object.assign(new Error('Protocol selection failed'), {
        name: 'UnsupportedProtocolError',
      })
      throw new Error(`${peer} does not speak ${protocol}`, { cause })
    }
    let left = breaks.get(`${peer} ${protocol}`) ?? Number.POSITIVE_INFINITY
    breaks.delete(`${peer} ${protocol}`)
    for await (const frame of handler(new Uint8Array(body), from.id)) {
      signal?.throwIfAborted()
      if (left-- <= 0 || !from.neighbours.has(peer))
        throw new Error(`${peer} left in the middle of an answer`)
      if (frame.length > MAX_FRAME_BYTES) throw new Error('frame too large')
      answeredBytes += frame.length
      yield new Uint8Array(frame) as Bytes
    }
  }

  return {
    get inFlight() {
      return flying.length
    },
    get answeredBytes() {
      return answeredBytes
    },
    add(id) {
      const node: Node = {
        id,
        neighbours: new Set(),
        topics: new Map(),
        handlers: new Map(),
        listeners: new Set(),
        seen: new Set(),
        verdicts: [],
      }
      nodes.set(id, node)
      return {
        gossip: {
          async publish(topic, data) {
            if (data.length > MAX_GOSSIP_BYTES) throw new Error('gossip too large')
            const message = messages++
            node.seen.add(message)
            send(node, topic, { from: id, data: new Uint8Array(data) }, message)
          },
          subscribe(topic, handler) {
            node.topics.set(topic, handler)
            return () => node.topics.delete(topic)
          },
        },
        requests: {
          request: (peer, protocol, body, { signal } = {}) => request(node, peer, protocol, body, signal),
          handle(protocol, handler) {
            node.handlers.set(protocol, handler)
            return () => node.handlers.delete(protocol)
          },
        },
        neighbours: {
          connected: () => [...node.neighbours],
          onConnect(listener) {
            node.listeners.add(listener)
            return () => node.listeners.delete(listener)
          },
        },
      }
    },
    connect(a, b) {
      if (get(a).neighbours.has(b)) return
      get(a).neighbours.add(b)
      get(b).neighbours.add(a)
      for (const listener of get(a).listeners) listener(b)
      for (const listener of get(b).listeners) listener(a)
    },
    disconnect: unlink,
    partition(...groups) {
      for (const group of groups) {
        for (const other of groups) {
          if (group === other) continue
          for (const a of group) for (const b of other) unlink(a, b)
        }
      }
    },
    deliver,
    drop() {
      pick()
    },
    async deliverAll() {
      while (await deliver()) {}
    },
    breakAfter({ peer, protocol, frames }) {
      breaks.set(`${peer} ${protocol}`, frames)
    },
    async settle() {
      for (let quiet = 0; quiet < 3; quiet++) {
        if (active > 0) {
          await new Promise<void>((resolve) => wake.push(resolve))
          quiet = 0
        }
        // a turn of the event loop: what an answer set off has begun by then
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    verdicts: (id) => get(id).verdicts,
  }
}
