import type { Bytes } from './bytes.ts'

/** A wallet's address, 20 bytes: the *neuron* of the graph, the *People* of objects. */
export type Address = Bytes

/** The Device key of a browser profile: Ed25519, non-extractable in a browser ([OB7]). */
export interface DeviceKey {
  /** 32 bytes */
  readonly publicKey: Bytes
  /** Ed25519 signature, 64 bytes */
  sign(message: Uint8Array): Promise<Bytes>
}

/** Who signs the records of this tab: a device, the wallet that authorised it, and the proof of that. */
export interface Identity {
  readonly neuron: Address
  readonly device: DeviceKey
  /** the encoded Delegation with the wallet's signature; travels with every record */
  readonly delegation: Bytes
}
