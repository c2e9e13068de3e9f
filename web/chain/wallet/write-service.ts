import type { Balances, TransactionState, WriteIntent } from '#api/wallet-types.ts'
import { toHex } from '#core/bytes.ts'
import type { Address } from '#core/identity.ts'
import type { Timers } from '#core/timers.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import { ACCESS_INCOME, CYBR_BALANCES, mappingSlot, SALE_REFUNDS } from '../storage-slots.ts'
import { type Ask, createChainCalls } from './chain-calls.ts'
import type { WriteChain } from './chain-config.ts'
import { explainRevert } from './contract-words.ts'
import { signPermit } from './permit.ts'
import { type PreparedWrite, prepareWrite } from './prepare-write.ts'
import { readStakeBalance } from './stake-writes.ts'
import { createTransactionLog, type TransactionLog } from './transaction-log.ts'
import type { TransactionStore } from './transaction-store.ts'
import type { LoggedTransaction } from './transaction-types.ts'
import type { Wallet } from './wallet-types.ts'
import { parseWriteFailure } from './write-errors.ts'

export interface WriteServiceInit {
  readonly chain: WriteChain
  readonly ask: Ask
  readonly reader: ChainReader
  readonly store: TransactionStore
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
  readonly newId: () => string
}

/** Everything that a tab writes to its chain, and what a wallet holds there. */
export interface WriteService {
  readonly chain: WriteChain
  readonly log: TransactionLog
  /** Tries a write out, asking nobody. @throws TX_…, RPC_UNREACHABLE */
  prepare(intent: WriteIntent, wallet: Pick<Wallet, 'kind' | 'address'>): Promise<PreparedWrite>
  /** Has the wallet sign what was prepared, and sends it. @throws WALLET_…, TX_… */
  send(prepared: PreparedWrite, wallet: Wallet): Promise<LoggedTransaction>
  /** Proved against the newest block. @throws HEADER_DISPUTED, RPC_UNREACHABLE */
  balances(of: Address): Promise<Omit<Balances, 'address'>>
  broadcast(raw: Hex): Promise<unknown>
}

export function createWriteService(init: WriteServiceInit): WriteService {
  const { chain, ask, reader, now } = init
  const calls = createChainCalls(ask)
  const explain = explainRevert
  const log = createTransactionLog({ ...init, chainId: chain.id, calls, explain })
  const { cybr, landSale, access, stake } = chain.contracts

  async function permitted({ encoded }: PreparedWrite, wallet: Wallet): Promise<Hex> {
    const { pays } = encoded
    if (pays === undefined || cybr === undefined) return encoded.data()
    const owner: Hex = `0x${toHex(wallet.address)}`
    const request = { chainId: chain.id, cybr, owner, ...pays, now: now() }
    try {
      return encoded.data(await signPermit(wallet, request, calls))
    } catch (error) {
      throw parseWriteFailure(error, explain)
    }
  }

  /** With the permit it can be tried out whole: what would fail in its block is not sent. */
  async function tryOut(
    { to, data, valueWei }: { readonly to: Hex; readonly data: Hex; readonly valueWei: bigint },
    wallet: Wallet,
  ): Promise<void> {
    try {
      await calls.call({ from: `0x${toHex(wallet.address)}`, to, data, valueWei })
    } catch (error) {
      throw parseWriteFailure(error, explain)
    }
  }

  return {
    chain,
    log,
    prepare: (intent, wallet) => prepareWrite(intent, wallet, { chain, calls, explain }),
    async send(prepared, wallet) {
      const { intent, encoded, gas, fees } = prepared
      const data = await permitted(prepared, wallet)
      if (encoded.pays !== undefined) await tryOut({ ...encoded, data }, wallet)
      return log.send({ intent, to: encoded.to, data, valueWei: encoded.valueWei, gas, fees }, wallet)
    },
    async balances(neuron) {
      const who: Hex = `0x${toHex(neuron)}`
      const header = await reader.head()
      const slotOf = async (contract: Hex | undefined, mapping: bigint) => {
        if (contract === undefined) return 0n
        const { slots } = await reader.account(header, contract, { slots: [mappingSlot(who, mapping)] })
        return slots[0] ?? 0n
      }
      const [{ account }, cybrWei, refundWei, incomeWei, staked] = await Promise.all([
        reader.account(header, who),
        slotOf(cybr, CYBR_BALANCES),
        slotOf(landSale, SALE_REFUNDS),
        slotOf(access, ACCESS_INCOME),
        stake && readStakeBalance(who, { reader, calls, header, stake }),
      ])
      const of = staked === undefined ? {} : { stake: staked }
      return { coinWei: account.balanceWei, cybrWei, refundWei, incomeWei, ...of, block: header.number }
    },
    broadcast: calls.sendRaw,
  }
}

/** As the page shows it. */
export function toTransactionState({
  id,
  intent,
  at,
  hash,
  status,
  failure,
}: LoggedTransaction): TransactionState {
  return {
    id,
    intent,
    at,
    stage: status.kind,
    ...(hash === undefined ? {} : { hash }),
    ...('block' in status ? { block: status.block } : {}),
    ...(failure === undefined ? {} : { failure }),
  }
}
