import { type Bytes, fromHex, toHex } from '#core/bytes.ts'
import { MAX_MERKLE_FILE_BYTES } from '../../limits.ts'
import { type CommandContext, chooseAction, parseCommandArgs, usageError } from '../command.ts'
import { readInputJson } from '../read-input.ts'

export const name = 'merkle'
export const summary = 'check Merkle proofs of a file, make trees and proofs'
export const usage = `tabland merkle check CASES.json
tabland merkle tree LEAVES.json [--index I] [--since SIZE]
tabland merkle map ENTRIES.json [--key HEX]

check: CASES.json is {"inclusion":[…],"consistency":[…]}, hashes in base64, proof null or a list, wantErr true where the
proof must be refused. A case of inclusion has file, leafIdx, treeSize, root, leafHash and proof, one of consistency
file, size1, size2, root1, root2 and proof. Prints {"checked":N,"wrong":[FILE,…]}: the cases whose outcome was not the
expected one. Ends with 0 when there is none, else with 1.

tree: LEAVES.json is a list of leaves in hex, the tree that of RFC 6962. Prints size, root and shortTree (the roots of
its perfect subtrees, 40 bytes each); with --index also leafHash and its inclusion proof; with --since the proof that
the first SIZE leaves are its beginning.

map: ENTRIES.json is {"KEY":"VALUE",…}, 64 hexadecimal digits each. Prints size and root; with --key also value (null:
there is none) and the proof of that, in hex.`

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const [action, ...rest] = args
  await chooseAction(name, action, { check, tree, map })(rest, context)
}

async function check(args: readonly string[], { stdout }: CommandContext): Promise<void> {
  const { positionals } = parseCommandArgs(name, args, {})
  const file = onlyFile(positionals, 'check CASES.json')
  const { checkProofCases } = await import('../../merkle/proof-cases.ts')
  const result = checkProofCases(await readInputJson(file, MAX_MERKLE_FILE_BYTES))
  stdout.write(`${JSON.stringify(result)}\n`)
  if (result.wrong.length > 0) process.exitCode = 1
}

async function tree(args: readonly string[], { stdout, stderr }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandArgs(name, args, {
    index: { type: 'string' },
    since: { type: 'string' },
  })
  const file = onlyFile(positionals, 'tree LEAVES.json')
  const index = parseCount(values.index, '--index')
  const since = parseCount(values.since, '--since')
  const { parseLeaves } = await import('../../merkle/tree-files.ts')
  const { encodeShortTree } = await import('#merkle/short-tree.ts')
  const { FullTree } = await import('#merkle/full-tree.ts')
  const { createNodeHasher } = await import('../../hashers.ts')
  const { leafHash } = await import('#merkle/tree-hash.ts')
  const full = new FullTree(await createNodeHasher(warnOn(stderr)))
  for (const leaf of parseLeaves(await readInputJson(file, MAX_MERKLE_FILE_BYTES)))
    full.appendHashes(leafHash(leaf))
  const inclusion =
    index === undefined
      ? {}
      : { index, leafHash: toHex(full.leafHash(index)), proof: hexOf(full.proveInclusion(index)) }
  const consistency =
    since === undefined
      ? {}
      : { since, sinceRoot: toHex(full.root(since)), consistencyProof: hexOf(full.proveConsistency(since)) }
  const shortTree = toHex(encodeShortTree(full.shortTree()))
  const result = { size: full.size, root: toHex(full.root()), shortTree, ...inclusion, ...consistency }
  stdout.write(`${JSON.stringify(result)}\n`)
}

async function map(args: readonly string[], { stdout, stderr }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandArgs(name, args, { key: { type: 'string' } })
  const file = onlyFile(positionals, 'map ENTRIES.json')
  const { parseEntries } = await import('../../merkle/tree-files.ts')
  const key = values.key === undefined ? undefined : parseKey(values.key)
  const { encodeMapProof, verifyMapProof } = await import('#merkle/map-proof.ts')
  const { MapTree } = await import('#merkle/map-tree.ts')
  const { createNodeHasher } = await import('../../hashers.ts')
  const entries = new MapTree(await createNodeHasher(warnOn(stderr)))
  for (const [at, value] of parseEntries(await readInputJson(file, MAX_MERKLE_FILE_BYTES)))
    entries.set(at, value)
  const root = entries.root()
  const result = { size: entries.size, root: toHex(root) }
  if (key === undefined) {
    stdout.write(`${JSON.stringify(result)}\n`)
    return
  }
  const proof = entries.prove(key)
  const value = verifyMapProof(root, key, proof)
  const shown = {
    key: toHex(key),
    value: value === undefined ? null : toHex(value),
    proof: toHex(encodeMapProof(proof)),
  }
  stdout.write(`${JSON.stringify({ ...result, ...shown })}\n`)
}

function warnOn(stderr: NodeJS.WritableStream): (line: string) => void {
  return (line) => stderr.write(`${line}\n`)
}

function hexOf(hashes: readonly Bytes[]): readonly string[] {
  return hashes.map(toHex)
}

function onlyFile(positionals: readonly string[], expected: string): string {
  const [file] = positionals
  if (file !== undefined && positionals.length === 1) return file
  throw usageError(name, `Expected \`tabland merkle ${expected}\``)
}

function parseCount(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw usageError(name, `${option}: expected a whole number, got "${text.slice(0, 80)}"`)
}

function parseKey(text: string): Bytes {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return fromHex(text)
  throw usageError(name, `--key: expected 64 hexadecimal digits, got "${text.slice(0, 80)}"`)
}
