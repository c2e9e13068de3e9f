import { type Bytes, equalBytes } from '#core/bytes.ts'
import {
  DEVICE_SCOPES,
  type DelegationFields,
  decodeDelegation,
  encodeDelegation,
  type Scope,
  sealDelegation,
} from '#core/delegation.ts'
import type { Address, DeviceKey, Identity } from '#core/identity.ts'
import { plainPhrase, type StoredWallet, type WalletStore } from './stored-wallet.ts'

const DAY_S = 86_400
const VALID_DAYS = 365
/** A delegation that ends within this time is renewed, so that no record is signed at its very end. */
const RENEW_DAYS = 30
/** A record's clock may be behind the delegation's: other devices are a little off. */
const BACKDATE_S = 3_600

/** A device, the network that it signs for, and what it may sign. */
export interface DeviceOnMachine {
  readonly device: DeviceKey
  /** machine id, 32 bytes, and its hexadecimal form */
  readonly machine: Bytes
  readonly machineHex: string
  /** unix ms */
  readonly now: () => number
  /** what the wallet allows the device @default DEVICE_SCOPES */
  readonly scope?: readonly Scope[]
}

export interface ProfileIdentityInit extends DeviceOnMachine {
  readonly store: WalletStore
  /** The phrase, asked for where it is sealed. @default it never is */
  readonly openPhrase?: (wallet: StoredWallet) => Promise<string>
}

export interface ProfileIdentity {
  readonly identity: Identity
  readonly burner: boolean
  /** is the phrase sealed by a passphrase of its own? */
  readonly sealed: boolean
  /** what the browser's wallet calls itself, where it is none of ours */
  readonly wallet?: string
  phrase(): Promise<string>
}

/** The identity that a profile already has, without loading the code that makes one; undefined when it has none. */
export async function findProfileIdentity(init: ProfileIdentityInit): Promise<ProfileIdentity | undefined> {
  const wallet = await init.store.get()
  const delegation = wallet?.delegations[init.machineHex]
  if (wallet === undefined || delegation === undefined || !isUsable(delegation, init)) return undefined
  return toProfileIdentity(wallet, delegation, init)
}

/**
 * The profile's identity: its burner wallet, made at first need ([CH16]), and one delegation of its Device for
 * each machine, renewed a month before it ends ([OB7]).
 */
export async function openProfileIdentity(init: ProfileIdentityInit): Promise<ProfileIdentity> {
  return init.store.exclusive(async () => {
    const found = await findProfileIdentity(init)
    if (found !== undefined) return found
    const { createPhrase, openBurnerWallet } = await import('./wallet.ts')
    const before = await init.store.get()
    const phrase = before === undefined ? createPhrase() : await openPhrase(init)(before)
    const wallet = await openBurnerWallet(phrase)
    const fields = deviceFields(wallet.address, init)
    const delegation = encodeDelegation(sealDelegation(fields, wallet.signDelegation(fields)))
    const stored = {
      phrase: before?.phrase ?? phrase,
      address: wallet.address,
      delegations: { ...before?.delegations, [init.machineHex]: delegation },
    }
    await init.store.put(stored)
    return toProfileIdentity(stored, delegation, init)
  })
}

function openPhrase({ openPhrase: open }: ProfileIdentityInit): (wallet: StoredWallet) => Promise<string> {
  return open ?? (async (wallet) => plainPhrase(wallet))
}

/**
 * What a wallet is asked to sign for this device, for a year.
 *
 * @param chainId that an injected wallet is set to: most refuse a domain of another; a burner signs for 0
 */
export function deviceFields(
  people: Address,
  { device, machine, now, scope = DEVICE_SCOPES }: DeviceOnMachine,
  chainId = 0n,
): DelegationFields {
  const seconds = Math.floor(now() / 1_000)
  return {
    people,
    deviceKey: device.publicKey,
    scope,
    machine,
    notBefore: seconds - BACKDATE_S,
    notAfter: seconds + VALID_DAYS * DAY_S,
    // grows with each renewal, so that the newest is known
    nonce: BigInt(seconds),
    chainId,
    contract: new Uint8Array(20),
  }
}

/** Does a delegation allow this device to sign here, and for `daysMore` to come? */
export function isUsable(
  delegation: Bytes,
  { device, machine, now, scope: wanted = DEVICE_SCOPES }: DeviceOnMachine,
  daysMore = RENEW_DAYS,
): boolean {
  try {
    const { deviceKey, machine: ofMachine, notBefore, notAfter, scope } = decodeDelegation(delegation)
    const seconds = now() / 1_000
    // a clock that was ahead when it was made leaves one that does not hold yet
    const holds = notBefore <= seconds && notAfter > seconds + daysMore * DAY_S
    // one of before there were objects
    if (!wanted.every((name) => scope.includes(name))) return false
    return holds && equalBytes(deviceKey, device.publicKey) && equalBytes(ofMachine, machine)
  } catch {
    return false // damaged: a new one is signed
  }
}

function toProfileIdentity(
  wallet: StoredWallet,
  delegation: Bytes,
  init: ProfileIdentityInit,
): ProfileIdentity {
  return {
    identity: { neuron: wallet.address, device: init.device, delegation },
    burner: true,
    sealed: typeof wallet.phrase !== 'string',
    // read anew: a passphrase may have been set since
    phrase: async () => openPhrase(init)((await init.store.get()) ?? wallet),
  }
}
