import { basename, resolve } from 'node:path'
import { type CommandContext, untilAborted } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'
import { readPath } from '../read-path.ts'

export const name = 'add'
export const summary = 'keep a file or a folder in the profile, and serve it when asked to'
export const usage = `tabland add PATH [options]

  --serve           join and serve the profile's files until stopped
${NODE_OPTIONS_HELP}

Prints the CID of the file, or of the folder as a UnixFS directory. Links in a folder are not followed.`

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, { names: ['PATH'], flags: ['serve'] })
  const path = line.positionals[0] as string
  const source = await readPath(path)
  const { signal, stdout, stderr } = context
  const options = { name: basename(resolve(path)), signal }
  if (!line.flags.serve) {
    const { addToProfile } = await import('../../profile-content.ts')
    const { cid } = await addToProfile(line.profileDir, source, options)
    stdout.write(`${cid}\n`)
    stderr.write(
      'Kept in the profile. Nobody else can fetch it until you serve it: tabland add PATH --serve\n',
    )
    return
  }
  await withNodeTabland(line, context, async ({ add, addFolder, synced }) => {
    const { cid } =
      source.kind === 'file' ? await add(source.content, options) : await addFolder(source.files, options)
    await synced()
    stdout.write(`${cid}\n`)
    stderr.write('Serving it until you press Ctrl-C.\n')
    await untilAborted(signal)
  })
}
