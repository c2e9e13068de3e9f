import { parseCyfsLink } from '#objects/cyfs-link.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'

export const name = 'url'
export const summary = "print a cyfs link's parts as JSON"
export const usage = `tabland url parse URL

Prints one JSON object: type (o, r, a or name), what the link has of zone, id, dec, version and name (ids in
base58), inner (the decoded path below it, "" where there is none), and mode and mime where they are given.`

export async function run(args: readonly string[], { stdout }: CommandContext): Promise<void> {
  const { positionals } = parseCommandArgs(name, args, {})
  const [action, url] = positionals
  if (action !== 'parse' || url === undefined || positionals.length > 2)
    throw usageError(name, 'Expected `tabland url parse URL`')
  stdout.write(`${JSON.stringify(parseCyfsLink(url))}\n`)
}
