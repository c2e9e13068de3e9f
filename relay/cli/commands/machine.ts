import type { NodeTabland } from '../../create-node-tabland.ts'
import { type CommandContext, usageError } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'

export const name = 'machine'
export const summary = "fetch and check the blocks of a relay's orderer, and say where its machine stands"
export const usage = `tabland machine [options]

  --ask TEXT        fetch no blocks: ask the peers what a text or CID links to, and check their proof that it is
                    all, with its ranks, in order, under a block that the orderer signed. Prints particle, height,
                    orderer and results; \`tabland verify\` checks each result by itself
  --rpc URL         an RPC endpoint of the chain that the machine takes its stakes from, beside those that the relay
                    tells of; may be given several times
${NODE_OPTIONS_HELP}

Takes the blocks that are missing from the peers, checks each signature and each root by applying its links and
computing its ranks here, reads the stakes that it commits to from the chain by proofs, and keeps them in the
profile. Prints one JSON object: machine (SHA-256 of the genesis
that the relay tells), height, hash, timeUs, links, particles, neurons, rankedAt (height of the block whose graph
the ranks are of), rankRoot, stakesAt (unix seconds of the stakes that hold, where they are a chain's), next (the
rank that is computed now), and forks: heights for which the orderer signed
two blocks, with the hashes of both.`

/** What a text or CID links to, checked here. @throws COMMAND_USAGE when nobody has a machine */
async function ask({ synced, askMachine }: NodeTabland, question: string, relay: string): Promise<object> {
  const { formatCid, parseDigest, textCid } = await import('#core/cid.ts')
  const { toHex } = await import('#core/bytes.ts')
  await synced()
  const particle = /^Qm[1-9A-HJ-NP-Za-km-z]{44}$/.test(question) ? question : textCid(question)
  const checked = await askMachine(parseDigest(particle))
  if (checked === undefined) throw noMachine(relay)
  const { block, answer } = checked
  const { height, particles: treeSize, rankRoot } = block.desc
  return {
    particle,
    height,
    orderer: `0x${toHex(block.neuron)}`,
    results: answer.targets.map(({ digest, rank, index, proof }) => ({
      cid: formatCid(digest),
      rank: rank.toString(),
      index,
      treeSize,
      proof: proof.map(toHex),
      root: toHex(rankRoot),
    })),
  }
}

function noMachine(relay: string): Error {
  return usageError(name, `The relay ${relay} has made no blocks: start one with --orderer, or name another`)
}

/** Between two lines of progress, blocks. */
const TELL_EVERY = 100

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, { values: ['ask', 'rpc'] })
  const { stdout, stderr } = context
  const [question, ...others] = line.values.ask ?? []
  if (others.length > 0) throw usageError(name, 'Expected one --ask')
  if (question !== undefined) {
    await withNodeTabland(line, context, async (node) => {
      stdout.write(`${JSON.stringify(await ask(node, question, line.relay))}\n`)
    })
    return
  }
  await withNodeTabland(line, context, async ({ synced, openMachine }) => {
    await synced()
    const opened = await openMachine(({ done, total }) => {
      if (done % TELL_EVERY === 0 || done === total) stderr.write(`Block ${done} of ${total}\n`)
    })
    if (opened === undefined) throw noMachine(line.relay)
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
