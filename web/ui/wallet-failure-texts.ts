import type { FailureText } from './failure-text.ts'

/** Failures around wallets and money: part of `failureTexts`. */
export const walletFailureTexts: Readonly<Record<string, FailureText>> = {
  WALLET_REJECTED: {
    says: 'You said no in your wallet. Nothing was signed, and nothing has changed.',
    action: 'retry',
  },
  WALLET_BUSY: {
    says: 'Your wallet still waits for an answer to an earlier question. Open it and answer there, then try again.',
    action: 'retry',
  },
  WALLET_GONE: {
    says: 'Your wallet cannot be reached. It may be locked, switched off, or showing another account to this page.',
    withDetail: true,
    action: 'retry',
  },
  WALLET_CHAIN: {
    says: 'Your wallet is set to another chain. Nothing was signed. Switch it there, then try again.',
    withDetail: true,
    action: 'retry',
  },
  WALLET_AUTHORISE: {
    says: 'Your wallet has not allowed this browser to sign for it, or no longer does. Connect it again.',
    action: 'retry',
  },
  WALLET_ANSWER: {
    says: 'Your wallet gave an answer that makes no sense. Look there whether something was sent before you try again.',
    withDetail: true,
    action: 'retry',
  },
  DELEGATION_CONTRACT_WALLET: {
    says: 'This wallet is a contract. Only wallets with a key of their own can sign for a browser here: use another.',
    action: 'retry',
  },
}
