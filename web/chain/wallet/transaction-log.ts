import { type ReadonlySignal, signal } from '@preact/signals'
import type { WriteIntent } from '#api/wallet-types.ts'
import { toHex } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import type { Timers } from '#core/timers.ts'
import type { Hex } from '../hex.ts'
import { advanceTransaction, isOpen, isPending, takesNumber } from './advance-transaction.ts'
import type { ChainCalls, Fees } from './chain-calls.ts'
import { findAnswered } from './find-answered.ts'
import type { TransactionStore } from './transaction-store.ts'
import type { LoggedTransaction } from './transaction-types.ts'
import { walletError } from './wallet-errors.ts'
import type { SignedTransaction, Wallet } from './wallet-types.ts'
import { isAlreadyKnown, parseWriteFailure, whyNotTaken } from './write-errors.ts'

export interface TransactionLogInit {
  readonly chainId: number
  readonly calls: ChainCalls
  readonly store: TransactionStore
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
  readonly newId: () => string
  /** words for a contract's revert data */
  readonly explain: (data: string) => string | undefined
}

/** What is to be sent, but for its number. */
export interface SendRequest {
  readonly intent: WriteIntent
  readonly to: Hex
  readonly data: Hex
  readonly valueWei: bigint
  readonly gas: bigint
  readonly fees: Fees
}

/** Every write of the profile, from the question to the wallet to the block that is final ([CH17]). */
export interface TransactionLog {
  /** of this chain, newest first */
  readonly transactions: ReadonlySignal<readonly LoggedTransaction[]>
  /** Reads what was kept, and follows what is not final yet. */
  start(): Promise<void>
  /**
   * Has a wallet sign and send. Resolves once the chain has it, or once it is signed and no endpoint answers: then it
   * is sent when one does. What is signed is never forgotten, whatever an endpoint says of it: another one may have it.
   *
   * @throws WALLET_… and TX_… with nothing sent and nothing kept; WALLET_ANSWER where it may have been sent: it is looked for
   */
  send(request: SendRequest, wallet: Wallet): Promise<LoggedTransaction>
  /** Resolves when it stands in a block, or never will. */
  settled(id: string, signal?: AbortSignal): Promise<LoggedTransaction>
  /** Looks at the chain at once. */
  check(): Promise<void>
  stop(): void
}

/** Blocks come every 2 to 12 seconds. */
const PENDING_POLL_MS = 2_000
/** Whether a block is final changes every few minutes. */
const FINAL_POLL_MS = 12_000
/** A year of a busy person; older ones that are over are let go. */
const MAX_KEPT = 300

