import { secp256k1 } from '@noble/curves/secp256k1.js'
import { HDKey } from '@scure/bip32'
import { generateMnemonic, mnemonicToSeed, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { type Bytes, concat } from '#core/bytes.ts'
import { addressOf, type DelegationFields, delegationHash } from '#core/delegation.ts'
import { AppError } from '#core/errors.ts'
import type { Address } from '#core/identity.ts'

export type PhraseErrorCode = 'WALLET_PHRASE_INVALID'

/** Accounts of Ethereum (BIP-44, coin type 60): other wallets find the same addresses from the phrase. */
const PATH = "m/44'/60'/0'/0"
/** 12 words */
const ENTROPY_BITS = 128

/** A wallet made in this tab ([CH16]): its key is whatever its recovery phrase gives. */
export interface BurnerWallet {
  readonly address: Address
  /** EIP-712 signature of a delegation: r ‖ s ‖ parity, 65 bytes */
  signDelegation(fields: DelegationFields): Bytes
}

/** A new recovery phrase of 12 English words (BIP-39). */
export function createPhrase(): string {
  return generateMnemonic(wordlist, ENTROPY_BITS)
}

/** The key of an account, 32 bytes; `account` counts from 0. @throws WALLET_PHRASE_INVALID */
export async function deriveSecret(phrase: string, account = 0): Promise<Bytes> {
  const words = phrase.trim().split(/\s+/).join(' ').toLowerCase()
  if (!validateMnemonic(words, wordlist)) {
    throw new AppError<PhraseErrorCode>(
      'WALLET_PHRASE_INVALID',
      'This is no recovery phrase: expected 12 to 24 English words of BIP-39 whose last word fits the others. Check the order and the spelling.',
    )
  }
  const key = HDKey.fromMasterSeed(await mnemonicToSeed(words)).derive(`${PATH}/${account}`)
  return key.privateKey as Bytes // derived from a master seed, so never public-only
}

/** `account` counts from 0. @throws WALLET_PHRASE_INVALID */
export async function openBurnerWallet(phrase: string, account = 0): Promise<BurnerWallet> {
  const secret = await deriveSecret(phrase, account)
  return {
    address: addressOf(secp256k1.getPublicKey(secret, false)),
    signDelegation(fields) {
      const recovered = secp256k1.sign(delegationHash(fields), secret, {
        prehash: false,
        format: 'recovered', // parity ‖ r ‖ s
      })
      return concat(recovered.subarray(1), recovered.subarray(0, 1))
    },
  }
}
