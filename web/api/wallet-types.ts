/** The part of the seam about wallets and money; see types.ts. Amounts are bigint, in 10⁻¹⁸. */
import type { AccessThing, PortalFacts, PortalPlace, SaleFacts } from './access-types.ts'
import type { ModelFacts, ParcelFacts } from './chain-types.ts'
import type {
  GovernanceReads,
  ProposalCalls,
  ProposalKind,
  ProposedAction,
  VoteSupport,
} from './governance-types.ts'
import type { ProvenParcel } from './land-types.ts'
import type { Failure, KeyAnswer, ModelPlacement } from './types.ts'

/** A wallet that an extension of this browser offers. */
export interface WalletOffer {
  /** its maker's name in reverse, such as `io.metamask`: names it in `connect` */
  readonly rdns: string
  readonly name: string
  /** `data:image/…` */
  readonly icon?: string
}

/**
 * What a person wants written to the chain. Parcels are named by their ids on the chain, 1 to 65,534; addresses are
 * `0x…`.
 */
export type WriteIntent =
  | { readonly kind: 'send'; readonly to: string; readonly amountWei: bigint }
  | { readonly kind: 'send-coin'; readonly to: string; readonly amountWei: bigint }
  | { readonly kind: 'bid'; readonly parcel: number; readonly amountWei: bigint }
  /** `mine`: the highest bid is of this wallet, so the plot becomes its own */
  | { readonly kind: 'settle-auction'; readonly parcel: number; readonly mine?: boolean }
  | { readonly kind: 'collect-refund' }
  | StakeIntent
  | ClaimIntent
  | { readonly kind: 'prove-life' }
  | { readonly kind: 'move-parcel'; readonly parcel: number; readonly x: number; readonly y: number }
  | {
      readonly kind: 'set-builder'
      /** 0: all of the owner's */
      readonly parcel: number
      readonly builder: string
      readonly allowed: boolean
    }
  | { readonly kind: 'give-parcel'; readonly parcel: number; readonly from: string; readonly to: string }
  | { readonly kind: 'free-parcels'; readonly parcels: readonly number[] }
  | { readonly kind: 'create-planet'; readonly parcel: number }
  | { readonly kind: 'want-portal'; readonly parcel: number; readonly planet: number }
  | {
      readonly kind: 'agree-portal'
      readonly planet: number
      readonly parcel: number
      readonly agrees: boolean
    }
  | DelegateIntent
  | ProposeIntent
  | VoteIntent
  | CarryIntent
  | PayAccessIntent
  | {
      readonly kind: 'set-offer'
      readonly thing: AccessThing
      readonly id: number
      /** 0: it is free */
      readonly priceWei: bigint
      /** 0: for ever */
      readonly durationSeconds: number
    }
  | { readonly kind: 'collect-income' }
  | { readonly kind: 'sell-model'; readonly model: number; readonly isForSale: boolean }
  | ModelIntent

/** Gives one's votes of a kind to somebody, or to oneself. */
export interface DelegateIntent {
  readonly kind: 'delegate-votes'
  readonly votes: ProposalKind
  readonly delegatee: string
}

/** Proposes one action, and says why. */
export interface ProposeIntent {
  readonly kind: 'propose'
  readonly action: ProposedAction
  readonly description: string
}

export interface VoteIntent {
  readonly kind: 'cast-vote'
  /** id, 0x and 64 digits */
  readonly proposal: string
  /** what it is called in the dialog */
  readonly title: string
  readonly support: VoteSupport
}

/** Brings a proposal a step further: into the Timelock, out of it, or, by its proposer, to its end. */
export interface CarryIntent {
  readonly kind: 'carry-proposal'
  readonly step: 'queue' | 'execute' | 'cancel'
  readonly title: string
  readonly calls: ProposalCalls
}

/** What becomes of a token of `Model` ([CH6]), named by its id on the chain. */
export type ModelIntent =
  | {
      readonly kind: 'mint-model'
      /** CIDv0 of the model's file */
      readonly root: string
      /** base58 id of the object that it shows */
      readonly object?: string
      /** of later sales, in 1/10,000, at most 2,500 */
      readonly royalty: number
    }
  | {
      readonly kind: 'place-model'
      readonly model: number
      readonly on: 'parcel' | 'planet'
      /** the planet has its parcel's id */
      readonly parcel: number
      readonly placement: ModelPlacement
    }
  | { readonly kind: 'take-model'; readonly model: number }
  | { readonly kind: 'accept-model'; readonly model: number }
  | { readonly kind: 'give-model'; readonly model: number; readonly from: string; readonly to: string }