export function createTransactionLog(init: TransactionLogInit): TransactionLog {
  const { chainId, calls, store, timers, now, newId, explain } = init
  const transactions = signal<readonly LoggedTransaction[]>([])
  const waiting = new Set<() => void>()
  let cancelTick: (() => void) | undefined
  let checking: Promise<void> | undefined
  let isStopped = false
  let stopListening = (): void => {}

  async function read(): Promise<void> {
    const all = await store.all()
    const own = all.filter((each) => each.chainId === chainId).sort((a, b) => b.at - a.at)
    const over = own.slice(MAX_KEPT).filter((each) => !isOpen(each))
    for (const { id } of over) await store.delete(id)
    transactions.value = own.filter((each) => !over.includes(each))
    for (const wake of waiting) wake()
  }

  async function put(transaction: LoggedTransaction): Promise<LoggedTransaction> {
    await store.put(transaction)
    await read()
    return transaction
  }

  async function remove(id: string): Promise<void> {
    await store.delete(id)
    await read()
  }

  /**
   * Behind what the node knows, and behind what was signed here and it may not know yet. Nobody asks a wallet while this
   * has the lock: what is left of a page that was closed over a question takes no number.
   */
  async function nextNonce(from: Hex): Promise<number> {
    const ours = transactions.peek().filter((each) => each.from === from && takesNumber(each))
    return Math.max(await calls.nonce(from, 'pending'), ...ours.map(({ nonce }) => nonce + 1))
  }

  async function begin(request: SendRequest, from: Hex): Promise<LoggedTransaction> {
    await read()
    const [nonce, fromBlock] = [await nextNonce(from), await calls.blockNumber()]
    const { intent, to, data, valueWei } = request
    const what = { id: newId(), chainId, from, to, data, valueWei, nonce, intent }
    return put({ ...what, at: now(), fromBlock, status: { kind: 'asking' } })
  }

  async function ask(begun: LoggedTransaction, request: SendRequest, wallet: Wallet) {
    const { to, data, valueWei, nonce } = begun
    const { gas, fees } = request
    let signed: LoggedTransaction | undefined
    const keep = async ({ hash, raw }: SignedTransaction) => {
      signed = await put({ ...begun, hash, raw, status: { kind: 'signed' } })
    }
    let hash: Hex
    try {
      hash = await wallet.send({ chainId, to, data, valueWei, nonce, gas, ...fees }, keep)
    } catch (error) {
      if (signed !== undefined) return putIfRoom(keptDespite(error, signed))
      throw await unsent(error, begun)
    }
    return putIfRoom({ ...(signed ?? begun), hash, status: { kind: 'sent' } })
  }

  /** The chain has it, or may: a full disk makes that no failure. What lies there is enough to find it again. */
  async function putIfRoom(transaction: LoggedTransaction): Promise<LoggedTransaction> {
    return put(transaction).catch(() => {
      const others = transactions.peek().filter(({ id }) => id !== transaction.id)
      transactions.value = [transaction, ...others]
      return transaction
    })
  }

  /** One endpoint's refusal does not take back what another one may have: looking at the chain decides. */
  function keptDespite(error: unknown, signed: LoggedTransaction): LoggedTransaction {
    if (isAlreadyKnown(error)) return { ...signed, status: { kind: 'sent' } }
    const failure = whyNotTaken(error, explain)
    return failure === undefined ? signed : { ...signed, failure }
  }

  /** What was thrown before there was anything signed; nothing is kept of it but what the wallet may have sent. */
  async function unsent(error: unknown, begun: LoggedTransaction): Promise<unknown> {
    if (isAppError(error, 'WALLET_ANSWER')) {
      const { code, message } = error
      await putIfRoom({ ...begun, failure: { code, message } })
    } else {
      await remove(begun.id).catch(() => {}) // looking at the chain ends it later
    }
    return parseWriteFailure(error, explain)
  }

  async function follow(transaction: LoggedTransaction, finalBlock: number): Promise<void> {
    const { hash, from, raw } = transaction
    if (hash === undefined) return
    const receipt = await calls.receipt(hash)
    const rest =
      receipt === undefined
        ? { nonce: await calls.nonce(from, 'latest'), isKnown: await calls.isKnown(hash) }
        : { nonce: 0, isKnown: true }
    const seen = { now: now(), finalBlock, ...rest, ...(receipt === undefined ? {} : { receipt }) }
    const { transaction: next, resend } = advanceTransaction(transaction, seen)
    const told = await withFailure(next)
    if (!isSame(told, transaction)) await put(told)
    if (resend && raw !== undefined) await calls.sendRaw(raw).catch(() => {}) // the next look says what became of it
  }

  /** Why it was reverted: the same call again most often fails the same way. */
  async function withFailure(transaction: LoggedTransaction): Promise<LoggedTransaction> {
    if (transaction.status.kind !== 'reverted' || transaction.failure !== undefined) return transaction
    try {
      await calls.call(transaction)
      return transaction
    } catch (error) {
      const failure = parseWriteFailure(error, explain)
      if (!isAppError(failure) || failure.code !== 'TX_REVERTED') return transaction
      return { ...transaction, failure: { code: failure.code, message: failure.message } }
    }
  }

  /** Those that a page was closed over: nobody asks a wallet while this has the lock. */
  async function resolveAsked(): Promise<void> {
    if (!transactions.peek().some(({ status }) => status.kind === 'asking')) return
    await store.exclusive(async () => {
      await read()
      for (const each of transactions.peek().filter(({ status }) => status.kind === 'asking')) {
        const others = transactions.peek().filter(({ id }) => id !== each.id)
        const found = await findAnswered(each, calls, { now: now(), others })
        if (found !== undefined) await put(found)
      }
    }, 'when free')
  }

  async function look(): Promise<void> {
    await resolveAsked()
    const open = transactions.peek().filter((each) => isOpen(each) && each.hash !== undefined)
    if (open.length === 0) return
    const finalBlock = await calls.finalBlock()
    for (const each of open) await follow(each, finalBlock)
  }

  function check(): Promise<void> {
    checking ??= look()
      .catch(() => {}) // no endpoint answers: asked again by the next look
      .finally(() => {
        checking = undefined
        schedule()
      })
    return checking
  }

  function schedule(): void {
    cancelTick?.()
    const open = transactions.peek().filter(isOpen)
    if (isStopped || open.length === 0) return
    cancelTick = timers.after(open.some(isPending) ? PENDING_POLL_MS : FINAL_POLL_MS, () => void check())
  }

  return {
    transactions,
    check,
    async start() {
      stopListening = store.onChange(() => void read().then(schedule))
      await read()
      await check()
    },
    async send(request, wallet) {
      const from: Hex = `0x${toHex(wallet.address)}`
      const sent = await store.exclusive(async () => ask(await begin(request, from), request, wallet), 'now')
      if (sent === 'busy') {
        throw walletError(
          'WALLET_BUSY',
          'Another tab of this browser waits for an answer of the wallet. Give it there first.',
        )
      }
      schedule()
      return sent
    },
    async settled(id, aborted) {
      for (;;) {
        aborted?.throwIfAborted()
        const found = transactions.peek().find((each) => each.id === id)
        if (found === undefined || !isPending(found)) return found as LoggedTransaction
        await changed(aborted)
      }
    },
    stop() {
      isStopped = true
      cancelTick?.()
      stopListening()
    },
  }

  function changed(aborted: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = () => reject(aborted?.reason)
    waiting.add(resolve)
    aborted?.addEventListener('abort', onAbort, { once: true })
    return promise.finally(() => {
      waiting.delete(resolve)
      aborted?.removeEventListener('abort', onAbort)
    })
  }
}

function isSame(a: LoggedTransaction, b: LoggedTransaction): boolean {
  const plain = (each: LoggedTransaction) =>
    JSON.stringify([each.status, each.missingSince, each.takenSince, each.failure])
  return plain(a) === plain(b)
}
