import type { Bytes } from '#core/bytes.ts'
import { equalBytes } from '#core/bytes.ts'
import { createDelegationVerifier, formatAddress } from '#core/delegation.ts'
import { isAppError } from '#core/errors.ts'
import type { Address } from '#core/identity.ts'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { createRateLimit } from '#core/rate-limit.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import type { Requests } from '#core/transport.ts'
import type { ObjectId } from '#objects/object-id.ts'
import type { ObjectKeyStore } from '#objects/object-key-store.ts'
import { wrapKey } from './protocols/key-wrap.ts'
import {
  createKeyNonces,
  decodeKeyRequest,
  encodeKeyAnswer,
  type KeyAnswer,
  type KeyQuestion,
  type KeyRequest,
  type KeyStatement,
  verifyKeyProof,
  wrapContext,
} from './protocols/object-key.ts'

/** Of one address, or peer: a page of restricted pictures at once; each costs a signature, and a check of two. */
const QUESTIONS_OF_ONE = { perSecond: 2, burst: 64 }
/** Of all peers together: 32 signatures' checks a second are a tenth of one core. */
const QUESTIONS_IN_ALL = { perSecond: 32, burst: 256 }
/** Checks of payments, of all peers together, and of one address or peer: each asks the chain for some proofs. */
const PAYMENTS_IN_ALL = { perSecond: 1, burst: 16 }
const PAYMENTS_OF_ONE = { perSecond: 0.1, burst: 8 }
const ALL = 'all'

/** Somebody who says that it has paid for a model that shows an object. */
export interface PaymentClaim {
  /** id of the Model token */
  readonly model: number
  readonly id: ObjectId
  /** whose payment it is */
  readonly people: Address
  /** who published the object: only a model of theirs counts */
  readonly author: Address
}

export type PaymentAnswer =
  /** `until`: unix seconds, 0 without end */
  { readonly kind: 'paid'; readonly until: number } | { readonly kind: 'unpaid'; readonly why: string }

export interface ObjectKeyServerComponents {
  readonly requests: Requests
  /** own ones, or, of a relay, those that their owners gave to it */
  readonly keys: Pick<ObjectKeyStore, 'get'>
  /** What shows an asker that this peer may give the key: the signature of the owner's device, or its grant. */
  readonly proveOffer: (question: KeyQuestion) => Promise<Bytes>
  /** so many bytes from a secure source */
  readonly randomBytes: (length: number) => Bytes
  /** What the chain proves of a payment ([CH7]). @default there is no chain: only readers get keys */
  readonly isPaid?: (claim: PaymentClaim) => Promise<PaymentAnswer>
  /** what a peer counts for @default itself */
  readonly addressOf?: (peer: string) => string
}

export interface ObjectKeyServerInit {
  readonly network: NetworkName
  /** own, text form */
  readonly peerId: string
  /** unix ms @default Date.now */
  readonly now?: () => number
}

/**
 * The access gate of restricted objects: gives the key of one to a peer that proves that its wallet is among the
 * readers or, by the chain, has paid for a model that shows it, and to nobody else. Returns the function that ends it.
 */
export function serveObjectKeys(
  { requests, keys, proveOffer, randomBytes, isPaid, addressOf = (peer) => peer }: ObjectKeyServerComponents,
  { network, peerId, now = Date.now }: ObjectKeyServerInit,
): () => void {
  const machine = machineOf(network)
  const each = createRateLimit({ ...QUESTIONS_OF_ONE, maxKeys: MAX_KNOWN_PEERS, now })
  const all = createRateLimit({ ...QUESTIONS_IN_ALL, maxKeys: 1, now })
  const payers = createRateLimit({ ...PAYMENTS_OF_ONE, maxKeys: MAX_KNOWN_PEERS, now })
  const payments = createRateLimit({ ...PAYMENTS_IN_ALL, maxKeys: 1, now })
  const nonces = createKeyNonces(randomBytes(32), now)
  const delegations = createDelegationVerifier()
  const signatures = createEd25519Verifier()

  async function answer(request: KeyRequest, asker: string): Promise<KeyAnswer> {
    const address = addressOf(asker)
    if (!each.take(address)) return { kind: 'busy' }
    const { id, question } = request
    const known = await keys.get(id)
    if (known?.readers === undefined) return { kind: 'lacks' } // which costs the others nothing
    if (!all.take(ALL)) return { kind: 'busy' }
    const fields = { machine, id, asker, answerer: peerId, question }
    if (request.kind === 'ask') {
      const nonce = nonces.issue(fields)
      return { kind: 'offer', nonce, proof: await proveOffer({ ...fields, nonce }) }
    }
    const { wrapTo, model, proof } = request
    const claim = { ...fields, nonce: request.nonce }
    if (!nonces.isFresh(claim)) return { kind: 'refused', why: 'The question came too late. Ask again.' }
    const statement: KeyStatement = { kind: 'claim', question: claim, wish: { wrapTo, model } }
    const { people } = await verifyKeyProof(statement, proof, { delegations, signatures, now: now() })
    const isReader = (readers: readonly Address[]) => readers.some((reader) => equalBytes(reader, people))
    const needsPayment = !isReader(known.readers)
    const paid = needsPayment ? await pays(known.readers, { model, id, people }, address) : FREE
    if (paid.kind !== 'paid') return paid.kind === 'unpaid' ? { ...paid, kind: 'refused' } : paid
    const current = await keys.get(id) // it may have been taken back, or be for others, since the question came
    if (current?.readers === undefined) return { kind: 'lacks' }
    if (!needsPayment && !isReader(current.readers)) return { ...noReader(people), kind: 'refused' }
    const key = await wrapKey(current.key, wrapTo, wrapContext(claim, statement.wish))
    return { kind: 'key', key, until: paid.until }
  }

  /** The first of the readers published it. */
  async function pays(
    [author]: readonly Address[],
    { model, id, people }: Omit<PaymentClaim, 'author'>,
    address: string,
  ): Promise<PaymentAnswer | { readonly kind: 'busy' }> {
    if (model === 0 || isPaid === undefined || author === undefined) return noReader(people)
    // who has used up its own share takes nothing of what is there for all
    if (!payers.allows(address) || !payments.take(ALL)) return { kind: 'busy' }
    payers.take(address)
    return isPaid({ model, id, people, author })
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

/** Readers need no payment. */
const FREE: PaymentAnswer = { kind: 'paid', until: 0 }

function noReader(people: Address): PaymentAnswer & { readonly kind: 'unpaid' } {
  return { kind: 'unpaid', why: `${formatAddress(people)} is not among its readers.` }
}
