import { once } from 'node:events'
import { isAppError } from '#core/errors.ts'
import type { Content } from '#peer/content.ts'
import type { CommandContext } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'

export const name = 'cat'
export const summary = 'write the bytes of a CID to standard output, each block checked'
export const usage = `tabland cat CID [options]

${NODE_OPTIONS_HELP}

What the profile does not hold is fetched from peers.`

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, { names: ['CID'] })
  const cid = line.positionals[0] as string
  const { withProfileContent } = await import('../../profile-content.ts')
  let written = 0

  /** Writes what comes after `written`; whatever came before an error is not written again. */
  async function write(content: Content): Promise<void> {
    for await (const bytes of content.read(cid, { offset: written, signal: context.signal })) {
      written += bytes.length
      if (!context.stdout.write(bytes)) await once(context.stdout, 'drain', { signal: context.signal })
    }
  }

  try {
    return await withProfileContent(line.profileDir, write)
  } catch (error) {
    if (!isAppError(error, 'CONTENT_NOT_FOUND') && !isAppError(error, 'STORE_FOLDER_LOCKED')) throw error
  }
  await withNodeTabland(line, context, async ({ content, synced }) => {
    // a peer was met once its records are here
    await synced()
    context.stderr.write('Asking peers for what the profile does not hold.\n')
    await write(content)
  })
}
