import type { Address, Hex } from 'viem'
import type { TestChain } from './anvil.ts'

/** What contracts take as a `Permit`. */
export interface SignedPermit {
  readonly value: bigint
  readonly deadline: bigint
  readonly v: number
  readonly r: Hex
  readonly s: Hex
}

interface PermitTerms {
  readonly token: Address
  /** one of the chain's accounts */
  readonly owner: Address
  readonly spender: Address
  readonly value: bigint
  readonly nonce: bigint
}

/** Signs an ERC-2612 permit for CYBR that ends in an hour. */
export async function signPermit(
  chain: TestChain,
  { token, owner, spender, value, nonce }: PermitTerms,
): Promise<SignedPermit> {
  const signer = chain.signers.find(({ address }) => address === owner)
  if (signer === undefined) throw new Error(`No key of ${owner}.`)
  const deadline = (await chain.now()) + 3_600n
  const signature = await signer.signTypedData({
    domain: { name: 'Cyber', version: '1', chainId: 31_337, verifyingContract: token },
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
    message: { owner, spender, value, nonce, deadline },
  })
  const v = Number.parseInt(signature.slice(130), 16)
  return { value, deadline, v, r: `0x${signature.slice(2, 66)}`, s: `0x${signature.slice(66, 130)}` }
}
