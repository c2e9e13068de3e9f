import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'
import { MAP_USAGE, runMapCommand } from './object-map.ts'

export const name = 'object'
export const summary = 'name, read and write named objects'
export const usage = `tabland object id --desc-hex HEX

id prints the base58 id alone: of a raw-encoded desc as hashed (--desc-hex).

${MAP_USAGE}`

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const [action, ...rest] = args
  if (action === 'map') return runMapCommand(rest, context)
  if (action !== 'id') throw usageError(name, 'Expected `object id` or `object map`')
  context.stdout.write(`${await printId(rest)}\n`)
}

async function printId(args: readonly string[]): Promise<string> {
  const { fromHex } = await import('#core/bytes.ts')
  const { decodeDesc, objectIdOfDesc } = await import('#objects/desc.ts')
  const { formatObjectId } = await import('#objects/object-id.ts')
  const { values, positionals } = parseCommandArgs(name, args, { 'desc-hex': { type: 'string' } })
  const hex = values['desc-hex']
  if (hex === undefined || positionals.length > 0) throw usageError(name, 'Expected --desc-hex HEX')
  return formatObjectId(objectIdOfDesc(decodeDesc(fromHex(hex))))
}
