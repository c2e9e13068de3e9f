import { type Bytes, equalBytes, fromHex, toHex, utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { plainPhrase, type StoredWallet } from './stored-wallet.ts'

export type KeysErrorCode =
  | 'KEYS_PASSPHRASE_WRONG'
  | 'KEYS_PASSPHRASE_SHORT'
  | 'KEYS_REPLACED'
  | 'KEYS_CLOSED'
  | 'KEYS_NONE'

/** What must not lie open where others can read it. */
export interface Secrets {
  /** of the Device key, 32 bytes */
  readonly seed: Bytes
  readonly wallet?: StoredWallet | undefined
}

/** Secrets as they are stored: useless without the passphrase. */
export interface SealedSecrets {
  readonly version: 1
  /** 16 bytes; made once with the keys, so it names them too */
  readonly salt: Bytes
  /** 12 bytes, new for each sealing */
  readonly iv: Bytes
  /** AES-256-GCM */
  readonly data: Bytes
}

/** Passphrase and salt → 32 bytes. */
export type DeriveKey = (passphrase: string, salt: Bytes) => Promise<Bytes>

/** Words of a sentence or a password manager's text: fewer characters are found by trying. */
export const MIN_PASSPHRASE_LENGTH = 10
/**
 * scrypt at 2¹⁷ · 8 · 1, the least that OWASP advises: 128 MiB and about a second for each try. What is sealed can
 * be copied by whoever reads it and tried without end, on graphics cards too, so it is memory that has to cost.
 */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, dkLen: 32, asyncTick: 16 } as const
const SALT_BYTES = 16
const IV_BYTES = 12
/** What is sealed for one purpose does not open for another. */
const PURPOSES = { keys: 'tabland sealed secrets 1', phrase: 'tabland sealed phrase 1' } as const

/** The slow part, done in slices so that the page goes on drawing. */
export const deriveByScrypt: DeriveKey = async (passphrase, salt) => {
  const { scryptAsync } = await import('@noble/hashes/scrypt.js')
  return new Uint8Array(await scryptAsync(passphrase.normalize('NFKC'), salt, SCRYPT))
}

/** Seals and opens the secrets of one passphrase; its key stays in memory and cannot be taken out. */
export interface Sealer<T = Secrets> {
  seal(secrets: T): Promise<SealedSecrets>
  /** @throws KEYS_PASSPHRASE_WRONG, also when what is stored was altered */
  open(sealed: SealedSecrets): Promise<T>
  /** Were `sealed` made with these keys? */
  owns(sealed: SealedSecrets): boolean
}

/**
 * Seals all that a page from disk keeps.
 *
 * @param salt of what is stored already; new keys get a new one
 * @throws KEYS_PASSPHRASE_SHORT
 */
export async function createSealer(passphrase: string, derive: DeriveKey, salt?: Bytes): Promise<Sealer> {
  const texts = await createTextSealer({ passphrase, derive, salt }, 'keys')
  return {
    seal: (secrets) => texts.seal(encode(secrets)),
    open: async (sealed) => decode(await texts.open(sealed)),
    owns: texts.owns,
  }
}

/**
 * Seals a recovery phrase alone: where the browser keeps the Device key, that one stays open.
 *
 * @param salt of what is stored already; a new phrase gets a new one
 * @throws KEYS_PASSPHRASE_SHORT
 */
export function createPhraseSealer(
  passphrase: string,
  derive: DeriveKey,
  salt?: Bytes,
): Promise<Sealer<string>> {
  return createTextSealer({ passphrase, derive, salt }, 'phrase')
}

interface SealerInit {
  readonly passphrase: string
  readonly derive: DeriveKey
  readonly salt: Bytes | undefined
}

async function createTextSealer(
  { passphrase, derive, salt = random(SALT_BYTES) }: SealerInit,
  purpose: keyof typeof PURPOSES,
): Promise<Sealer<string>> {
  if (passphrase.length < MIN_PASSPHRASE_LENGTH) {
    throw new AppError<KeysErrorCode>(
      'KEYS_PASSPHRASE_SHORT',
      `A passphrase has at least ${MIN_PASSPHRASE_LENGTH} characters. Use a few words that belong together for you alone.`,
    )
  }
  const bytes = await derive(passphrase, salt)
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
  bytes.fill(0)
  const additionalData = utf8(PURPOSES[purpose])
  return {
    async seal(text) {
      const iv = random(IV_BYTES)
      const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, utf8(text))
      return { version: 1, salt, iv, data: new Uint8Array(data) }
    },
    async open({ iv, data }) {
      try {
        const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, data)
        return new TextDecoder().decode(opened)
      } catch (cause) {
        throw new AppError<KeysErrorCode>(
          'KEYS_PASSPHRASE_WRONG',
          'This passphrase does not open the keys that are stored here. Try again, or use keys for this visit only.',
          { cause },
        )
      }
    },
    owns: (sealed) => equalBytes(sealed.salt, salt),
  }
}

function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

function encode({ seed, wallet }: Secrets): string {
  if (wallet === undefined) return JSON.stringify({ seed: toHex(seed) })
  const delegations = Object.entries(wallet.delegations).map(([machine, bytes]) => [machine, toHex(bytes)])
  const plain = { phrase: plainPhrase(wallet), address: toHex(wallet.address), delegations }
  return JSON.stringify({ seed: toHex(seed), wallet: plain })
}

/** The text was sealed by `encode`: whoever could alter it knows the passphrase. */
function decode(text: string): Secrets {
  const { seed, wallet } = JSON.parse(text) as {
    seed: string
    wallet?: { phrase: string; address: string; delegations: [string, string][] }
  }
  if (wallet === undefined) return { seed: fromHex(seed) }
  return {
    seed: fromHex(seed),
    wallet: {
      phrase: wallet.phrase,
      address: fromHex(wallet.address),
      delegations: Object.fromEntries(wallet.delegations.map(([machine, hex]) => [machine, fromHex(hex)])),
    },
  }
}
