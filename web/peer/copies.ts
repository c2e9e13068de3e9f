import * as dagPb from '@ipld/dag-pb'
import { base58btc } from 'multiformats/bases/base58'
import type { CID } from 'multiformats/cid'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import { AppError, isAppError } from '#core/errors.ts'
import type { DeviceKey, Identity } from '#core/identity.ts'
import { MAX_DAG_DEPTH, MAX_KNOWN_PEERS } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { Copies, DecideKeep, HolderProof, KeepAnswer } from '#core/seeding.ts'
import { shuffled } from '#core/shuffle.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import type { Transport } from '#core/transport.ts'
import type { BlockAccess } from './blocks/block-reader.ts'
import { parseContentCid } from './content.ts'
import { readOwn, serveCopies, serveKeep } from './copies-server.ts'
import {
  type CopiesErrorCode,
  decodeCopiesAnswer,
  encodeCopiesRequest,
  NONCE_BYTES,
  proofDigest,
  proofMessage,
} from './protocols/copies.ts'
import { decodeKeepAnswer, signKeep } from './protocols/keep.ts'
import { findProviders } from './providing.ts'
import { createShunnedPeers } from './shunned-peers.ts'
import type { PeerNode } from './types.ts'

/** Peers asked in one check: four times the most that are wanted of anything. */
const MAX_ASKED = 64
/** Peers found by provider records among them, who are dialled for it. */
const MAX_PROVIDERS = 8
const AT_ONCE = 8
const ANSWER_TIMEOUT_MS = 15_000
const SEARCH_TIMEOUT_MS = 10_000
/** Peers asked to keep one content before it is left for another time. */
const MAX_ASKED_TO_KEEP = 16
/** Who gave a false proof is asked nothing for so long: what is mine is counted once in that time. */
const SHUNNED_MS = 60 * 60 * 1_000
/** Codes of answers that no honest peer gives. */
const LIES = ['COPIES_FORGED', 'COPIES_INVALID', 'FRAME_TOO_LARGE']
/** Blocks tried until one is found that is here. */
const PICKS = 16

export interface CopiesComponents {
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  /** the public store */
  readonly blockstore: Pick<BlockAccess, 'has' | 'get'>
  /** peer ids that say by records that they hold a root, this peer's left out */
  readonly findProviders: (root: CID, signal: AbortSignal) => AsyncIterable<string>
  readonly kindOf: (peer: string) => HolderProof['kind']
}

export interface CopiesInit {
  readonly network: NetworkName
  /** own, text form */
  readonly peerId: string
  /** the profile's; undefined where the browser cannot keep one */
  readonly device: () => Promise<DeviceKey | undefined>
  /** Answers do not name the device: whoever asks would know it again, under any peer id. @default false */
  readonly anonymous?: boolean
  /** who signs wishes; made at the first */
  readonly identity: () => Promise<Identity>
  /** A peer gave a false proof: it is asked for none for an hour. */
  readonly onMisbehaviour?: (peer: string, error: AppError) => void
  /** unix ms @default Date.now */
  readonly now?: () => number
  /** 0 ≤ x < 1 @default Math.random */
  readonly random?: () => number
}

/** Asks others what they hold, and answers the same of them. */
export interface CopyPeers extends Copies {
  /** From now on wishes of others are answered; before, they are not heard. Returns the function that ends it. */
  onWish(decide: DecideKeep): () => void
  stop(): void
}

/** The copies of a joined peer's store. */
export function createPeerCopies(
  { transport, helia, libp2p, state }: PeerNode,
  init: Omit<CopiesInit, 'network' | 'peerId' | 'anonymous'>,
): CopyPeers {
  const { network, peerId, mode } = state.peek()
  return createCopies(
    {
      transport,
      blockstore: helia.blockstore,
      async *findProviders(root, signal) {
        for await (const peer of findProviders(helia.routing, libp2p.peerId, root, signal))
          yield peer.toString()
      },
      kindOf: (peer) => state.peek().peers.find((other) => other.peerId === peer)?.kind ?? 'node',
    },
    { ...init, network, peerId, anonymous: mode === 'relayed' },
  )
}

