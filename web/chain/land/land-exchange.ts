import { type Bytes, concat, fromHex, utf8 } from '#core/bytes.ts'
import { MAX_FRAME_BYTES } from '#core/limits.ts'
import type { Requests } from '#core/transport.ts'
import { type Hex, hexOf } from '../hex.ts'
import { type LandSource, readBounded, unavailable } from './land-sources.ts'
import type { Snapshots } from './snapshots.ts'

/** A request is the wanted root, and behind it the root that is there already, if any. */
const ROOT_BYTES = 32
/** No snapshot is so short. */
const NOTHING = utf8('none')

/** Hands the land on to peers that ask for it; nobody believes it unchecked. Returns the function that ends it. */
export function serveLand(
  requests: Requests,
  protocol: string,
  snapshots: Pick<Snapshots, 'get'>,
): () => void {
  return requests.handle(protocol, async function* (request: Bytes) {
    const wanted = rootAt(request, 0)
    const bytes = wanted === undefined ? undefined : await snapshots.get(wanted, rootAt(request, ROOT_BYTES))
    if (bytes === undefined) {
      yield NOTHING
      return
    }
    for (let at = 0; at < bytes.length; at += MAX_FRAME_BYTES) yield bytes.subarray(at, at + MAX_FRAME_BYTES)
  })
}

function rootAt(request: Bytes, at: number): Hex | undefined {
  const root = request.subarray(at, at + ROOT_BYTES)
  return root.length === ROOT_BYTES ? hexOf(root) : undefined
}

export interface PeerLandInit {
  readonly requests: Requests
  readonly protocol: string
  /** peer id, text form */
  readonly peer: string
}

/** The land as a connected peer has it. */
export function peerLandSource({ requests, protocol, peer }: PeerLandInit): LandSource {
  return {
    name: peer,
    async offer({ root, base }, signal) {
      const request = concat(fromHex(root), base === undefined ? new Uint8Array(0) : fromHex(base.root))
      const frames = requests.request(peer, protocol, request, { signal })
      const bytes = await readBounded(frames, peer).catch((cause: unknown) => {
        signal.throwIfAborted()
        throw (cause as { name?: string }).name === 'AppError'
          ? cause
          : unavailable(peer, (cause as Error).message, cause)
      })
      if (bytes.length <= NOTHING.length) throw unavailable(peer, 'it has not got it')
      return { kind: 'snapshot', bytes }
    },
  }
}
