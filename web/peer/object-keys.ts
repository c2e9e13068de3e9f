import type { CID } from 'multiformats/cid'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import { createDelegationVerifier } from '#core/delegation.ts'
import { AppError } from '#core/errors.ts'
import type { Identity } from '#core/identity.ts'
import { MAX_OBJECT_NEIGHBOURS, MAX_OBJECT_PROVIDERS } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { protocolsOf } from '#core/network.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import type { Transport } from '#core/transport.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { providerCid } from '#objects/object-cid.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import {
  type ObjectKeyServerComponents,
  type ObjectKeyServerInit,
  serveObjectKeys,
} from './object-key-server.ts'
import { verifyKeyOffer } from './protocols/key-grant.ts'
import { createWrapPair } from './protocols/key-wrap.ts'
import {
  decodeKeyAnswer,
  encodeKeyRequest,
  KEY_NONCE_BYTES,
  type KeyAnswer,
  type KeyQuestion,
  type KeyRequest,
  type ObjectKeyErrorCode,
  signKeyProof,
  wrapContext,
} from './protocols/object-key.ts'

const ANSWER_TIMEOUT_MS = 10_000
const SEARCH_TIMEOUT_MS = 10_000

export interface ObjectKeysComponents extends Omit<ObjectKeyServerComponents, 'requests' | 'proveOffer'> {
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  readonly identity: () => Promise<Identity>
  /** peer ids of the relays that are connected: they are asked first, and none of them is left out for tabs */
  readonly relays: () => readonly string[]
  /** peer ids that say by records that they hold an object, this peer's left out */
  readonly findProviders: (cid: CID, signal: AbortSignal) => AsyncIterable<string>
}

/** A restricted object whose key is wanted. */
export interface WantedKey {
  readonly id: ObjectId
  /** the People that own it: only their devices, and relays that these gave the key to, are told who asks */
  readonly owner: ObjectId
  /** does this key open it? */
  readonly isRight: (key: Bytes) => Promise<boolean>
  /** the Model token that this profile's wallet has paid for to see it; 0 for none @default 0 */
  readonly model?: () => Promise<number>
}

/** A key that was given. */
export interface GivenKey {
  readonly key: Bytes
  /** unix seconds to which it was paid; 0 without end */
  readonly until: number
}

/** Keys of restricted objects, from and to other peers ([OB11]). */
export interface ObjectKeys {
  /**
   * From a device of the owner, or a relay that was given the key, that is here, when this profile's wallet is among
   * the readers or has paid.
   *
   * @throws OBJECT_KEY_REFUSED, OBJECT_KEY_NOT_FOUND
   */
  ask(wanted: WantedKey, signal?: AbortSignal): Promise<GivenKey>
  stop(): void
}

