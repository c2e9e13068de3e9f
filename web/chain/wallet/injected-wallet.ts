import { type Bytes, equalBytes, fromHex, toHex } from '#core/bytes.ts'
import { delegationTypedData, formatAddress, parseAddress } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import type { Hex } from '../hex.ts'
import type { Eip1193Provider, OfferedWallet } from './announced-wallets.ts'
import { parseWalletFailure, walletError } from './wallet-errors.ts'
import type { TypedData, UnsignedTransaction, Wallet } from './wallet-types.ts'

/** What a wallet needs to know of a chain that it does not have yet (EIP-3085). */
export interface ChainToAdd {
  readonly id: number
  readonly name: string
  readonly rpcUrls: readonly string[]
  readonly coin: string
}

/** "Unrecognised chain": EIP-3326 */
const CHAIN_UNKNOWN = 4902

export interface InjectedWallet extends Wallet {
  /** the chain that it is set to */
  chainId(): Promise<bigint>
  /** Asks it to go to a chain, telling it of one that it lacks. @throws WALLET_REJECTED, WALLET_CHAIN */
  switchTo(chain: ChainToAdd): Promise<void>
}

/**
 * Asks a wallet of the browser for an account.
 *
 * @param how `quietly` takes what it allowed before and opens no window
 * @throws WALLET_REJECTED, WALLET_BUSY, WALLET_GONE
 */
export async function connectInjected(
  offered: OfferedWallet,
  how: 'asking' | 'quietly' = 'asking',
): Promise<InjectedWallet> {
  const call = caller(offered)
  const accounts = await call(how === 'asking' ? 'eth_requestAccounts' : 'eth_accounts')
  const [first] = Array.isArray(accounts) ? accounts : []
  if (typeof first !== 'string') {
    throw walletError('WALLET_GONE', `${offered.name} shows no account to this page. Connect it again.`)
  }
  return createInjectedWallet(offered, parseAddress(first))
}

export function createInjectedWallet(offered: OfferedWallet, address: Address): InjectedWallet {
  const { name } = offered
  const call = caller(offered)
  const from = formatAddress(address)

  /** The person may have switched to another account since. */
  async function requireAccount(): Promise<void> {
    const accounts = await call('eth_accounts')
    const shown = Array.isArray(accounts) ? accounts.filter((each) => typeof each === 'string') : []
    if (shown.some((each) => equalBytes(parseAddress(each), address))) return
    throw walletError(
      'WALLET_GONE',
      `${name} no longer shows ${from} to this page. Choose that account there, or connect again.`,
    )
  }

  async function chainId(): Promise<bigint> {
    const id = await call('eth_chainId')
    if (typeof id === 'string' && /^0x[0-9a-f]{1,16}$/i.test(id)) return BigInt(id)
    throw walletError('WALLET_CHAIN', `${name} names no chain: it says "${String(id).slice(0, 40)}".`)
  }

  async function signTypedData(data: TypedData): Promise<Hex> {
    await requireAccount()
    const signature = await call('eth_signTypedData_v4', from, JSON.stringify(toPlainTypedData(data)))
    if (isHex(signature)) return signature
    throw walletError('WALLET_ANSWER', `${name} gave no signature. Try again, or use another wallet.`)
  }

  return {
    kind: 'injected',
    name,
    address,
    chainId,
    signTypedData,
    async signDelegation(fields) {
      return fromHex((await signTypedData(delegationTypedData(fields))).slice(2)) as Bytes
    },
    async send(transaction) {
      await requireAccount()
      const id = await chainId()
      if (id !== BigInt(transaction.chainId)) {
        throw walletError(
          'WALLET_CHAIN',
          `${name} is set to chain ${id}, and this is for chain ${transaction.chainId}. Switch it there, then try again.`,
        )
      }
      const hash = await call('eth_sendTransaction', toRpcTransaction(from, transaction))
      if (isHex(hash) && hash.length === 66) return hash
      throw walletError(
        'WALLET_ANSWER',
        `${name} gave no hash of the transaction. Look there whether it was sent.`,
      )
    },
    async switchTo(chain) {
      const target = { chainId: `0x${chain.id.toString(16)}` }
      try {
        await call('wallet_switchEthereumChain', target)
      } catch (error) {
        if (codeOf(error) !== CHAIN_UNKNOWN) throw error
        await call('wallet_addEthereumChain', {
          ...target,
          chainName: chain.name,
          rpcUrls: chain.rpcUrls,
          nativeCurrency: { name: chain.coin, symbol: chain.coin, decimals: 18 },
        })
      }
      const id = await chainId()
      if (id === BigInt(chain.id)) return
      throw walletError('WALLET_CHAIN', `${name} stayed at chain ${id}. Switch it to ${chain.name} there.`)
    },
  }
}

function caller({ name, provider }: { readonly name: string; readonly provider: Eip1193Provider }) {
  return async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
    try {
      return await provider.request(params.length === 0 ? { method } : { method, params })
    } catch (error) {
      throw parseWalletFailure(error, name)
    }
  }
}

/** Wallets nest the code of what they wrap. */
function codeOf(error: unknown): unknown {
  const { code, data } = (error ?? {}) as {
    readonly code?: unknown
    readonly data?: { readonly originalError?: { readonly code?: unknown } }
  }
  return data?.originalError?.code ?? code
}

function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value) && value.length <= 1_000
}

/** The nonce is ours, so that what is sent twice replaces itself; wallets show fees as we ask for them. */
function toRpcTransaction(from: string, transaction: UnsignedTransaction) {
  const { to, data, valueWei, nonce, gas, maxFeePerGasWei, maxPriorityFeePerGasWei } = transaction
  return {
    from,
    to,
    data,
    value: quantity(valueWei),
    nonce: quantity(BigInt(nonce)),
    gas: quantity(gas),
    maxFeePerGas: quantity(maxFeePerGasWei),
    maxPriorityFeePerGas: quantity(maxPriorityFeePerGasWei),
  }
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`
}

const DOMAIN_FIELDS: Readonly<Record<string, string>> = {
  name: 'string',
  version: 'string',
  chainId: 'uint256',
  verifyingContract: 'address',
}

/** JSON has no bigint; the domain's type has to be told too. */
function toPlainTypedData({ domain, types, primaryType, message }: TypedData) {
  const named = Object.keys(DOMAIN_FIELDS).filter((name) => name in domain)
  const EIP712Domain = named.map((name) => ({ name, type: DOMAIN_FIELDS[name] }))
  return {
    domain: plain(domain),
    types: { EIP712Domain, ...types },
    primaryType,
    message: plain(message),
  }
}

function plain(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'bigint' ? value.toString() : value instanceof Uint8Array ? `0x${toHex(value)}` : value,
  ])
  return Object.fromEntries(entries)
}
