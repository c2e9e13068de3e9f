import { AppError } from '#core/errors.ts'

export type WalletErrorCode =
  /** its person said no */
  | 'WALLET_REJECTED'
  /** it is set to another chain */
  | 'WALLET_CHAIN'
  /** it waits for an answer to what was asked before */
  | 'WALLET_BUSY'
  /** it is not in this browser any more, or no longer shows the account */
  | 'WALLET_GONE'
  /** its authorisation of this device is missing or over */
  | 'WALLET_AUTHORISE'
  /** its recovery phrase is its own */
  | 'WALLET_NO_PHRASE'
  /** it gave something that no wallet gives */
  | 'WALLET_ANSWER'

/** Codes of EIP-1193 and EIP-1474 that wallets give. */
const REJECTED = 4001
const UNAUTHORISED = 4100
const DISCONNECTED = [4900, 4901]
const PENDING = -32_002

export function walletError(
  code: WalletErrorCode,
  message: string,
  cause?: unknown,
): AppError<WalletErrorCode> {
  return new AppError(code, message, { cause })
}

/** What an injected wallet threw, as one of our errors; what it only passed on from the chain stays as it came. */
export function parseWalletFailure(error: unknown, wallet: string): unknown {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (code === REJECTED || code === 'ACTION_REJECTED') {
    return walletError('WALLET_REJECTED', `You said no in ${wallet}. Nothing was signed.`, error)
  }
  if (code === PENDING) {
    return walletError(
      'WALLET_BUSY',
      `${wallet} still asks you something. Answer there, then try again.`,
      error,
    )
  }
  if (code === UNAUTHORISED || DISCONNECTED.includes(code as number)) {
    const said = typeof message === 'string' ? ` It says: ${message.slice(0, 200)}` : ''
    return walletError('WALLET_GONE', `${wallet} is locked or no longer connected.${said}`, error)
  }
  return error
}
