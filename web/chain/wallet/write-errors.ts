import { AppError, type ErrorDetails, isAppError } from '#core/errors.ts'

export type WriteErrorCode =
  /** not enough of the chain's coin for value and fee */
  | 'TX_FUNDS'
  /** the contract refuses */
  | 'TX_REVERTED'
  /** the fee is below what the chain takes */
  | 'TX_FEE'
  /** its number is taken by another transaction */
  | 'TX_NONCE'
  /** the endpoint refuses for a reason of its own */
  | 'TX_REFUSED'
  /** the endpoints serve another chain than this page is for */
  | 'TX_CHAIN'
  /** more than a wallet made in a tab is for */
  | 'TX_CAP'
  /** not enough CYBR */
  | 'TX_BALANCE'
  /** nobody can have this address, or a contract that does not take this */
  | 'TX_RECEIVER'
  /** this chain has no such contract, or no faucet */
  | 'TX_NO_CHAIN'

export function writeError(
  code: WriteErrorCode,
  message: string,
  { cause, details }: { readonly cause?: unknown; readonly details?: ErrorDetails } = {},
): AppError<WriteErrorCode> {
  return new AppError(code, message, {
    ...(cause === undefined ? {} : { cause }),
    ...(details === undefined ? {} : { details }),
  })
}

/** What a node says when it refuses; nodes differ in words, and have no codes for most of it. */
const SAID: readonly (readonly [WriteErrorCode, RegExp])[] = [
  ['TX_FUNDS', /insufficient funds|doesn't have enough funds|exceeds the balance|out of funds/i],
  ['TX_FEE', /underpriced|max fee per gas less than block base fee|fee cap less than|tip.*too low/i],
  ['TX_NONCE', /nonce too low|nonce is too low|nonce has already been used/i],
]
/** What a contract refuses for good, however often it is tried; all else is TX_REVERTED. By the error's selector. */
const REFUSED: Readonly<Record<string, WriteErrorCode>> = {
  // ERC20InsufficientBalance(address,uint256,uint256)
  '0xe450d38c': 'TX_BALANCE',
  // ERC20InvalidReceiver(address)
  '0xec442f05': 'TX_RECEIVER',
  // ERC721InvalidReceiver(address)
  '0x64a0ae92': 'TX_RECEIVER',
}
const ALREADY_KNOWN = /already known|already imported|known transaction|transaction already/i

interface NodeError {
  readonly message: string
  /** of a revert, `0x…` */
  readonly data?: string
}

/** The node's own error inside what was thrown, however deep an endpoint or a wallet wrapped it. */
export function nodeErrorOf(error: unknown): NodeError | undefined {
  let found: NodeError | undefined
  let at: unknown = error
  for (let depth = 0; depth < 6 && typeof at === 'object' && at !== null; depth++) {
    const { message, data, cause, error: inner } = at as Readonly<Record<string, unknown>>
    const hex = typeof data === 'string' ? data : (data as { data?: unknown } | undefined)?.data
    if (typeof hex === 'string' && /^0x([0-9a-f]{2})*$/i.test(hex)) {
      return { message: String(message), data: hex.toLowerCase() }
    }
    if (typeof message === 'string') found = { message }
    at = cause ?? inner ?? (typeof data === 'object' ? data : undefined)
  }
  return found
}

/** Did a node have it already? Then it is sent. */
export function isAlreadyKnown(error: unknown): boolean {
  return ALREADY_KNOWN.test(allMessages(error))
}

/**
 * A failure of sending, or of trying out what would be sent, as one of ours. What no endpoint answered, and what a
 * wallet said, stays as it is.
 *
 * @param explain words for a contract's revert data
 */
export function parseWriteFailure(error: unknown, explain: (data: string) => string | undefined): unknown {
  if (isAppError(error) && error.code !== 'RPC_REFUSED') return error
  if ((error as Error | undefined)?.name === 'AbortError') return error
  const said = allMessages(error)
  for (const [code, pattern] of SAID) {
    if (pattern.test(said)) return writeError(code, SENTENCES[code] ?? said.slice(0, 300), { cause: error })
  }
  const node = nodeErrorOf(error)
  const words = node?.data === undefined ? undefined : explain(node.data)
  if (words !== undefined) {
    const code = REFUSED[node?.data?.slice(0, 10) ?? ''] ?? 'TX_REVERTED'
    return writeError(code, words, { cause: error })
  }
  if (/revert/i.test(said)) {
    return writeError('TX_REVERTED', `The contract refuses: ${(node?.message ?? said).slice(0, 200)}`, {
      cause: error,
    })
  }
  return writeError('TX_REFUSED', (node?.message ?? said).slice(0, 300), { cause: error })
}

const SENTENCES: Partial<Readonly<Record<WriteErrorCode, string>>> = {
  TX_FUNDS: 'This wallet has too little of the chain’s coin for the amount and the fee. Nothing was sent.',
  TX_FEE: 'The chain takes more for a transaction now than was offered. Nothing was sent. Try again.',
  TX_NONCE: 'Another transaction of this wallet came first. Nothing was sent twice. Try again.',
}

const LATER: Partial<Readonly<Record<WriteErrorCode, string>>> = {
  TX_FUNDS:
    'This wallet has too little of the chain’s coin for the amount and the fee. It is signed: it goes out once there is enough, for ten minutes.',
  TX_FEE:
    'The chain takes more for a transaction now than was offered. It is signed: it goes out once the chain takes less, for ten minutes.',
}

/**
 * Why an endpoint does not take what is signed, which is kept and sent again.
 *
 * @returns undefined where the next look at the chain says more: nobody answered, or its number is taken
 */
export function whyNotTaken(
  error: unknown,
  explain: (data: string) => string | undefined,
): { readonly code: string; readonly message: string } | undefined {
  const parsed = parseWriteFailure(error, explain)
  if (!isAppError(parsed) || !parsed.code.startsWith('TX_') || parsed.code === 'TX_NONCE') return undefined
  const { code, message } = parsed
  const later = `An endpoint of the chain does not take it yet: ${message} It is signed, and tried for ten minutes.`
  return { code, message: LATER[code as WriteErrorCode] ?? later }
}

function allMessages(error: unknown): string {
  const said: string[] = []
  let at: unknown = error
  for (let depth = 0; depth < 6 && typeof at === 'object' && at !== null; depth++) {
    const { message, cause, error: inner, data } = at as Readonly<Record<string, unknown>>
    if (typeof message === 'string') said.push(message)
    at = cause ?? inner ?? (typeof data === 'object' ? data : undefined)
  }
  return said.join(' ')
}