/** Pays to enter a planet or to see a model, by exactly these terms. */
export interface PayAccessIntent {
  readonly kind: 'pay-access'
  readonly thing: AccessThing
  readonly id: number
  readonly amountWei: bigint
  /** 0: for ever */
  readonly durationSeconds: number
}

/** A parcel that was given away, by the one that the giveaway's list names (`owner`): nobody else may claim it. */
export interface ClaimIntent {
  readonly kind: 'claim-parcel'
  readonly giveaway: number
  readonly parcel: number
  readonly owner: string
  readonly proof: readonly string[]
}

/** What is staked gives links bandwidth and weight ([KG7]); it counts no more from the moment that it is taken back. */
export type StakeIntent =
  /** `delaySeconds`: from taking it back until it can be collected, as the contract says, where that is known */
  | { readonly kind: 'stake'; readonly amountWei: bigint; readonly delaySeconds?: number }
  | { readonly kind: 'unstake'; readonly amountWei: bigint; readonly delaySeconds: number }
  | { readonly kind: 'collect-stake' }

/** How far a write has come ([CH17]). */
export type TransactionStage =
  /** the wallet was asked and has not answered */
  | 'asking'
  | 'signed'
  | 'sent'
  /** in a block that may still be given up */
  | 'mined'
  | 'final'
  /** in a block, and without effect */
  | 'reverted'
  /** another transaction took its number */
  | 'replaced'
  /** the chain has not known it for long */
  | 'dropped'
  /** the page was closed before the wallet answered */
  | 'unanswered'

export interface TransactionState {
  readonly id: string
  readonly intent: WriteIntent
  /** unix ms when the wallet was asked */
  readonly at: number
  readonly stage: TransactionStage
  /** once the wallet has told it, `0x…` */
  readonly hash?: string
  readonly block?: number
  /** why it was reverted */
  readonly failure?: Failure
}

/** A write that waits for its person: all that it does stands here before anything is signed. */
export interface WriteQuestion {
  readonly intent: WriteIntent
  readonly wallet: { readonly kind: 'burner' | 'injected'; readonly name: string; readonly address: string }
  /**
   * `trying`: tried out without signing. `ready`: the person decides. `signing`: the wallet does.
   */
  readonly step: 'trying' | 'ready' | 'signing'
  /** the contract or person that it goes to, once tried */
  readonly to?: string
  /** the contract that does it, where `to` is a person */
  readonly contract?: string
  /** of the chain's coin, at most, once tried */
  readonly maxFeeWei?: bigint
  /** how often the wallet is asked: twice when a contract is first allowed to take the amount */
  readonly signatures?: 1 | 2
  /** the wallet is set to another chain and has to switch first */
  readonly otherChain?: true
  /** why it does not go on; the person may try again */
  readonly failure?: Failure
}

/** `unshown`: the page cannot tell its person what the write does, so it is refused. */
export type WriteAnswer = 'yes' | 'no' | 'unshown'

export interface ChainFacts {
  readonly id: number
  readonly name: string
  /** symbol of what fees are paid in */
  readonly coin: string
  /** its coins are worth nothing: there is a faucet */
  readonly isTest: boolean
}

/** Proved against the newest block. */
export interface Balances {
  /** of the wallet with this address */
  readonly address: string
  readonly cybrWei: bigint
  readonly coinWei: bigint
  /** outbid, and to be collected */
  readonly refundWei: bigint
  /** absent where the chain has no stakes */
  readonly stake?: StakeBalance
  /** paid by others for entrances and models, and to be collected */
  readonly incomeWei: bigint
  readonly block: number
}

/** What a wallet has staked: proved, but for the delay, which the contract tells. */
export interface StakeBalance {
  readonly stakedWei: bigint
  /** taken back, and on its way */
  readonly returningWei: bigint
  /** unix seconds from which that can be collected */
  readonly freeAt: number
  /** that what is taken back now waits */
  readonly delaySeconds: number
}

