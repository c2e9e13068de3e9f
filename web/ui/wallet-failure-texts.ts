import { BURNER_CAP_WEI, formatCybr } from '#core/money.ts'
import type { FailureText } from './failure-text.ts'

/** Failures around wallets and the chain, which come with the parts that show them. */
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
  WRITE_INVALID: {
    says: 'This cannot be asked for so. Nothing was signed.',
    withDetail: true,
    action: 'retry',
  },
  WRITE_UNSHOWN: {
    says: 'This page cannot show what this does, so nothing was signed. Reload it, then try again.',
    action: 'reload',
  },
  TX_FUNDS: {
    says: 'Your wallet has too little for the amount and the fee. Nothing was sent.',
    withDetail: true,
    action: 'retry',
  },
  TX_REVERTED: {
    says: 'The contract would not take this, so nothing was sent.',
    withDetail: true,
    action: 'retry',
  },
  TX_FEE: {
    says: 'The chain became more expensive meanwhile. Nothing was sent. Try again with the new fee.',
    action: 'retry',
  },
  TX_NONCE: {
    says: 'Another transaction of your wallet came first. Nothing was sent twice. Try again.',
    action: 'retry',
  },
  TX_REFUSED: {
    says: 'The chain’s endpoint refused this. Nothing was sent.',
    withDetail: true,
    action: 'retry',
  },
  TX_CHAIN: {
    says: 'The endpoint serves another chain than this page is for. Nothing was sent.',
    withDetail: true,
    action: 'retry',
  },
  TX_CAP: {
    says: `This is more than the ${formatCybr(BURNER_CAP_WEI)} CYBR that a wallet made in a tab pays at once, since whoever serves the page could take what it holds. Nothing was sent. Use a wallet of your browser for more.`,
    action: 'retry',
  },
  TX_BALANCE: {
    says: 'This is more than your wallet has. Nothing was sent.',
    withDetail: true,
    action: 'retry',
  },
  TX_RECEIVER: {
    says: 'This cannot go to this address. Nothing was sent. Check the address.',
    withDetail: true,
    action: 'retry',
  },
  TX_NO_CHAIN: {
    says: 'This chain does not offer that. Nothing was sent.',
    withDetail: true,
    action: 'retry',
  },
  PARCEL_NO_RIGHT: {
    says: 'This plot is not yours to build on, so nothing was stored. Buy it, ask its owner to name you, or take another.',
    withDetail: true,
    action: 'retry',
  },
  PLACEMENT_NO_RIGHT: {
    says: 'By the chain this plot is not yours to build on. The model is stored here, and stands nowhere.',
    withDetail: true,
    action: 'retry',
  },
  PLACEMENT_RIGHT_UNKNOWN: {
    says: 'The chain does not answer, so nobody can tell whether this plot is yours. The model is stored here. Try again.',
    action: 'retry',
  },
  GIVEAWAY_LIST: {
    says: 'This file is no list of a giveaway. Nothing was sent.',
    withDetail: true,
    action: 'choose-file',
  },
  GIVEAWAY_OTHER: {
    says: 'By this list the plot is not given to your wallet. Nothing was sent.',
    withDetail: true,
    action: 'choose-file',
  },
  GIVEAWAY_UNKNOWN: {
    says: 'The chain knows no giveaway of this list. Nothing was sent.',
    withDetail: true,
    action: 'choose-file',
  },
  PORTAL_NOWHERE: {
    says: 'This portal leads to no planet, or not any more.',
    action: 'retry',
  },
  ACCESS_UNPAID: {
    says: 'You are not let in yet.',
    withDetail: true,
    action: 'retry',
  },
  RPC_UNREACHABLE: {
    says: 'The chain does not answer, so nothing newer is known. It is asked again by itself.',
    withDetail: true,
    action: 'retry',
  },
  HEADER_DISPUTED: {
    says: 'The chain’s endpoints disagree about its newest block. Neither side is believed.',
    withDetail: true,
    action: 'retry',
  },
  CHAIN_CHANGED: {
    says: 'The relay names another chain or other contracts than this browser knew first. It is not followed.',
    withDetail: true,
    action: 'retry',
  },
  CHAIN_FOLLOWED: {
    says: 'The local test chain was begun anew. What was on the old one is gone.',
    withDetail: true,
    action: 'retry',
  },
  CHAIN_NONE: {
    says: 'No chain is configured for this page, so there is no land to own and nothing to pay with.',
    action: 'retry',
  },
  GOVERNANCE_NONE: {
    says: 'Nothing is decided by votes on this chain.',
    action: 'retry',
  },
  CALL_DISPUTED: {
    says: 'The chain’s endpoints disagree about how votes go here, so none of them is believed.',
    withDetail: true,
    action: 'retry',
  },
  DISTRICT_INVALID: {
    says: 'This district cannot be drawn.',
    withDetail: true,
    action: 'retry',
  },
  AMOUNT_INVALID: {
    says: 'This is not an amount. Give a number above zero, with a point before a fraction and no commas, such as 1250.5.',
    action: 'retry',
  },
  AMOUNT_TOO_LARGE: {
    says: 'This amount is too large: there is not that much. Give one with at most 12 digits before the point.',
    action: 'retry',
  },
  AMOUNT_DECIMALS: {
    says: 'This amount has more digits after the point than the coin, which has 18. Leave out the last ones.',
    action: 'retry',
  },
  DELEGATION_CONTRACT_WALLET: {
    says: 'This wallet is a contract. Only wallets with a key of their own can sign for a browser here: use another.',
    action: 'retry',
  },
}
