import { utf8 } from '#core/bytes.ts'
import { normaliseText, textCid } from '#core/cid.ts'
import { MAX_QUERY_BYTES } from '#core/limits.ts'
import type { CommandContext } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'

export const name = 'link'
export const summary = 'sign a link between two texts or CIDs and publish it'
export const usage = `tabland link FROM TO [options]

${NODE_OPTIONS_HELP}

Prints FROM's and TO's CID once a peer holds the link and its texts.`

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, { names: ['FROM', 'TO'] })
  const [from, to] = line.positionals as [string, string]
  await withNodeTabland(line, context, async ({ tabland, synced, handedOver }) => {
    // the feed may have grown under another process of this profile
    await synced()
    const link = await tabland.link(from, to, { signal: context.signal })
    const ends = [
      { end: from, cid: link.from },
      { end: to, cid: link.to },
    ]
    await handedOver(
      ends.filter(({ end, cid }) => cid === textCid(end) && isSmall(end)).map(({ cid }) => cid),
    )
    context.stdout.write(`${link.from} ${link.to}\n`)
  })
}

/** Small texts travel with the graph; larger content is served by whoever has it. */
function isSmall(text: string): boolean {
  return utf8(normaliseText(text)).length <= MAX_QUERY_BYTES
}
