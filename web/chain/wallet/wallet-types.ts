import type { Bytes } from '#core/bytes.ts'
import type { DelegationFields } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import type { Hex } from '../hex.ts'

/** A transaction of EIP-1559, whole but for its signature. */
export interface UnsignedTransaction {
  readonly chainId: number
  readonly to: Hex
  readonly data: Hex
  readonly valueWei: bigint
  readonly nonce: number
  readonly gas: bigint
  readonly maxFeePerGasWei: bigint
  readonly maxPriorityFeePerGasWei: bigint
}

/** What EIP-712 signs, as `eth_signTypedData_v4` takes it. */
export interface TypedData {
  readonly domain: Readonly<Record<string, unknown>>
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>
  readonly primaryType: string
  readonly message: Readonly<Record<string, unknown>>
}

/** A transaction that can be sent again by anyone who has it. */
export interface SignedTransaction {
  readonly hash: Hex
  readonly raw: Hex
}

/**
 * A wallet of the person: made in this tab, or the browser's ([CH16]). One interface: nothing above it asks which.
 */
export interface Wallet {
  readonly kind: 'burner' | 'injected'
  /** as it is shown: "Made in this tab", or what the extension calls itself */
  readonly name: string
  readonly address: Address
  /** EIP-712 signature of a device's authorisation, 65 bytes. @throws WALLET_REJECTED */
  signDelegation(fields: DelegationFields): Promise<Bytes>
  /** EIP-712 signature, 65 bytes in hexadecimal digits. @throws WALLET_REJECTED */
  signTypedData(data: TypedData): Promise<Hex>
  /**
   * Signs and sends. A wallet that lets us have the signed transaction tells it before it is sent, so that it can be
   * kept first; what `onSigned` throws keeps it from being sent.
   *
   * @returns its hash
   * @throws WALLET_REJECTED, WALLET_CHAIN, WALLET_BUSY, WALLET_GONE, or what the endpoint says
   */
  send(transaction: UnsignedTransaction, onSigned: (signed: SignedTransaction) => Promise<void>): Promise<Hex>
}
