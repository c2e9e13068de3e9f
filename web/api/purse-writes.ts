import type { Signal } from '@preact/signals'
import type { InjectedWallet } from '#chain/wallet/injected-wallet.ts'
import type { PreparedWrite } from '#chain/wallet/prepare-write.ts'
import { walletError } from '#chain/wallet/wallet-errors.ts'
import type { Wallet } from '#chain/wallet/wallet-types.ts'
import { toTransactionState, type WriteService } from '#chain/wallet/write-service.ts'
import { formatAddress } from '#core/delegation.ts'
import { apiError } from './errors.ts'
import { parseWrite } from './parse-write.ts'
import type { Failure } from './types.ts'
import type { PurseState, TransactionState, WriteAnswer, WriteIntent, WriteQuestion } from './wallet-types.ts'

export interface PurseWritesComponents {
  readonly service: WriteService
  /** the wallet in use; may ask its person */
  readonly wallet: () => Promise<Wallet | InjectedWallet>
  readonly state: Signal<PurseState>
}

export interface PurseWrites {
  /** @throws WRITE_INVALID, WRITE_UNSHOWN, WALLET_BUSY, an AbortError when its person says no */
  write(intent: WriteIntent): Promise<TransactionState>
  answer(answer: WriteAnswer): Promise<void>
}

interface Asked {
  readonly intent: WriteIntent
  readonly wallet: Wallet | InjectedWallet
  readonly done: PromiseWithResolvers<TransactionState>
  prepared?: PreparedWrite
}

/**
 * One write at a time: tried out first, shown with all that it does, and signed only when its person says yes ([CH16]).
 * What fails stays on the page, to be tried again or left.
 */
export function createPurseWrites({
  service,
  wallet: openWallet,
  state,
}: PurseWritesComponents): PurseWrites {
  let asked: Asked | undefined

  function show(change: Partial<WriteQuestion>): void {
    const { question, ...rest } = state.peek()
    if (question === undefined) return
    const { failure: _, ...kept } = question
    state.value = { ...rest, question: { ...kept, ...change } }
  }

  function close(): void {
    const { question: _, ...rest } = state.peek()
    asked = undefined
    state.value = rest
  }

  async function tryOut(current: Asked): Promise<void> {
    const { intent, wallet } = current
    show({ step: 'trying' })
    try {
      const prepared = await service.prepare(intent, wallet)
      const { encoded, maxFeeWei } = prepared
      const signatures = encoded.pays === undefined ? 1 : 2
      const isElsewhere = 'chainId' in wallet && (await wallet.chainId()) !== BigInt(service.chain.id)
      if (asked !== current) return
      current.prepared = prepared // all that is signed stands in the question from now on
      const other = isElsewhere ? ({ otherChain: true } as const) : {}
      const to = recipientOf(intent, encoded.to)
      const isCall = to !== encoded.to
      show({
        step: 'ready',
        to,
        ...(isCall ? { contract: encoded.to } : {}),
        maxFeeWei,
        signatures,
        ...other,
      })
    } catch (error) {
      if (asked === current) show({ step: 'ready', failure: failureOf(error) })
    }
  }

  async function sign(current: Asked, prepared: PreparedWrite): Promise<void> {
    const { wallet, done } = current
    const isElsewhere = state.peek().question?.otherChain === true
    show({ step: 'signing' })
    try {
      if (isElsewhere && 'switchTo' in wallet) await wallet.switchTo(service.chain)
      const sent = await service.send(prepared, wallet)
      close()
      done.resolve(toTransactionState(sent))
    } catch (error) {
      // a passphrase that was not given is no failure to read about
      if ((error as Error).name === 'AbortError') return show({ step: 'ready' })
      show({ step: 'ready', failure: failureOf(error) })
    }
  }

  function requireFree(): void {
    if (asked === undefined) return
    throw walletError('WALLET_BUSY', 'This page asks you about another write already. Answer that first.')
  }

  return {
    async write(given) {
      const intent = parseWrite(given) // the one place that all writes come by
      requireFree()
      const wallet = await openWallet()
      requireFree() // another came while the wallet was opened
      const current: Asked = { intent, wallet, done: Promise.withResolvers() }
      asked = current
      const { kind, name, address } = wallet
      const shown = { kind, name, address: formatAddress(address) }
      state.value = { ...state.peek(), question: { intent, wallet: shown, step: 'trying' } }
      void tryOut(current)
      return current.done.promise
    },
    async answer(answer) {
      const current = asked
      const question = state.peek().question
      if (current === undefined || question === undefined || question.step === 'signing') return
      if (answer === 'no' || answer === 'unshown') {
        close()
        current.done.reject(
          answer === 'no' ? new DOMException('Nothing was signed.', 'AbortError') : unshown(),
        )
        return
      }
      if (answer !== 'yes') return // typed into the console
      if (question.step !== 'ready') return // not all that it does is shown yet
      if (current.prepared === undefined || question.failure !== undefined) {
        await tryOut(current)
      } else {
        await sign(current, current.prepared)
      }
    },
  }
}

/** Whom it goes to: a person where one gets something, else the contract. */
function recipientOf(intent: WriteIntent, contract: string): string {
  return 'to' in intent ? intent.to : contract
}

function unshown(): Error {
  return apiError(
    'WRITE_UNSHOWN',
    'This page cannot show what this write does, so nothing was signed. Reload the page, then try again.',
  )
}

function failureOf(error: unknown): Failure {
  const { code = 'UNKNOWN', message } = error as { readonly code?: string; readonly message: string }
  return { code, message }
}
