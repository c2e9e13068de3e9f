import { sha256 } from '@noble/hashes/sha2.js'
import { openBurnerWallet } from '#chain/wallet.ts'
import { type Bytes, concat, utf8 } from '#core/bytes.ts'
import {
  type DelegationFields,
  encodeDelegation,
  MAX_DELEGATION_SECONDS,
  sealDelegation,
} from '#core/delegation.ts'
import type { Identity } from '#core/identity.ts'
import { MAX_LINKS_PER_BATCH } from '#core/limits.ts'
import { type Link, NO_PREVIOUS, signLinkBatch } from '#graph/link-batch.ts'
import { createDeviceKey } from '#peer/device-key.ts'

/** The samples' wallet: no secret, so that every relay is the same author. It stands for nobody. */
export const PUBLIC_PHRASE = 'index royal hurdle rare upset fault what frequent copy weasel vendor innocent'

export interface SampleAuthor {
  readonly links: readonly Link[]
  readonly madeAtMs: number
  /** 32 bytes */
  readonly machine: Bytes
  /** the relay's own, 32 bytes: whoever knows it can freeze the sample's feed in every tab */
  readonly secret: Bytes
  /** of the public wallet, from 0: what one neuron may hold bounds what one account signs */
  readonly account: number
}

/**
 * The wallet and the device that sign a sample. The wallet is public: whoever has the sample may sign as it, so
 * that it is one neuron wherever it comes from. The device is the relay's own, because a feed with two histories is
 * frozen by every tab; it follows from what it signs, so another sample, and another way to sign it, has another
 * device.
 */
export async function createSampleIdentity(author: SampleAuthor): Promise<Identity> {
  const { links, madeAtMs, machine, secret, account } = author
  const wallet = await openBurnerWallet(PUBLIC_PHRASE, account)
  const history = sha256.create().update(wallet.address)
  for (const { from, to } of links) history.update(from).update(to)
  const digest = history.update(utf8(String(madeAtMs))).digest()
  const device = await createDeviceKey(
    new Uint8Array(sha256(concat(utf8('tabland/sample/device/3'), secret, machine, digest))),
  )
  const notBefore = Math.floor(madeAtMs / 1_000)
  const fields: DelegationFields = {
    people: wallet.address,
    deviceKey: device.publicKey,
    scope: ['links', 'placements'],
    machine,
    notBefore,
    notAfter: notBefore + MAX_DELEGATION_SECONDS,
    nonce: 0n,
    chainId: 0n,
    contract: new Uint8Array(20),
  }
  const delegation = sealDelegation(fields, wallet.signDelegation(fields))
  return { neuron: wallet.address, device, delegation: encodeDelegation(delegation) }
}

/** A sample's links as records, batch by batch, the same bytes each time. */
export async function* signSampleLinks(
  { links, madeAtMs, machine }: SampleAuthor,
  identity: Identity,
): AsyncGenerator<Bytes> {
  const timeUs = madeAtMs * 1_000
  let prev = NO_PREVIOUS
  for (let at = 0, seq = 0; at < links.length; at += MAX_LINKS_PER_BATCH, seq++) {
    const part = links.slice(at, at + MAX_LINKS_PER_BATCH)
    const batch = await signLinkBatch({ machine, seq, prev, timeUs, links: part }, identity)
    yield batch.envelope
    prev = batch.hash
  }
}
