import type { WriteIntent } from '#api/wallet-types.ts'
import { toHex } from '#core/bytes.ts'
import { BURNER_CAP_WEI, formatCybr } from '#core/money.ts'
import { type Hex, hexOf, wordBytes } from '../hex.ts'
import { CYBR_ALLOWANCES, mappingSlot } from '../storage-slots.ts'
import type { ChainCalls, Fees } from './chain-calls.ts'
import type { WriteChain } from './chain-config.ts'
import { UNSIGNED_PERMIT } from './permit.ts'
import { parseWriteFailure, writeError } from './write-errors.ts'
import { amountsOf, type EncodedWrite, encodeIntent } from './write-intents.ts'

/** A write that was tried out: what it does, and what it costs at most. */
export interface PreparedWrite {
  readonly intent: WriteIntent
  readonly encoded: EncodedWrite
  readonly gas: bigint
  readonly fees: Fees
  /** gas times the highest price, of the chain's coin */
  readonly maxFeeWei: bigint
}

export interface PrepareInit {
  readonly chain: WriteChain
  readonly calls: ChainCalls
  readonly explain: (data: string) => string | undefined
}

/** State may change until the block comes. */
const GAS_MARGIN = { times: 5n, over: 4n }
/** A permit's signature is checked and its allowance written: 51,000 as measured, rounded up. */
const PERMIT_GAS = 60_000n

/**
 * Tries a write out, asking nobody: that the chain is the right one, that the contract takes it, that the wallet can pay.
 *
 * @throws TX_CHAIN, TX_BALANCE, TX_CAP, TX_FUNDS, TX_RECEIVER, TX_REVERTED, TX_NO_CHAIN, RPC_UNREACHABLE
 */
export async function prepareWrite(
  intent: WriteIntent,
  wallet: { readonly kind: 'burner' | 'injected'; readonly address: Uint8Array },
  { chain, calls, explain }: PrepareInit,
): Promise<PreparedWrite> {
  const encoded = encodeIntent(intent, chain.contracts)
  await assertChain(chain, calls)
  const from: Hex = `0x${toHex(wallet.address)}`
  try {
    const [gas, fees, balanceWei] = await Promise.all([
      estimate(encoded, from, { chain, calls }),
      calls.fees(),
      calls.balance(from),
    ])
    // after the trying: who has less than the cap hears of what there is first
    assertCap(intent, wallet.kind)
    const maxFeeWei = gas * fees.maxFeePerGasWei
    if (balanceWei < maxFeeWei + encoded.valueWei) throw noFunds(chain)
    return { intent, encoded, gas, fees, maxFeeWei }
  } catch (error) {
    throw parseWriteFailure(error, explain)
  }
}

function assertCap(intent: WriteIntent, kind: 'burner' | 'injected'): void {
  // what is sent away for good is what the cap wants: it stays possible
  if (kind !== 'burner' || intent.kind === 'send' || amountsOf(intent).cybrWei <= BURNER_CAP_WEI) return
  throw writeError(
    'TX_CAP',
    `A wallet made in a tab pays at most ${formatCybr(BURNER_CAP_WEI)} CYBR at once, since whoever serves the page could take what it holds. Use a wallet of your browser for more.`,
  )
}

async function assertChain(chain: WriteChain, calls: ChainCalls): Promise<void> {
  const id = await calls.chainId()
  if (id === chain.id) return
  throw writeError(
    'TX_CHAIN',
    `The endpoint serves chain ${id}, and this page is for ${chain.name}, ${chain.id}. Nothing was sent.`,
  )
}

async function estimate(
  encoded: EncodedWrite,
  from: Hex,
  { chain, calls }: Pick<PrepareInit, 'chain' | 'calls'>,
): Promise<bigint> {
  const { to, valueWei, pays } = encoded
  const call = { from, to, valueWei, data: encoded.data(pays === undefined ? undefined : UNSIGNED_PERMIT) }
  const { cybr } = chain.contracts
  if (pays === undefined || cybr === undefined) return withMargin(await calls.estimateGas(call))
  // nothing is signed yet: as if the allowance stood there already
  const slot = allowanceSlot(from, pays.spender)
  const given = { [cybr]: { stateDiff: { [slot]: `0x${'00'.repeat(16)}${'ff'.repeat(16)}` } } }
  return withMargin(await calls.estimateGas(call, given)) + PERMIT_GAS
}

function withMargin(gas: bigint): bigint {
  return (gas * GAS_MARGIN.times) / GAS_MARGIN.over
}

function allowanceSlot(owner: Hex, spender: Hex): Hex {
  return hexOf(wordBytes(mappingSlot(spender, mappingSlot(owner, CYBR_ALLOWANCES))))
}

function noFunds({ coin }: WriteChain): Error {
  return writeError(
    'TX_FUNDS',
    `This wallet has too little ${coin} for the amount and the fee. Nothing was sent.`,
  )
}
