import type { OpenedObject } from '#api/object-types.ts'
import type { CommandContext } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'

export const name = 'open'
export const summary = 'open a cyfs link or an object id: what it is, whose word it is, and its bytes'
export const usage = `tabland open LINK [options]

  --out PATH        write the file, or the files of the folder, to PATH, which must not exist yet
${NODE_OPTIONS_HELP}

Prints the object as JSON: type, name, trust, bytes, and the entries of a folder. A path behind the id leads into a
folder: cyfs://o/OWNER/ID/img/a.png. What the profile does not hold is fetched from peers, each block checked.`

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, { names: ['LINK'], values: ['out'] })
  const link = line.positionals[0] as string
  const out = line.values.out?.at(-1)
  const { signal, stdout } = context
  await withNodeTabland(line, context, async ({ tabland: { objects }, synced }) => {
    // a peer was met once its records are here
    await synced()
    const opened = await objects.open(link, { signal })
    if (out !== undefined) {
      const { writeOpened } = await import('../write-opened.ts')
      await writeOpened(out, { objects, link, opened, signal })
    }
    stdout.write(`${JSON.stringify(withoutJson(opened), null, 2)}\n`)
  })
}

/** `tabland object decode` prints the rest. */
function withoutJson({ json: _, ...rest }: OpenedObject): Omit<OpenedObject, 'json'> {
  return rest
}
