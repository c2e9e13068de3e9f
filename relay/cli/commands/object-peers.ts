import { writeFile } from 'node:fs/promises'
import type { ObjectId } from '#objects/object-id.ts'
import type { NodeTabland } from '../../create-node-tabland.ts'
import { type CommandContext, untilAborted, usageError } from '../command.ts'
import {
  NODE_OPTIONS_HELP,
  type NodeCommandLine,
  parseNodeCommand,
  withNodeTabland,
} from '../node-options.ts'
import { readInput } from '../read-input.ts'

const COMMAND = 'object'

export const PEERS_USAGE = `tabland object get LINK|ID [--hex | --out FILE] [options]
tabland object put FILE | --hex HEX [--serve] [options]

get     prints the object as \`decode\` does, from the profile or from peers, checked
put     keeps an object in the profile, hands it to the peers that take it, and prints its id
        FILE is what \`get --out\` wrote

  --hex             get: prints the object in hexadecimal digits; put: the object
  --out FILE        get: writes the object's bytes into a file
  --serve           put: serves it until stopped
${NODE_OPTIONS_HELP}`

/** `tabland object get`: an object of the profile, or of its peers. */
export async function runGet(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(COMMAND, args, { names: ['LINK|ID'], flags: ['hex'], values: ['out'] })
  const [out, ...more] = line.values.out as readonly string[]
  if (more.length > 0 || (out !== undefined && line.flags.hex))
    throw usageError(COMMAND, 'Expected either --hex or one --out FILE')
  const { idOf } = await import('#api/object-finder.ts')
  const id = idOf(line.positionals[0] as string)
  const { object, bytes } = await withNodeTabland(line, context, (node) => find(node, id, context.signal))
  if (out !== undefined) return writeFile(out, bytes)
  const { toHex } = await import('#core/bytes.ts')
  const { objectToJson } = await import('#objects/object-json.ts')
  const text = line.flags.hex ? toHex(bytes) : JSON.stringify(objectToJson(object), null, 2)
  context.stdout.write(`${text}\n`)
}

async function find({ objects, synced }: NodeTabland, id: ObjectId, signal: AbortSignal) {
  const here = await objects.store.get(id)
  if (here !== undefined) return here
  await synced() // a peer was met once its records are here
  return objects.exchange.get(id, { signal })
}

/** `tabland object put`: an object from a file or the command line becomes the profile's, and its peers hear of it. */
export async function runPut(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(COMMAND, args, { rest: 'FILE', flags: ['serve'], values: ['hex'] })
  const bytes = await readObject(line)
  const { signal, stdout, stderr } = context
  const { formatObjectId } = await import('#objects/object-id.ts')
  await withNodeTabland(line, context, async ({ objects, synced }) => {
    const { id } = await objects.store.put(bytes, { own: true })
    await synced()
    const holders = await objects.exchange.announce([id], { signal })
    stdout.write(`${formatObjectId(id)}\n`)
    if (line.flags.serve) {
      stderr.write('Serving it until you press Ctrl-C.\n')
      await untilAborted(signal)
    } else if (holders.length === 0) {
      stderr.write('Kept in the profile. Nobody else holds it yet: put it with --serve.\n')
    }
  })
}

async function readObject({ positionals, values }: NodeCommandLine): Promise<Uint8Array> {
  const given = [...positionals, ...(values.hex as readonly string[])]
  if (given.length !== 1) throw usageError(COMMAND, 'Expected either FILE or --hex HEX')
  const [file] = positionals
  const { MAX_OBJECT_BYTES } = await import('#core/limits.ts')
  if (file !== undefined) return readInput(file, MAX_OBJECT_BYTES)
  const { fromHex } = await import('#core/bytes.ts')
  return fromHex(given[0] as string)
}
