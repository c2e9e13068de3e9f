import type { Bytes } from '#core/bytes.ts'
import { equalBytes } from '#core/bytes.ts'
import { createDelegationVerifier, formatAddress } from '#core/delegation.ts'
import { isAppError } from '#core/errors.ts'
import type { Identity } from '#core/identity.ts'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { createRateLimit } from '#core/rate-limit.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import type { Requests } from '#core/transport.ts'
import type { ObjectKeyStore } from '#objects/object-key-store.ts'
import {
  createKeyNonces,
  decodeKeyRequest,
  encodeKeyAnswer,
  type KeyAnswer,
  type KeyRequest,
  signKeyProof,
  verifyKeyProof,
} from './protocols/object-key.ts'

/** A page of restricted pictures at once; each costs a signature, and a check of two. */
const QUESTIONS_PER_PEER = { perSecond: 2, burst: 64 }
/** Of all peers together: 32 signatures' checks a second are a tenth of one core. */
const QUESTIONS_IN_ALL = { perSecond: 32, burst: 256 }
const ALL = 'all'

export interface ObjectKeyServerComponents {
  readonly requests: Requests
  readonly keys: Pick<ObjectKeyStore, 'get'>
  readonly identity: () => Promise<Identity>
  /** so many bytes from a secure source */
  readonly randomBytes: (length: number) => Bytes
}

export interface ObjectKeyServerInit {
  readonly network: NetworkName
  /** own, text form */
  readonly peerId: string
  /** unix ms @default Date.now */
  readonly now?: () => number
}

/**
 * The access gate of restricted objects: gives the key of an own one to a peer that proves that its wallet is among the
 * readers, and to nobody else. Returns the function that ends it.
 */
export function serveObjectKeys(
  { requests, keys, identity, randomBytes }: ObjectKeyServerComponents,
  { network, peerId, now = Date.now }: ObjectKeyServerInit,
): () => void {
  const machine = machineOf(network)
  const each = createRateLimit({ ...QUESTIONS_PER_PEER, maxKeys: MAX_KNOWN_PEERS, now })
  const all = createRateLimit({ ...QUESTIONS_IN_ALL, maxKeys: 1, now })
  const nonces = createKeyNonces(randomBytes(32), now)
  const delegations = createDelegationVerifier()
  const signatures = createEd25519Verifier()

  async function answer(request: KeyRequest, asker: string): Promise<KeyAnswer> {
    if (!each.take(asker) || !all.take(ALL)) return { kind: 'busy' }
    const { id, question } = request
    const known = await keys.get(id)
    if (known?.readers === undefined) return { kind: 'lacks' }
    const fields = { machine, id, asker, answerer: peerId, question }
    if (request.kind === 'ask') {
      const nonce = nonces.issue(fields)
      return {
        kind: 'offer',
        nonce,
        proof: await signKeyProof('offer', { ...fields, nonce }, await identity()),
      }
    }
    const claim = { ...fields, nonce: request.nonce }
    if (!nonces.isFresh(claim)) return { kind: 'refused', why: 'The question came too late. Ask again.' }
    const { people } = await verifyKeyProof('claim', claim, request.proof, {
      delegations,
      signatures,
      now: now(),
    })
    const isReader = known.readers.some((reader) => equalBytes(reader, people))
    if (isReader) return { kind: 'key', key: known.key }
    return { kind: 'refused', why: `${formatAddress(people)} is not among its readers.` }
  }

  return requests.handle(protocolsOf(network).objectKey, async function* (bytes, asker) {
    try {
      yield encodeKeyAnswer(await answer(decodeKeyRequest(bytes), asker))
    } catch (error) {
      // our own sentences, nothing else
      const why = isAppError(error) ? error.message : 'This peer could not look into it. Ask again later.'
      yield encodeKeyAnswer({ kind: 'refused', why })
    }
  })
}
