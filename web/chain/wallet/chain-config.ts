import type { Hex } from '../hex.ts'

/** Contracts that the page reads or writes to. */
export type ContractName =
  | 'cybr'
  | 'land'
  | 'landGrid'
  | 'landSale'
  | 'planet'
  | 'model'
  | 'access'
  | 'governor'
  | 'timelock'
  | 'conduct'
  | 'districts'
  | 'stake'

/** Those that stand on a chain; more may. */
export type ContractAddresses = Readonly<Partial<Record<ContractName, Hex>>>

/** The chain that a page is for. */
export interface WriteChain {
  readonly id: number
  readonly name: string
  /** symbol of what fees are paid in */
  readonly coin: string
  /** its coins are worth nothing: there is a faucet */
  readonly isTest: boolean
  /** where a wallet of the browser finds it */
  readonly rpcUrls: readonly string[]
  readonly contracts: ContractAddresses
}
