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

const DAY_S = 86_400
const VALID_DAYS = 365
/** A delegation that ends within this time is renewed, so that no record is signed at its very end. */
const RENEW_DAYS = 30
/** A record's clock may be behind the delegation's: other devices are a little off. */
const BACKDATE_S = 3_600

/** What a profile keeps of its wallet. */
export interface StoredWallet {
  readonly phrase: string
  readonly address: Address
  /** encoded delegations by machine id (hexadecimal) */
  readonly delegations: Readonly<Record<string, Bytes>>
}

/** Where a profile's wallet lies: IndexedDB in a tab, a file in Node.js. */
export interface WalletStore {
  get(): Promise<StoredWallet | undefined>
  put(wallet: StoredWallet): Promise<void>
  /** Runs `task` while no other tab or process of the profile does. */
  exclusive<T>(task: () => Promise<T>): Promise<T>
}

export interface ProfileIdentityInit {
  readonly device: DeviceKey
  readonly store: WalletStore
  /** machine id, 32 bytes, and its hexadecimal form */
  readonly machine: Bytes
  readonly machineHex: string
  /** unix ms */
  readonly now: () => number
  /** what the wallet allows the device @default DEVICE_SCOPES */
  readonly scope?: readonly Scope[]
}

export interface ProfileIdentity {
  readonly identity: Identity
  readonly burner: boolean
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
    const phrase = before?.phrase ?? createPhrase()
    const wallet = await openBurnerWallet(phrase)
    const fields = newFields(wallet.address, init)
    const delegation = encodeDelegation(sealDelegation(fields, wallet.signDelegation(fields)))
    const stored = {
      phrase,
      address: wallet.address,
      delegations: { ...before?.delegations, [init.machineHex]: delegation },
    }
    await init.store.put(stored)
    return toProfileIdentity(stored, delegation, init)
  })
}

function newFields(
  people: Address,
  { device, machine, now, scope = DEVICE_SCOPES }: ProfileIdentityInit,
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
    chainId: 0n,
    contract: new Uint8Array(20),
  }
}

function isUsable(
  delegation: Bytes,
  { device, machine, now, scope: wanted = DEVICE_SCOPES }: ProfileIdentityInit,
): boolean {
  try {
    const { deviceKey, machine: ofMachine, notBefore, notAfter, scope } = decodeDelegation(delegation)
    const seconds = now() / 1_000
    // a clock that was ahead when it was made leaves one that does not hold yet
    const holds = notBefore <= seconds && notAfter > seconds + RENEW_DAYS * DAY_S
    // one of before there were objects
    if (!wanted.every((name) => scope.includes(name))) return false
    return holds && equalBytes(deviceKey, device.publicKey) && equalBytes(ofMachine, machine)
  } catch {
    return false // damaged: a new one is signed
  }
}

function toProfileIdentity(
  { address, phrase }: StoredWallet,
  delegation: Bytes,
  { device }: ProfileIdentityInit,
): ProfileIdentity {
  return {
    identity: { neuron: address, device, delegation },
    burner: true,
    phrase: async () => phrase,
  }
}
