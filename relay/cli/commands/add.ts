import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError } from '#core/errors.ts'
import { type CommandContext, untilAborted } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'

export type AddErrorCode = 'FILE_UNREADABLE'

export const name = 'add'
export const summary = 'keep a file in the profile, and serve it when asked to'
export const usage = `tabland add FILE [options]

  --serve           join and serve the profile's files until stopped
${NODE_OPTIONS_HELP}

Prints the file's CID.`

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, { names: ['FILE'], flags: ['serve'] })
  const path = line.positionals[0] as string
  await assertFile(path)
  const { signal, stdout, stderr } = context
  if (!line.flags.serve) {
    const { addToProfile } = await import('../../profile-content.ts')
    const { cid } = await addToProfile(line.profileDir, createReadStream(path), {
      name: basename(path),
      signal,
    })
    stdout.write(`${cid}\n`)
    stderr.write(
      'Kept in the profile. Nobody else can fetch it until you serve it: tabland add FILE --serve\n',
    )
    return
  }
  await withNodeTabland(line, context, async ({ add, synced }) => {
    const { cid } = await add(createReadStream(path), { name: basename(path), signal })
    await synced()
    stdout.write(`${cid}\n`)
    stderr.write('Serving it until you press Ctrl-C.\n')
    await untilAborted(signal)
  })
}

/** @throws FILE_UNREADABLE */
async function assertFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(
      path,
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'no permission',
    )
  })
  if (!found.isFile()) throw unreadable(path, 'it is not a file')
}

function unreadable(path: string, why: string): AppError<AddErrorCode> {
  return new AppError('FILE_UNREADABLE', `Cannot read ${path}: ${why}.`)
}
