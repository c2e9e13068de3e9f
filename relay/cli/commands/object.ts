import { MAX_OBJECT_BYTES } from '#core/limits.ts'
import type { Json } from '#objects/content/field.ts'
import { type CommandContext, chooseAction, parseCommandArgs, usageError } from '../command.ts'
import { readInputJson } from '../read-input.ts'
import { MAP_USAGE, runMapCommand } from './object-map.ts'
import { PEERS_USAGE, runGet, runPut } from './object-peers.ts'
import { printSigned, printTrust, TRUST_USAGE } from './object-trust.ts'

export const name = 'object'
export const summary = 'name, read and write named objects'
export const usage = `tabland object id --hex HEX | --desc-hex HEX
tabland object decode --hex HEX
tabland object encode FILE.json

id      prints the base58 id alone: of a whole object, or of a raw-encoded desc as hashed
decode  prints the whole object as JSON: ids in base58, bytes in hexadecimal digits
encode  prints the object of such a JSON file in hexadecimal digits; "id" and "type" may be left out

An object that is not written in its one way is refused, with the field, its offset and what was expected there.

${TRUST_USAGE}

${PEERS_USAGE}

${MAP_USAGE}`

const COMMANDS: Readonly<
  Record<string, (args: readonly string[], context: CommandContext) => Promise<void>>
> = {
  id: printing(printId),
  decode: printing(printJson),
  encode: printing(printHex),
  sign: printing(printSigned),
  verify: printing(printTrust),
  get: runGet,
  put: runPut,
  map: runMapCommand,
}
/** JSON says a byte in two digits, and names beside them. */
const MAX_JSON_BYTES = 8 * MAX_OBJECT_BYTES

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const [action, ...rest] = args
  return chooseAction(name, action, COMMANDS)(rest, context)
}

type Print = (args: readonly string[]) => Promise<string>

function printing(print: Print): (args: readonly string[], context: CommandContext) => Promise<void> {
  return async (args, { stdout }) => {
    stdout.write(`${await print(args)}\n`)
  }
}

async function printId(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseCommandArgs(name, args, {
    hex: { type: 'string' },
    'desc-hex': { type: 'string' },
  })
  const { hex, 'desc-hex': descHex } = values
  if ((hex === undefined) === (descHex === undefined) || positionals.length > 0) {
    throw usageError(name, 'Expected either --hex HEX or --desc-hex HEX')
  }
  const { fromHex } = await import('#core/bytes.ts')
  const { objectIdOfHashedDesc } = await import('#objects/desc.ts')
  const { formatObjectId } = await import('#objects/object-id.ts')
  if (descHex !== undefined) return formatObjectId(objectIdOfHashedDesc(fromHex(descHex)))
  const { decodeObject, objectIdOf } = await import('#objects/object.ts')
  return formatObjectId(objectIdOf(decodeObject(fromHex(hex!))))
}

async function printJson(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseCommandArgs(name, args, { hex: { type: 'string' } })
  if (values.hex === undefined || positionals.length > 0) throw usageError(name, 'Expected --hex HEX')
  const { fromHex } = await import('#core/bytes.ts')
  const { decodeObject } = await import('#objects/object.ts')
  const { objectToJson } = await import('#objects/object-json.ts')
  return JSON.stringify(objectToJson(decodeObject(fromHex(values.hex))), null, 2)
}

async function printHex(args: readonly string[]): Promise<string> {
  const { positionals } = parseCommandArgs(name, args, {})
  const [file] = positionals
  if (file === undefined || positionals.length > 1) throw usageError(name, 'Expected one FILE.json')
  const { toHex } = await import('#core/bytes.ts')
  const { encodeObject } = await import('#objects/object.ts')
  const { objectFromJson } = await import('#objects/object-json.ts')
  return toHex(encodeObject(objectFromJson((await readInputJson(file, MAX_JSON_BYTES)) as Json)))
}
