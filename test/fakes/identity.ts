import { secp256k1 } from '@noble/curves/secp256k1.js'
import { concat } from '#core/bytes.ts'
import {
  addressOf,
  DEVICE_SCOPES,
  type DelegationFields,
  delegationHash,
  encodeDelegation,
  sealDelegation,
} from '#core/delegation.ts'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import { createDeviceKey } from '#peer/device-key.ts'

/** 2026-11-20T00:00:00Z, unix ms: the clock of the tests. */
export const TEST_NOW = 1_795_132_800_000

export interface FakeIdentityInit {
  readonly network?: NetworkName
  /** wallet 1..2³²; devices of one wallet share it @default the device's number */
  readonly wallet?: number
  readonly change?: Partial<DelegationFields>
}

/** An identity that is the same each time: device and wallet from small numbers. */
export async function fakeIdentity(device: number, init: FakeIdentityInit = {}): Promise<Identity> {
  const { network = 'test', wallet = device, change = {} } = init
  const key = await createDeviceKey(seedOf(device, 1))
  const secret = seedOf(wallet, 2)
  const neuron = addressOf(secp256k1.getPublicKey(secret, false))
  const fields: DelegationFields = {
    people: neuron,
    deviceKey: key.publicKey,
    scope: DEVICE_SCOPES,
    machine: machineOf(network),
    notBefore: TEST_NOW / 1_000 - 86_400,
    notAfter: TEST_NOW / 1_000 + 300 * 86_400,
    nonce: 0n,
    chainId: 0n,
    contract: new Uint8Array(20),
    ...change,
  }
  const recovered = secp256k1.sign(delegationHash(fields), secret, { prehash: false, format: 'recovered' })
  const signature = concat(recovered.subarray(1), recovered.subarray(0, 1))
  return { neuron, device: key, delegation: encodeDelegation(sealDelegation(fields, signature)) }
}

function seedOf(number: number, kind: number): Uint8Array<ArrayBuffer> {
  const seed = new Uint8Array(32)
  const view = new DataView(seed.buffer)
  view.setUint32(0, kind)
  view.setUint32(28, number + 1)
  return seed
}