export function createObjectKeys(components: ObjectKeysComponents, init: ObjectKeyServerInit): ObjectKeys {
  const { transport, identity, randomBytes, findProviders } = components
  const { network, peerId, now = Date.now } = init
  const protocol = protocolsOf(network).objectKey
  const machine = machineOf(network)
  const delegations = createDelegationVerifier()
  const signatures = createEd25519Verifier()
  const unserve = serveObjectKeys(
    {
      ...components,
      requests: transport.requests,
      proveOffer: async (question) => signKeyProof({ kind: 'offer', question }, await identity()),
    },
    init,
  )

  async function request(peer: string, question: KeyRequest, signal: AbortSignal): Promise<KeyAnswer> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)])
    const bytes = encodeKeyRequest(question)
    for await (const frame of transport.requests.request(peer, protocol, bytes, { signal: limited }))
      return decodeKeyAnswer(frame)
    return { kind: 'lacks' }
  }

  /** undefined for a peer that is no device of the owner, was not given the key by one, or has none */
  async function offerOf(
    peer: string,
    { id, owner }: WantedKey,
    signal: AbortSignal,
  ): Promise<KeyQuestion | undefined> {
    const question = randomBytes(KEY_NONCE_BYTES)
    const answer = await request(peer, { kind: 'ask', id, question }, signal)
    if (answer.kind !== 'offer') return undefined
    const asked = { machine, id, asker: peerId, answerer: peer, question, nonce: answer.nonce }
    const verification = { delegations, signatures, now: now() }
    const { delegation } = await verifyKeyOffer(asked, answer.proof, verification)
    return equalBytes(impliedIdentity(delegation).peopleId, owner) ? asked : undefined
  }

  /** The key, why it is not given, or undefined when this one cannot say. */
  async function claim(
    asked: KeyQuestion,
    me: Identity,
    { isRight, model }: { readonly isRight: WantedKey['isRight']; readonly model: number },
    signal: AbortSignal,
  ): Promise<GivenKey | string | undefined> {
    const { id, question, nonce, answerer } = asked
    const pair = await createWrapPair()
    const wish = { wrapTo: pair.publicKey, model }
    const proof = await signKeyProof({ kind: 'claim', question: asked, wish }, me)
    const answer = await request(answerer, { kind: 'claim', id, question, nonce, ...wish, proof }, signal)
    if (answer.kind === 'refused') return answer.why
    if (answer.kind !== 'key') return undefined
    const key = await pair.open(answer.key, wrapContext(asked, wish))
    return (await isRight(key)) ? { key, until: answer.until } : undefined
  }

  /** Connected relays and peers first, then holders that the DHT knows. */
  async function* sources({ id }: WantedKey, signal: AbortSignal): AsyncGenerator<readonly string[]> {
    const neighbours = transport.neighbours.connected().slice(0, MAX_OBJECT_NEIGHBOURS)
    const near = [...new Set([...components.relays(), ...neighbours])]
    yield near
    const limited = AbortSignal.any([signal, AbortSignal.timeout(SEARCH_TIMEOUT_MS)])
    let found = 0
    try {
      for await (const peer of findProviders(providerCid(id), limited)) {
        if (!near.includes(peer)) yield [peer]
        if (++found === MAX_OBJECT_PROVIDERS) return
      }
    } catch {
      signal.throwIfAborted() // without a relay nobody knows providers
    }
  }

  /** The key, or why it was not given; undefined when none of these peers has it. */
  async function askAll(
    peers: readonly string[],
    wanted: WantedKey,
    signal: AbortSignal,
  ): Promise<GivenKey | string | undefined> {
    // it left, is slow, does not speak of keys, or is nobody's device
    const offers = await Promise.all(
      peers.map((peer) => offerOf(peer, wanted, signal).catch(() => undefined)),
    )
    let refusal: string | undefined
    for (const asked of offers) {
      if (asked === undefined) continue
      const me = await identity()
      // a chain that does not answer names no payment: readers get their keys all the same
      const model = (await wanted.model?.().catch(() => 0)) ?? 0
      const answer = await claim(asked, me, { isRight: wanted.isRight, model }, signal).catch(() => undefined)
      if (typeof answer === 'object') return answer
      refusal = answer ?? refusal
    }
    return refusal
  }

  return {
    stop: unserve,
    async ask(wanted, signal = new AbortController().signal) {
      let refusal: string | undefined
      for await (const peers of sources(wanted, signal)) {
        const answer = await askAll(peers, wanted, signal)
        signal.throwIfAborted()
        if (typeof answer === 'object') return answer
        refusal ??= answer
      }
      throw refusal === undefined ? notFound(wanted.id) : refused(wanted.id, refusal)
    },
  }
}

function refused(id: ObjectId, why: string): AppError<ObjectKeyErrorCode> {
  return new AppError(
    'OBJECT_KEY_REFUSED',
    `The key of ${formatObjectId(id)} was not given: ${why} Ask its owner to publish it for your wallet too, or pay where they ask for it.`,
    { details: { id: formatObjectId(id) } },
  )
}

function notFound(id: ObjectId): AppError<ObjectKeyErrorCode> {
  return new AppError(
    'OBJECT_KEY_NOT_FOUND',
    `${formatObjectId(id)} is restricted, and neither a device of its owner nor a relay that was given the key is here. Try again when its owner is online.`,
    { details: { id: formatObjectId(id) } },
  )
}
