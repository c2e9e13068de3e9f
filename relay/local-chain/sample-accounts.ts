import { mnemonicToSeed } from '@scure/bip39'
import type { Address } from 'viem'
import { HDKey, hdKeyToAccount } from 'viem/accounts'
import { PUBLIC_PHRASE } from '../sample-author.ts'

/** Accounts of the samples' wallet: no secret, and nobody's. */
export interface SampleAccounts {
  /** signs the sample world */
  readonly author: Address
  /** sign the links of the sample world and of WordNet, the author among them */
  readonly linkers: readonly Address[]
  /** among whom the sample's parcels are divided: neighbours, as in a real street */
  readonly owners: readonly Address[]
}

const LINKERS = [0, 1, 2]
const OWNERS = [3, 4, 5, 6]

export async function sampleAccounts(): Promise<SampleAccounts> {
  // the seed takes longer than all accounts of it
  const wallet = HDKey.fromMasterSeed(await mnemonicToSeed(PUBLIC_PHRASE))
  const address = (addressIndex: number): Address => hdKeyToAccount(wallet, { addressIndex }).address
  return { author: address(0), linkers: LINKERS.map(address), owners: OWNERS.map(address) }
}