type Held = { readonly proof: HolderProof; readonly isCounted: boolean } | 'lacks' | 'unknown' | 'lied'

export function createCopies(components: CopiesComponents, init: CopiesInit): CopyPeers {
  const { transport, blockstore, findProviders, kindOf } = components
  const { requests, neighbours } = transport
  const { network, peerId, device, anonymous = false, identity, onMisbehaviour } = init
  const { now = Date.now, random = Math.random } = init
  const protocols = protocolsOf(network)
  const signatures = createEd25519Verifier()
  const liars = createShunnedPeers({ ms: SHUNNED_MS, maxPeers: MAX_KNOWN_PEERS, now })
  const unserve = serveCopies(
    { requests, blockstore },
    { network, peerId, ...(anonymous ? {} : { device }), now },
  )

  /** One challenge, for a block of its own. @throws COPIES_NOTHING_HERE, one of LIES, REQUEST_FAILED */
  async function challenge(root: CID, peer: string, signal: AbortSignal): Promise<Held> {
    const { block, bytes } = await pickBlock(blockstore, root, random)
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
    const frame = await askOnce(peer, protocols.copies, encodeCopiesRequest({ root, block, nonce }), signal)
    if (frame === undefined) return 'unknown'
    const answer = decodeCopiesAnswer(frame)
    if (answer.status === 'lacks') return 'lacks'
    if (answer.status === 'busy') return 'unknown'
    const { digest, device: other } = answer
    const expected = proofDigest({ nonce, asker: peerId, answerer: peer, device: other?.key, block, bytes })
    if (!equalBytes(digest, expected)) throw forged('It does not fit the block.')
    if (other !== undefined && !(await signatures.verify(other.key, other.signature, proofMessage(digest)))) {
      throw forged('The device that it names did not sign it.')
    }
    return {
      // a private tab names no device: four tabs of one profile would count as four copies
      isCounted: other !== undefined || kindOf(peer) !== 'tab',
      proof: {
        device: other === undefined ? peer : base58btc.baseEncode(other.key),
        peerId: peer,
        kind: kindOf(peer),
        checkedAt: now(),
      },
    }
  }

  async function askOnce(
    peer: string,
    protocol: string,
    request: Bytes,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)])
    for await (const frame of requests.request(peer, protocol, request, { signal: limited })) return frame
    return undefined
  }

  /** What a peer says; one that is silent or lies holds nothing that counts, and a liar is not asked again soon. */
  async function heldBy(root: CID, peer: string, signal: AbortSignal): Promise<Held> {
    if (liars.has(peer)) return 'lied'
    try {
      return await challenge(root, peer, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!isAppError(error)) return 'unknown'
      if (error.code === 'COPIES_NOTHING_HERE') throw error
      if (!LIES.includes(error.code)) return 'unknown'
      if (liars.add(peer)) onMisbehaviour?.(peer, falseProof(peer, error))
      return 'lied'
    }
  }

  /** Those that are connected, then those whose records name them. */
  async function candidates(root: CID, signal: AbortSignal): Promise<readonly string[]> {
    const found = new Set(neighbours.connected())
    const limited = AbortSignal.any([signal, AbortSignal.timeout(SEARCH_TIMEOUT_MS)])
    const most = found.size + MAX_PROVIDERS
    try {
      for await (const peer of findProviders(root, limited)) {
        if (found.size >= most) break
        found.add(peer)
      }
    } catch {
      signal.throwIfAborted() // without a relay nobody knows providers
    }
    found.delete(peerId)
    return shuffled([...found], random).slice(0, MAX_ASKED)
  }

  async function wish(root: CID, bytes: number, peer: string, signal: AbortSignal): Promise<KeepAnswer> {
    const fields = { machine: machineOf(network), root, bytes, time: now(), asker: peerId, answerer: peer }
    const request = await signKeep(fields, await identity())
    const frame = await askOnce(peer, protocols.keep, request, signal)
    return decodeKeepAnswer(frame ?? new Uint8Array(), peer)
  }

  return {
    async check(text, { signal = new AbortController().signal } = {}) {
      signal.throwIfAborted()
      const root = parseContentCid(text)
      const own = (await device())?.publicKey
      const proofs = new Map<string, HolderProof>()
      const lied: string[] = []
      await forEach(await candidates(root, signal), AT_ONCE, async (peer) => {
        const held = await heldBy(root, peer, signal)
        if (held === 'lied') lied.push(peer)
        if (typeof held === 'object' && held.isCounted) proofs.set(held.proof.device, held.proof)
      })
      if (own !== undefined) proofs.delete(base58btc.baseEncode(own))
      return { holders: [...proofs.values()], liars: lied }
    },

    async askToKeep({ root: text, bytes, wanted }, { signal = new AbortController().signal } = {}) {
      signal.throwIfAborted()
      if (anonymous) return [] // [NE6] a wish is signed by the wallet: it would name who sends it
      const root = parseContentCid(text)
      const answers: KeepAnswer[] = []
      const peers = shuffled([...neighbours.connected()], random)
      let accepted = 0
      // one after the other: no more are asked than are wanted
      for (const peer of peers) {
        if (accepted >= wanted || answers.length >= MAX_ASKED_TO_KEEP) break
        if ((await heldBy(root, peer, signal)) !== 'lacks') continue
        const answer = await wish(root, bytes, peer, signal).catch(() => undefined) // it takes no wishes
        signal.throwIfAborted()
        if (answer === undefined) continue
        answers.push(answer)
        if (answer.accepted) accepted += 1
      }
      return answers
    },

    onWish: (decide) => serveKeep(requests, { network, peerId, decide, now }),
    stop: unserve,
  }
}

