/** The part of the seam about wallets and money; see types.ts. Amounts are in wei. */
import type { KeyAnswer } from './types.ts'

/** A wallet that an extension of this browser offers. */
export interface WalletOffer {
  /** its maker's name in reverse, such as `io.metamask`: names it in `connect` */
  readonly rdns: string
  readonly name: string
  /** `data:image/…` */
  readonly icon?: string
}

export interface PurseState {
  /** wallets of the browser, as they told of themselves */
  readonly offers: readonly WalletOffer[]
}

export const EMPTY_PURSE: PurseState = { offers: [] }

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
}

export interface WalletApi extends PurseCommands {
  address(): Promise<string>
  /** the burner's recovery phrase, for backup */
  exportPhrase(): Promise<string>
  /** Answers the question in `state.keys`; ignored when nothing is asked. */
  answerKeys(answer: KeyAnswer): Promise<void>
}
