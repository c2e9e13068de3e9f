import { decodeFunctionResult, encodeFunctionData } from 'viem'
import { cybrAbi } from '#contracts/cybr.ts'
import type { Hex } from '../hex.ts'
import type { ChainCalls } from './chain-calls.ts'
import { walletError } from './wallet-errors.ts'
import type { TypedData, Wallet } from './wallet-types.ts'

/** An ERC-2612 permit as our contracts take it. */
export interface SignedPermit {
  readonly value: bigint
  /** unix seconds */
  readonly deadline: bigint
  readonly v: number
  readonly r: Hex
  readonly s: Hex
}

export interface PermitRequest {
  readonly chainId: number
  readonly cybr: Hex
  readonly owner: Hex
  readonly spender: Hex
  readonly amountWei: bigint
  /** unix ms */
  readonly now: number
}

/** A permit is used within minutes; an hour bears a slow block and a clock that is a little off. */
const VALID_S = 3_600

/** Has a wallet allow a contract to take exactly this much, for an hour. @throws WALLET_REJECTED */
export async function signPermit(
  wallet: Wallet,
  request: PermitRequest,
  calls: ChainCalls,
): Promise<SignedPermit> {
  const { chainId, cybr, owner, spender, amountWei, now } = request
  // contracts go by the chain's clock, which may be ahead of ours
  const from = Math.max(Math.floor(now / 1_000), await calls.blockTime())
  const deadline = BigInt(from + VALID_S)
  const nonce = await readNonce(cybr, owner, calls)
  const message = { owner, spender, value: amountWei, nonce, deadline }
  const signature = await wallet.signTypedData(permitData({ chainId, cybr, message }))
  if (signature.length !== 132) {
    throw walletError(
      'WALLET_ANSWER',
      `${wallet.name} gave a signature that is not a key's. Use another wallet.`,
    )
  }
  const last = Number.parseInt(signature.slice(130), 16)
  return {
    value: amountWei,
    deadline,
    r: `0x${signature.slice(2, 66)}`,
    s: `0x${signature.slice(66, 130)}`,
    v: last < 27 ? last + 27 : last,
  }
}

/** One that no key made, to try out what it costs. */
export const UNSIGNED_PERMIT: SignedPermit = {
  value: 0n,
  deadline: 0n,
  v: 27,
  r: `0x${'11'.repeat(32)}`,
  s: `0x${'11'.repeat(32)}`,
}

async function readNonce(cybr: Hex, owner: Hex, calls: ChainCalls): Promise<bigint> {
  const data = encodeFunctionData({ abi: cybrAbi, functionName: 'nonces', args: [owner] })
  const answer = await calls.call({ from: owner, to: cybr, data, valueWei: 0n })
  return decodeFunctionResult({ abi: cybrAbi, functionName: 'nonces', data: answer })
}

function permitData({
  chainId,
  cybr,
  message,
}: {
  readonly chainId: number
  readonly cybr: Hex
  readonly message: Readonly<Record<string, unknown>>
}): TypedData {
  return {
    domain: { name: 'Cyber', version: '1', chainId: BigInt(chainId), verifyingContract: cybr },
    types: {
      Permit: [
        { name: 'owner', type: 'address' },
        { name: 'spender', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'Permit',
    message,
  }
}
