import { privateKeyToAccount } from 'viem/accounts'
import type { Eip1193Provider } from '#chain/wallet/announced-wallets.ts'

/** A wallet extension that a test drives: it signs with a key of its own and says yes until told otherwise. */
export interface FakeProvider extends Eip1193Provider {
  readonly address: string
  /** methods asked for, oldest first */
  readonly asked: string[]
  chainId: number
  /** what it throws when asked for this method */
  refuse: Map<string, { readonly code: number; readonly message: string }>
  /** accounts that it shows */
  accounts: readonly string[]
}

/** anvil's second account */
const KEY = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'

export interface FakeProviderInit {
  /** asked of what the wallet does not answer itself: a chain */
  readonly forward?: (method: string, params: readonly unknown[]) => Promise<unknown>
}

export function createFakeProvider({ forward }: FakeProviderInit = {}): FakeProvider {
  const account = privateKeyToAccount(KEY)
  const provider: FakeProvider = {
    address: account.address,
    asked: [],
    chainId: 31_337,
    refuse: new Map(),
    accounts: [account.address],
    async request({ method, params = [] }) {
      provider.asked.push(method)
      const refusal = provider.refuse.get(method)
      if (refusal !== undefined) throw Object.assign(new Error(refusal.message), refusal)
      switch (method) {
        case 'eth_requestAccounts':
        case 'eth_accounts':
          return provider.accounts
        case 'eth_chainId':
          return `0x${provider.chainId.toString(16)}`
        case 'wallet_switchEthereumChain':
        case 'wallet_addEthereumChain':
          provider.chainId = Number((params[0] as { chainId: string }).chainId)
          return null
        case 'eth_signTypedData_v4':
          return account.signTypedData(JSON.parse(params[1] as string))
        case 'eth_sendTransaction':
          return send(params[0] as Record<string, `0x${string}`>)
        default:
          throw Object.assign(new Error(`The fake wallet has no ${method}`), { code: -32_601 })
      }
    },
  }

  async function send(asked: Record<string, `0x${string}`>): Promise<unknown> {
    const raw = await account.signTransaction({
      type: 'eip1559',
      chainId: provider.chainId,
      to: asked.to as `0x${string}`,
      data: asked.data as `0x${string}`,
      value: BigInt(asked.value as string),
      nonce: Number(asked.nonce),
      gas: BigInt(asked.gas as string),
      maxFeePerGas: BigInt(asked.maxFeePerGas as string),
      maxPriorityFeePerGas: BigInt(asked.maxPriorityFeePerGas as string),
    })
    if (forward === undefined) throw new Error('The fake wallet knows no chain')
    return forward('eth_sendRawTransaction', [raw])
  }
  return provider
}

/** Announces a wallet as an extension does: at once, and whenever the page asks. */
export function announceProvider(
  target: EventTarget,
  provider: Eip1193Provider,
  info: Readonly<Record<string, unknown>> = { uuid: '1', name: 'Test Wallet', rdns: 'org.example.wallet' },
): void {
  const tell = () => {
    target.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: { info, provider } }))
  }
  target.addEventListener('eip6963:requestProvider', tell)
  tell()
}