export interface PurseState {
  /** wallets of the browser, as they told of themselves */
  readonly offers: readonly WalletOffer[]
  /** the one that is in use in place of the burner, by its name, also while it cannot sign */
  readonly connected?: string
  /** absent where no chain is configured: there is no money then, and nothing to own */
  readonly chain?: ChainFacts
  readonly balances?: Balances
  /** why the balances are not known */
  readonly failure?: Failure
  /** newest first */
  readonly transactions: readonly TransactionState[]
  readonly question?: WriteQuestion
}

export const EMPTY_PURSE: PurseState = { offers: [], transactions: [] }

/** Commands whose code comes when it is needed. */
export interface PurseCommands {
  /** Seals the burner's phrase by a passphrase, which is asked for when money moves. @throws KEYS_PASSPHRASE_SHORT */
  protect(passphrase: string): Promise<void>
  /**
   * Signs for a wallet of the browser from now on; it is asked to authorise this device once.
   *
   * @returns its address
   * @throws WALLET_REJECTED, WALLET_BUSY, WALLET_GONE
   */
  connect(rdns: string): Promise<string>
  /** Signs for the wallet made in this tab again. */
  disconnect(): Promise<void>
  /** Reads the balances of the wallet in use. @throws CHAIN_NONE, RPC_UNREACHABLE */
  balance(): Promise<Balances>
  /**
   * Asks on the page, then has the wallet sign and sends. Resolves once the chain has it; `transactions` tells the rest.
   *
   * @throws WRITE_INVALID for what is no write, before anything is shown, an AbortError when the person says no on the
   * page, WRITE_UNSHOWN, WALLET_BUSY, CHAIN_NONE
   */
  write(intent: WriteIntent): Promise<TransactionState>
  /** What the person says to `question`; without one it is ignored. */
  answerWrite(answer: WriteAnswer): Promise<void>
  /** Waits until a write stands in a block, or never will. */
  settled(id: string): Promise<TransactionState>
  /** Coins and CYBR for a wallet on a chain where they are worth nothing. @throws CHAIN_NONE, TX_NO_CHAIN */
  faucet(): Promise<void>
  /** The parcel that lies on a cell, or can be bought for it, proved; undefined without one, or without a chain. */
  parcel(x: number, y: number): Promise<ParcelFacts | undefined>
  /** Auctions that run or wait to be ended, newest bids first, each proved; none without a chain. */
  auctions(): Promise<readonly ParcelFacts[]>
  /** Votes, conduct and the history of plots. @throws CHAIN_NONE */
  governance(): Promise<GovernanceReads>
  /**
   * Model tokens that stand on parcels (their ids) or their planets; without any, those that the wallet in use holds, gifts
   * among them. None without a chain.
   */
  models(parcels?: readonly number[]): Promise<readonly ModelFacts[]>
  /** Where the parcel on a cell leads, and what entering takes, proved; undefined where none is owned. */
  portal(x: number, y: number): Promise<PortalFacts | undefined>
  /** Portals around a cell, each proved. @param proven the parcel on a cell by the land that is known */
  portals(
    x: number,
    y: number,
    proven: (x: number, y: number) => ProvenParcel | undefined,
  ): Promise<readonly PortalPlace[]>
  /**
   * The Model token by which a restricted object (base58) can be seen, and what that takes, proved; undefined without
   * one. @param author address of the object's owner: only their tokens count
   */
  sale(object: string, author: string): Promise<SaleFacts | undefined>
  /**
   * The claim of a parcel by its giveaway's list, checked: the list's own tree, its root by proof of the chain, and that
   * it names this wallet. @throws GIVEAWAY_LIST, GIVEAWAY_OTHER, GIVEAWAY_UNKNOWN, CHAIN_NONE
   */
  readClaim(list: Blob, parcel: number): Promise<ClaimIntent>
}

export interface WalletApi
  extends Omit<PurseCommands, 'parcel' | 'auctions' | 'governance' | 'portal' | 'portals'> {
  address(): Promise<string>
  /** the burner's recovery phrase, for backup */
  exportPhrase(): Promise<string>
  /** Answers the question in `state.keys`; ignored when nothing is asked. */
  answerKeys(answer: KeyAnswer): Promise<void>
  /** Sends CYBR: `amount` as people write it, such as '12.5'. @throws as `write`, ADDRESS_INVALID, AMOUNT_INVALID */
  send(to: string, amount: string): Promise<TransactionState>
  /** Stakes CYBR, which gives links bandwidth and weight. @throws as `write`, AMOUNT_INVALID */
  stake(amount: string): Promise<TransactionState>
}
