import { basename, resolve } from 'node:path'
import type { PublishOptions } from '#api/object-types.ts'
import type { PublishSource } from '#api/publisher.ts'
import { type CommandContext, untilAborted } from '../command.ts'
import {
  NODE_OPTIONS_HELP,
  type NodeCommandLine,
  parseNodeCommand,
  withNodeTabland,
} from '../node-options.ts'
import { parseAddressLists } from '../parse-address-lists.ts'
import { type FoundPath, readPath } from '../read-path.ts'

export const name = 'publish'
export const summary = 'publish a file or a folder as a named object, signed by the profile'
export const usage = `tabland publish PATH [options]

  --readers LIST    encrypt it, with the names of a folder's files, for these wallets, as 0x…,0x…; the key is given
                    while the profile is served
  --serve           join and serve the profile's files until stopped
${NODE_OPTIONS_HELP}

Prints the object's id and its cyfs link. Links in a folder are not followed.`

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, { names: ['PATH'], flags: ['serve'], values: ['readers'] })
  const readers = readersOf(line)
  const path = line.positionals[0] as string
  const source = sourceOf(await readPath(path), basename(resolve(path)))
  const { signal, stdout, stderr } = context
  await withNodeTabland(line, context, async ({ publish, synced, tabland }) => {
    const { id, link } = await publish(source, { signal, ...readers })
    if (line.flags.serve) await synced()
    stdout.write(`${id} ${link}\n`)
    if (!line.flags.serve) {
      stderr.write('So far only this profile holds its bytes: add --serve to give them to others.\n')
      return
    }
    const isAlone = tabland.state.network.value.peers.every(({ kind }) => kind === 'relay')
    const alone = isAlone ? ' Nobody is connected to fetch it yet, so only this profile holds it.' : ''
    stderr.write(`Serving it until you press Ctrl-C.${alone}\n`)
    await untilAborted(signal)
  })
}

/** Given several times, all count. @throws ADDRESS_INVALID */
function readersOf({ values }: NodeCommandLine): Pick<PublishOptions, 'readers'> {
  const lists = values.readers as readonly string[]
  return lists.length === 0 ? {} : { readers: parseAddressLists('--readers', lists) }
}

function sourceOf(found: FoundPath, name: string): PublishSource {
  return found.kind === 'file'
    ? { kind: 'file', name, content: found.content }
    : { kind: 'folder', name, files: found.files }
}
