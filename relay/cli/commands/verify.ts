import { fromHex, toHex } from '#core/bytes.ts'
import type { CheckedRankProof } from '#graph/machine/saved-proof.ts'
import { MAX_RANK_PROOF_BYTES } from '../../limits.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'
import { readInputJson } from '../read-input.ts'

export const name = 'verify'
export const summary = 'check a saved proof of a rank'
export const usage = `tabland verify PROOF.json [--root HEX]

  --root HEX   the root that you trust, such as a signed block's: the proof must be about this one

PROOF.json is {"cid":"Qm…","rank":"…","index":I,"treeSize":N,"proof":["HEX",…],"root":"HEX"}: a particle's CIDv0, its
rank as a decimal string, its number, the particles in all, the hashes beside its way to the root (64 digits each, the
lowest first) and the root. With "block" and "genesis" as a tab saves them, the block must commit to that root and be
signed by an orderer of the genesis: then its height, orderer and machine are printed too, and it is for you to know
the machine. Other fields are not looked at. Prints what the proof shows as one JSON object, without the proof, and
ends with 0; ends with 1 and one sentence when it does not hold.`

export async function run(args: readonly string[], { stdout }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandArgs(name, args, { root: { type: 'string' } })
  const [file] = positionals
  if (file === undefined || positionals.length !== 1)
    throw usageError(name, 'Expected `tabland verify PROOF.json`')
  const trusted = values.root === undefined ? undefined : parseRoot(values.root)
  const { parseRankProof } = await import('#merkle/rank-proof-json.ts')
  const { checkRankProof } = await import('#graph/machine/saved-proof.ts')
  const json = await readInputJson(file, MAX_RANK_PROOF_BYTES)
  parseRankProof(json) // what it lacks is said before a root is put in
  const checked = await checkRankProof(
    trusted === undefined ? json : { ...(json as object), root: toHex(trusted) },
    Date.now,
  )
  const { cid, rank, index, treeSize, root } = checked.claim
  const shown = { cid, rank: `${rank}`, index, treeSize, root: toHex(root), ...signedBy(checked) }
  stdout.write(`${JSON.stringify(shown)}\n`)
}

function signedBy({ signed }: CheckedRankProof) {
  if (signed === undefined) return {}
  const { desc, neuron, machine } = signed.block
  return { height: desc.height, orderer: `0x${toHex(neuron)}`, machine: toHex(machine) }
}

function parseRoot(text: string): Uint8Array {
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(text)) return fromHex(text)
  throw usageError(name, `--root: expected 64 hexadecimal digits, got "${text.slice(0, 80)}"`)
}
