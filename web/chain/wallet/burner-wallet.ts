import { keccak256 } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type Bytes, equalBytes, fromHex, toHex } from '#core/bytes.ts'
import { delegationTypedData } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import type { Hex } from '../hex.ts'
import { deriveSecret } from '../wallet.ts'
import { walletError } from './wallet-errors.ts'
import type { TypedData, UnsignedTransaction, Wallet } from './wallet-types.ts'

export interface BurnerWalletInit {
  readonly address: Address
  /** asks its person where it is sealed; an AbortError when they decline */
  readonly phrase: () => Promise<string>
  /** hands a signed transaction to the chain */
  readonly broadcast: (raw: Hex) => Promise<unknown>
}

/** The wallet made in this tab ([CH16]): it signs here, and its phrase is read for each signature and forgotten. */
export function createBurnerWallet({ address, phrase, broadcast }: BurnerWalletInit): Wallet {
  async function account(): Promise<PrivateKeyAccount> {
    const opened = privateKeyToAccount(`0x${toHex(await deriveSecret(await phrase()))}`)
    if (equalBytes(fromHex(opened.address.slice(2)), address)) return opened
    throw walletError(
      'WALLET_GONE',
      'The recovery phrase stored here belongs to another wallet. Reload the page.',
    )
  }
  const signTypedData = async (data: TypedData): Promise<Hex> =>
    (await account()).signTypedData(data as Parameters<PrivateKeyAccount['signTypedData']>[0])

  return {
    kind: 'burner',
    name: 'This tab',
    address,
    signTypedData,
    async signDelegation(fields) {
      return fromHex((await signTypedData(delegationTypedData(fields))).slice(2)) as Bytes
    },
    async send(transaction, onSigned) {
      const raw = await (await account()).signTransaction(toViem(transaction))
      const hash = keccak256(raw)
      await onSigned({ hash, raw })
      await broadcast(raw)
      return hash
    },
  }
}

function toViem(transaction: UnsignedTransaction) {
  const { chainId, to, data, nonce, gas } = transaction
  return {
    type: 'eip1559',
    chainId,
    to,
    data,
    nonce,
    gas,
    value: transaction.valueWei,
    maxFeePerGas: transaction.maxFeePerGasWei,
    maxPriorityFeePerGas: transaction.maxPriorityFeePerGasWei,
  } as const
}
