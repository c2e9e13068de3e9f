import { fromRlp } from 'viem/utils'
import { fromHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import { chainError } from '../chain-errors.ts'
import {
  type Hex,
  hexOf,
  parseAnyData,
  parseData,
  parseList,
  parseObject,
  parseQuantity,
  readWord,
  wordBytes,
} from '../hex.ts'
import { MAX_TRIE_NODE_BYTES, MAX_TRIE_PROOF_NODES, proofNodes, verifyTrieProof } from './trie-proof.ts'

/** An account as the state of a block has it. */
export interface Account {
  readonly nonce: bigint
  readonly balanceWei: bigint
  readonly storageHash: Hex
  readonly codeHash: Hex
}

export interface ProvenAccount {
  readonly account: Account
  /** in the order in which they were asked for */
  readonly slots: readonly bigint[]
}

export interface AccountQuestion {
  /** 20 bytes, lower case */
  readonly address: Hex
  readonly slots: readonly bigint[]
  /** of an accepted header */
  readonly stateRoot: Hex
}

/** Slots in one question: a hundred proofs of ten nodes are a megabyte of hexadecimal digits. */
export const MAX_PROVEN_SLOTS = 100

const EMPTY_ACCOUNT: Account = {
  nonce: 0n,
  balanceWei: 0n,
  storageHash: hexOf(keccak256(Uint8Array.of(0x80))),
  codeHash: hexOf(keccak256(new Uint8Array(0))),
}

/**
 * The answer to eth_getProof, checked against a header's state root: every value that it names is proved, or the
 * answer is refused.
 *
 * @throws RPC_ANSWER_INVALID when it is no such answer, PROOF_INVALID when a proof does not lead from the root to its
 * value, PROOF_MISMATCH when a value differs from what its proof shows
 */
export function readAccountProof(
  answer: unknown,
  { address, slots, stateRoot }: AccountQuestion,
): ProvenAccount {
  const fields = parseObject(answer, 'proof')
  const nodes = parseNodes(fields.accountProof, 'accountProof')
  const leaf = verifyTrieProof(fromHex(stateRoot), keccak256(fromHex(address)), nodes)
  const account = leaf === undefined ? EMPTY_ACCOUNT : readAccount(leaf)
  assertClaims(fields, account, leaf === undefined)
  assertSame('address', parseData(fields.address, 'address', 20), address)
  const storage = parseList(fields.storageProof, 'storageProof', MAX_PROVEN_SLOTS)
  if (storage.length !== slots.length)
    throw mismatch('the number of storage proofs', storage.length, slots.length)
  return { account, slots: slots.map((slot, i) => readSlot(storage[i], slot, account.storageHash)) }
}

/** What the answer says of the account beside its proof. */
function assertClaims(fields: Readonly<Record<string, unknown>>, account: Account, isAbsent: boolean): void {
  assertSame('the balance', parseQuantity(fields.balance, 'balance'), account.balanceWei)
  assertSame('the nonce', parseQuantity(fields.nonce, 'nonce'), account.nonce)
  const storageHash = parseData(fields.storageHash, 'storageHash', 32)
  const codeHash = parseData(fields.codeHash, 'codeHash', 32)
  // some nodes say zero of an account that is not there
  const isZero = (hash: Hex) => isAbsent && hash === ZERO_HASH
  if (!isZero(storageHash)) assertSame('the storage hash', storageHash, account.storageHash)
  if (!isZero(codeHash)) assertSame('the code hash', codeHash, account.codeHash)
}

const ZERO_HASH: Hex = `0x${'0'.repeat(64)}`

function readAccount(leaf: Uint8Array): Account {
  const items = decodeLeaf(leaf)
  const [nonce, balance, storageHash, codeHash, ...others] = Array.isArray(items) ? items : []
  const areBytes = [nonce, balance, storageHash, codeHash].every((item) => item instanceof Uint8Array)
  if (!areBytes || others.length > 0) throw invalidLeaf('is no account')
  return {
    nonce: readWord(nonce as Uint8Array),
    balanceWei: readWord(balance as Uint8Array),
    storageHash: hexOf(storageHash as Uint8Array),
    codeHash: hexOf(codeHash as Uint8Array),
  }
}

function readSlot(answer: unknown, slot: bigint, storageHash: Hex): bigint {
  const fields = parseObject(answer, 'storageProof')
  const nodes = parseNodes(fields.proof, 'storageProof')
  const leaf = verifyTrieProof(fromHex(storageHash), keccak256(wordBytes(slot)), nodes)
  const value = leaf === undefined ? 0n : readSlotValue(leaf)
  assertSame('the key', readWord(fromHex(padded(fields.key))), slot)
  assertSame(`slot ${slot}`, parseQuantity(fields.value, 'value'), value)
  return value
}

/**
 * Which of some slots, 32 bytes each, are leaves of zero below a storage root, by the answer to eth_getProof for them:
 * on a clean chain none is.
 *
 * @throws RPC_ANSWER_INVALID, PROOF_INVALID
 */
export function readZeroLeaves(
  answer: unknown,
  storageHash: Hex,
  slots: readonly Uint8Array[],
): readonly Uint8Array[] {
  const storage = parseList(parseObject(answer, 'proof').storageProof, 'storageProof', MAX_PROVEN_SLOTS)
  return slots.filter((slot, i) => {
    const nodes = parseNodes(parseObject(storage[i], 'storageProof').proof, 'storageProof')
    const leaf = verifyTrieProof(fromHex(storageHash), keccak256(slot), nodes)
    return leaf !== undefined && readSlotValue(leaf) === 0n
  })
}

function readSlotValue(leaf: Uint8Array): bigint {
  const value = decodeLeaf(leaf)
  // anvil keeps words of zero in its tries once something has read them; others have no such leaf
  if (value instanceof Uint8Array && value.length === 0) return 0n
  if (!(value instanceof Uint8Array) || value.length > 32 || value[0] === 0)
    throw invalidLeaf('is no word of storage')
  return readWord(value)
}

function decodeLeaf(leaf: Uint8Array): unknown {
  try {
    return fromRlp(leaf, 'bytes')
  } catch (cause) {
    throw invalidLeaf('is no RLP', cause)
  }
}

function invalidLeaf(what: string, cause?: unknown): Error {
  return chainError('PROOF_INVALID', `A proof does not hold: what the leaf holds ${what}.`, { cause })
}

/** Keys come as 32 bytes from some nodes and as quantities from others. */
function padded(key: unknown): string {
  const digits = typeof key === 'string' && /^0x[0-9a-fA-F]{0,64}$/.test(key) ? key.slice(2) : undefined
  return (digits ?? parseAnyData(key, 'key', 32)).padStart(64, '0')
}

function parseNodes(value: unknown, field: string): readonly Uint8Array[] {
  const nodes = parseList(value, field, MAX_TRIE_PROOF_NODES)
  return proofNodes(nodes.map((node) => parseAnyData(node, field, MAX_TRIE_NODE_BYTES)))
}

function assertSame<T extends string | bigint>(what: string, claimed: T, proven: T): void {
  if (claimed !== proven) throw mismatch(what, claimed, proven)
}

function mismatch(what: string, claimed: string | bigint | number, proven: string | bigint | number): Error {
  return chainError(
    'PROOF_MISMATCH',
    `An endpoint says that ${what} is ${claimed}, but its proof shows ${proven}.`,
    { details: { claimed, proven } },
  )
}
