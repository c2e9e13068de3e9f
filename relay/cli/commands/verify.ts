import { fromHex, toHex } from '#core/bytes.ts'
import { MAX_RANK_PROOF_BYTES } from '../../limits.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'
import { readInputJson } from '../read-input.ts'

export const name = 'verify'
export const summary = 'check a saved proof of a rank'
export const usage = `tabland verify PROOF.json [--root HEX]

  --root HEX   the root that you trust, such as a signed block's: the proof must be about this one

PROOF.json is {"cid":"Qm…","rank":"…","index":I,"treeSize":N,"proof":["HEX",…],"root":"HEX"}: a particle's CIDv0, its
rank as a decimal string, its number, the particles in all, the hashes beside its way to the root (64 digits each, the
lowest first) and the root. Other fields are not looked at. Prints what the proof shows as one JSON object, without
the proof, and ends with 0; ends with 1 and one sentence when it does not hold.`

export async function run(args: readonly string[], { stdout }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandArgs(name, args, { root: { type: 'string' } })
  const [file] = positionals
  if (file === undefined || positionals.length !== 1)
    throw usageError(name, 'Expected `tabland verify PROOF.json`')
  const trusted = values.root === undefined ? undefined : parseRoot(values.root)
  const { parseRankProof } = await import('#merkle/rank-proof-json.ts')
  const { verifyRank } = await import('#merkle/verify-rank.ts')
  const claim = parseRankProof(await readInputJson(file, MAX_RANK_PROOF_BYTES))
  const root = trusted ?? claim.root
  verifyRank({ ...claim, root })
  const { cid, rank, index, treeSize } = claim
  stdout.write(`${JSON.stringify({ cid, rank: `${rank}`, index, treeSize, root: toHex(root) })}\n`)
}

function parseRoot(text: string): Uint8Array {
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(text)) return fromHex(text)
  throw usageError(name, `--root: expected 64 hexadecimal digits, got "${text.slice(0, 80)}"`)
}
