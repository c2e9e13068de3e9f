import { type Bytes, equalBytes, fromHex, toHex } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { AppError } from '#core/errors.ts'
import {
  parseRankProof,
  type RankProofErrorCode,
  type RankProofJson,
  rankProofToJson,
} from '#merkle/rank-proof-json.ts'
import { type RankClaim, verifyRank } from '#merkle/verify-rank.ts'
import { encodeObject } from '#objects/object.ts'
import { createRecordVerifier } from '#objects/signed-record.ts'
import type { ProvenTarget } from './answer.ts'
import { createOrdererRule } from './block-rule.ts'
import { formatGenesis, type MachineGenesis, machineOfGenesis, parseGenesis } from './genesis.ts'
import { readBlockObject, type SignedGraphBlock } from './graph-block.ts'

/**
 * [KG20] A proof of a rank to keep and to hand on: what `tabland verify` reads, with the signed block that commits to its
 * root and the genesis that says who may sign. Whoever has it needs nothing else but to know which machine it is to be.
 */
export interface SavedRankProof extends RankProofJson {
  /** the signed block as it travels without its batches, in hexadecimal digits */
  readonly block?: string
  /** canonical genesis of the block's machine */
  readonly genesis?: string
}

/** What a saved proof shows. */
export interface CheckedRankProof {
  readonly claim: RankClaim
  /** whose orderer signed the root, when a block came along: without it the root is as true as who gave it */
  readonly signed?: { readonly block: SignedGraphBlock; readonly genesis: MachineGenesis }
}

/** A proof has 53 hashes at most, a block a few hundred bytes, a genesis 12 KiB. */
const MAX_PROOF_CHARS = 64 * 1024
/** Desc, delegation and signature take about 800 bytes. */
const MAX_BLOCK_HEX = 16 * 1024

/** The proof of one result of an answer, under the block that it was checked against. */
export function saveRankProof(
  { digest, rank, index, proof }: ProvenTarget,
  block: SignedGraphBlock,
  genesis: MachineGenesis,
): SavedRankProof {
  const { particles, rankRoot } = block.desc
  const claim = { cid: formatCid(digest), rank, index, treeSize: particles, proof, root: rankRoot }
  return { ...rankProofToJson(claim), block: blockToHex(block), genesis: formatGenesis(genesis) }
}

/** A signed block without its batches, as it travels. */
export function encodeBlock({ proof }: SignedGraphBlock): Bytes {
  if (proof.kind !== 'object') throw new Error('A block is always an object.')
  return encodeObject(proof.object)
}

/** The same in hexadecimal digits. */
export function blockToHex(block: SignedGraphBlock): string {
  return toHex(encodeBlock(block))
}

/**
 * Checks a saved proof, as an object or as its JSON: the way to the root, and when there is a block, that it commits to
 * this very root and size and that an orderer of its genesis signed it. Asks nobody. `now` in unix ms.
 *
 * @throws RANK_PROOF_INVALID, MERKLE_…, BLOCK_INVALID, BLOCK_UNSIGNED, BLOCK_TIME, GENESIS_INVALID saying what
 *   does not fit
 */
export async function checkRankProof(input: unknown, now: () => number): Promise<CheckedRankProof> {
  const json = typeof input === 'string' ? parseJson(input) : input
  const claim = parseRankProof(json)
  verifyRank(claim)
  const { block: hex, genesis: text } = json as { readonly block?: unknown; readonly genesis?: unknown }
  if (hex === undefined) return { claim }
  const block = readBlock(hex)
  const genesis = parseGenesis(typeof text === 'string' ? text : '')
  const machine = machineOfGenesis(genesis)
  if (!equalBytes(block.machine, machine)) throw unlike('its genesis is another than the one of its block')
  const verifier = createRecordVerifier({ machine, now })
  await createOrdererRule({ orderers: genesis.orderers, verifier }).verify(block)
  const { rankRoot, particles, height } = block.desc
  if (!equalBytes(rankRoot, claim.root)) throw unlike(`block ${height} commits to another root`)
  if (particles !== claim.treeSize)
    throw unlike(`block ${height} has ${particles} particles, the proof is for ${claim.treeSize}`)
  return { claim, signed: { block, genesis } }
}

function readBlock(hex: unknown): SignedGraphBlock {
  if (typeof hex === 'string' && hex.length <= MAX_BLOCK_HEX && /^([0-9a-fA-F]{2})+$/.test(hex))
    return readBlockObject(fromHex(hex))
  throw unlike('its block is no row of hexadecimal digits')
}

function parseJson(text: string): unknown {
  if (text.length > MAX_PROOF_CHARS) throw unlike(`it has ${text.length} characters`)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unlike('it is no JSON', cause)
  }
}

function unlike(why: string, cause?: unknown): AppError<RankProofErrorCode> {
  return new AppError<RankProofErrorCode>(
    'RANK_PROOF_INVALID',
    `This proof of a rank does not hold: ${why}. Ask for it again.`,
    { cause },
  )
}
