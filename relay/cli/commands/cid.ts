import { textCid } from '#core/cid.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'

export const name = 'cid'
export const summary = 'print the CID that a text has in the graph'
export const usage = `tabland cid TEXT

Prints the CIDv0 of TEXT (Unicode NFC, without white space around it) and nothing else. It equals
\`ipfs add --cid-version 0 --raw-leaves=false\` of the same bytes. A TEXT that begins with - comes after --.`

export async function run(args: readonly string[], { stdout }: CommandContext): Promise<void> {
  const { positionals } = parseCommandArgs(name, args, {})
  const [text] = positionals
  if (text === undefined || positionals.length > 1) {
    throw usageError(
      name,
      `Expected one TEXT (in quotes when it has spaces), got ${positionals.length} arguments`,
    )
  }
  stdout.write(`${textCid(text)}\n`)
}