interface Picked {
  readonly block: CID
  readonly bytes: Bytes
}

/**
 * A random block of a content that is here as a whole or in part: from the root down, each child with a chance by
 * its size, so that it is a leaf wherever there are leaves, and no part of a file is likelier than another.
 *
 * @throws COPIES_NOTHING_HERE
 */
async function pickBlock(
  blockstore: Pick<BlockAccess, 'has' | 'get'>,
  root: CID,
  random: () => number,
): Promise<Picked> {
  for (let pick = 0; pick < PICKS; pick++) {
    const picked = await descend(blockstore, root, random)
    if (picked !== undefined) return picked
  }
  const bytes = (await blockstore.has(root)) ? await readOwn(blockstore, root) : undefined
  if (bytes !== undefined) return { block: root, bytes }
  throw new AppError<CopiesErrorCode>(
    'COPIES_NOTHING_HERE',
    `Nothing of ${root} is here to compare with what others have. Fetch it first.`,
  )
}

async function descend(
  blockstore: Pick<BlockAccess, 'has' | 'get'>,
  root: CID,
  random: () => number,
): Promise<Picked | undefined> {
  let block = root
  // folders stand above files
  for (let depth = 0; depth <= 2 * MAX_DAG_DEPTH; depth++) {
    if (!(await blockstore.has(block))) return undefined
    const bytes = await readOwn(blockstore, block)
    if (bytes === undefined) return undefined
    const next = block.code === dagPb.code ? pickLink(bytes, random) : undefined
    if (next === undefined) return { block, bytes }
    block = next
  }
  return undefined
}

function pickLink(node: Bytes, random: () => number): CID | undefined {
  const { Links } = dagPb.decode(node)
  const weights = Links.map(({ Tsize = 1 }) => Math.max(1, Tsize))
  let at = random() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, { Hash }] of Links.entries()) {
    at -= weights[i] as number
    if (at < 0) return Hash
  }
  return Links.at(-1)?.Hash
}

function forged(why: string): AppError<CopiesErrorCode> {
  return new AppError('COPIES_FORGED', why)
}

function falseProof(peer: string, cause: AppError): AppError<CopiesErrorCode> {
  return new AppError(
    'COPIES_FORGED',
    `Peer …${peer.slice(-6)} gave a false proof of a copy: ${cause.message} It is not counted, and not asked again for an hour.`,
    { cause, details: { peer, code: cause.code } },
  )
}

async function forEach<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) await work(items[next++] as T)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
}
