import { type CommandContext, usageError } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'

export const name = 'machine'
export const summary = "fetch and check the blocks of a relay's orderer, and say where its machine stands"
export const usage = `tabland machine [options]

${NODE_OPTIONS_HELP}

Takes the blocks that are missing from the peers, checks each signature and each root by applying its links and
computing its ranks here, and keeps them in the profile. Prints one JSON object: machine (SHA-256 of the genesis
that the relay tells), height, hash, timeUs, links, particles, neurons, rankedAt (height of the block whose graph
the ranks are of), rankRoot, next (the rank that is computed now), and forks: heights for which the orderer signed
two blocks, with the hashes of both.`

/** Between two lines of progress, blocks. */
const TELL_EVERY = 100

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, {})
  const { stdout, stderr } = context
  await withNodeTabland(line, context, async ({ synced, openMachine }) => {
    await synced()
    const opened = await openMachine(({ done, total }) => {
      if (done % TELL_EVERY === 0 || done === total) stderr.write(`Block ${done} of ${total}\n`)
    })
    if (opened === undefined) {
      throw usageError(
        name,
        `The relay ${line.relay} makes no blocks: start one with --orderer, or name another`,
      )
    }
    try {
      const { toHex } = await import('#core/bytes.ts')
      const { readGraphBlock } = await import('#graph/machine/graph-block.ts')
      const forks = (await opened.machine.forks()).map(({ height, bundles }) => ({
        height,
        hashes: bundles.map((bundle) => toHex(readGraphBlock(bundle).hash)),
      }))
      stdout.write(`${JSON.stringify({ ...opened.machine.status(), forks })}\n`)
    } finally {
      await opened.close()
    }
  })
}
