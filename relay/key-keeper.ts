import { equalBytes } from '#core/bytes.ts'
import { createDelegationVerifier } from '#core/delegation.ts'
import { isAppError } from '#core/errors.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { createRateLimit } from '#core/rate-limit.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import type { Requests } from '#core/transport.ts'
import { decodeDesc, objectIdOfDesc } from '#objects/desc.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import type { ObjectId } from '#objects/object-id.ts'
import { type ObjectKeyServerComponents, serveObjectKeys } from '#peer/object-key-server.ts'
import {
  type DepositRoute,
  decodeKeyDeposit,
  encodeDepositAnswer,
  type KeyDeposit,
  type KeyDepositAnswer,
  verifyKeyDeposit,
} from '#peer/protocols/key-deposit.ts'
import { verifyKeyGrant } from '#peer/protocols/key-grant.ts'
import type { KeptKeys } from './kept-keys.ts'
import { DEPOSITS_IN_ALL, DEPOSITS_PER_ADDRESS, MAX_OBJECT_ADDRESSES } from './limits.ts'

export interface HandOutComponents {
  readonly requests: Requests
  readonly kept: Pick<KeptKeys, 'get'>
  /** objects that the relay has nothing to do with */
  readonly isDenied: (id: ObjectId) => boolean
  /** who has paid, by the relay's own chain; of undefined where it has none */
  readonly payments: Promise<RelayPayments | undefined>
  /** what a peer counts for: peer ids cost nothing, addresses do */
  readonly addressOf: (peer: string) => string
}

export interface RelayPayments {
  readonly isPaid: NonNullable<ObjectKeyServerComponents['isPaid']>
}

export interface KeyKeeperComponents extends HandOutComponents {
  readonly kept: Pick<KeptKeys, 'get' | 'put' | 'remove'>
}

export interface KeyKeeperInit {
  readonly network: NetworkName
  /** own, text form */
  readonly peerId: string
  /** unix ms @default Date.now */
  readonly now?: () => number
}

const ALL = 'all'

/**
 * Takes keys of restricted objects from devices of their owners, and gives them back to nothing when these say so
 * ([CH7]). Returns the function that ends it.
 */
export function keepKeys(
  { requests, kept, addressOf, isDenied, payments }: KeyKeeperComponents,
  { network, peerId, now = Date.now }: KeyKeeperInit,
): () => void {
  const machine = machineOf(network)
  const each = createRateLimit({ ...DEPOSITS_PER_ADDRESS, maxKeys: MAX_OBJECT_ADDRESSES, now })
  const all = createRateLimit({ ...DEPOSITS_IN_ALL, maxKeys: 1, now })
  const delegations = createDelegationVerifier()
  const signatures = createEd25519Verifier()
  /** Told at once, with what is known by then: the chain may take longer than an owner waits for the answer. */
  let sells = false
  void payments.then((known) => {
    sells = known !== undefined
  })

  async function answer(
    bytes: Parameters<typeof decodeKeyDeposit>[0],
    from: string,
  ): Promise<KeyDepositAnswer> {
    if (!each.take(addressOf(from)) || !all.take(ALL)) return { kind: 'busy' }
    const read = decodeKeyDeposit(bytes)
    const route: DepositRoute = { machine, from, to: peerId }
    const signer = await verifyKeyDeposit(read, route, { delegations, signatures, now: now() })
    const { deposit } = read
    if (deposit.kind === 'give') return give(deposit, signer)
    const known = kept.get(deposit.id)
    if (known !== undefined && !equalBytes(known.people, signer.people))
      return refused('Another wallet gave it that key, and can take it back.')
    if (known !== undefined) await kept.remove(deposit.id)
    return { kind: 'gone' }
  }

  /** Only its owner gives away the key of an object: whoever else did could put a false one in its place. */
  async function give(
    { desc, key, readers, grant }: KeyDeposit & { readonly kind: 'give' },
    { people, delegation }: Awaited<ReturnType<typeof verifyKeyDeposit>>,
  ): Promise<KeyDepositAnswer> {
    const object = decodeDesc(desc)
    const id = objectIdOfDesc(object)
    const { owner } = object
    if (owner === undefined || !equalBytes(impliedIdentity(delegation).peopleId, owner))
      return refused('Only its owner can give away the key of an object.')
    const [author] = readers
    if (author === undefined || !equalBytes(author, people))
      return refused('Its owner has to be the first of its readers.')
    if (isDenied(id)) return refused('This relay has nothing to do with that object.')
    const granted = await verifyKeyGrant({ machine, id, holder: peerId }, grant, {
      delegations,
      signatures,
      now: now(),
    })
    if (!equalBytes(granted.people, people))
      return refused('Another wallet signed what this relay is to show.')
    const isKept = await kept.put({ id, people, key, readers, grant, until: granted.until })
    if (!isKept) return refused('This relay has no room for more keys.')
    return { kind: 'kept', sells }
  }

  return requests.handle(protocolsOf(network).keyDeposit, async function* (bytes, from) {
    try {
      yield encodeDepositAnswer(await answer(bytes, from))
    } catch (error) {
      // our own sentences, nothing else
      yield encodeDepositAnswer(
        refused(isAppError(error) ? error.message : 'This relay could not do it. Try again later.'),
      )
    }
  })
}

/**
 * Gives these keys to who proves that its wallet is among the readers or, by the chain, has paid: the grant of the owner
 * shows that the relay may. Returns the function that ends it.
 */
export function handOutKeys(
  { requests, kept, addressOf, isDenied, payments }: HandOutComponents,
  init: KeyKeeperInit,
): () => void {
  return serveObjectKeys(
    {
      requests,
      addressOf,
      keys: {
        async get(id) {
          const held = isDenied(id) ? undefined : kept.get(id)
          return held && { key: held.key, readers: held.readers }
        },
      },
      async proveOffer({ id }) {
        const grant = kept.get(id)?.grant
        if (grant === undefined) throw new Error('taken back meanwhile')
        return grant
      },
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      async isPaid(claim) {
        const chain = await payments
        if (chain !== undefined) return chain.isPaid(claim)
        return { kind: 'unpaid', why: 'This relay knows no chain, and gives the key to readers alone.' }
      },
    },
    init,
  )
}

function refused(why: string): KeyDepositAnswer {
  return { kind: 'refused', why }
}
