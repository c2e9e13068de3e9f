import { encodeFunctionData } from 'viem'
import { cybrAbi } from '#contracts/cybr.ts'
import { type Hex, parseData, parseList, parseQuantity } from '../hex.ts'
import type { Ask } from './chain-calls.ts'
import type { WriteChain } from './chain-config.ts'
import { writeError } from './write-errors.ts'

/** Fees of some thousand writes on a chain where a coin is worth nothing. */
const COIN_WEI = 10n * 10n ** 18n
/** A few first bids; below what a wallet made in a tab is for. */
const CYBR_WEI = 500n * 10n ** 18n
const MAX_ACCOUNTS = 100

/**
 * Gives a wallet coins and CYBR of accounts that a local node signs for; no other chain has any.
 *
 * @throws TX_NO_CHAIN where the node has none that has CYBR
 */
export async function useFaucet(to: Hex, chain: WriteChain, ask: Ask): Promise<void> {
  const { cybr } = chain.contracts
  if (!chain.isTest || cybr === undefined) throw noFaucet(chain)
  const accounts = parseList(await ask('eth_accounts', []), 'accounts', MAX_ACCOUNTS)
  for (const account of accounts.map((each) => parseData(each, 'account', 20))) {
    const data = encodeFunctionData({ abi: cybrAbi, functionName: 'balanceOf', args: [account] })
    const held = parseQuantity(toQuantity(await ask('eth_call', [{ to: cybr, data }, 'latest'])), 'balance')
    if (held < CYBR_WEI || account === to) continue
    const transfer = encodeFunctionData({ abi: cybrAbi, functionName: 'transfer', args: [to, CYBR_WEI] })
    await ask('eth_sendTransaction', [{ from: account, to, value: `0x${COIN_WEI.toString(16)}` }])
    await ask('eth_sendTransaction', [{ from: account, to: cybr, data: transfer }])
    return
  }
  throw noFaucet(chain)
}

/** A word without its leading zeros. */
function toQuantity(word: unknown): unknown {
  return typeof word === 'string' ? `0x${word.slice(2).replace(/^0+(?=.)/, '')}` : word
}

function noFaucet({ name }: WriteChain): Error {
  return writeError('TX_NO_CHAIN', `${name} has no faucet. Ask somebody who has CYBR.`)
}
