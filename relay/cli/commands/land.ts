import { toHex } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { landCells, landRuleBytes } from '#core/land.ts'
import { type LandShare, parcelIdOf, shareOf } from '#core/land-rule.ts'
import { type CommandContext, chooseAction, parseCommandArgs, usageError } from '../command.ts'

export const name = 'land'
export const summary = 'who owns which parcel, read from the chain and verified here; and the rule of parcels'
export const usage = `tabland land rule
tabland land verify [options]
tabland land show X,Y [options]
tabland land owned ADDRESS [options]

  --rpc URL         an RPC endpoint of the chain; given several times, a header needs the majority of them
  --chain-id N      the chain that each endpoint must serve; any when it is not given
  --grid ADDRESS    the contract LandGrid; without it the local relay, or --relay, tells which chain this is
  --relay URL       a relay's page that has the land in bulk; with --grid alone it is read from the chain word by word

rule prints {"cells":N,"sha256":"…","shares":{…}}: the number of parcels, the SHA-256 of the lines "x,y" in serial
order, and how many parcels are public, given away and auctioned.

The others read the newest header by majority, compute its hash, prove LandGrid's storage root from it, fetch the
land, rebuild its whole storage trie here, and go on only when both roots are the same. verify prints counts, root
and times; show the parcel on a cell, owned the parcels of an address. Each tells the block, and by how many of the
endpoints it was told.`

/** Options of all that read the chain. */
const OPTIONS = {
  rpc: { type: 'string', multiple: true },
  'chain-id': { type: 'string' },
  grid: { type: 'string' },
  relay: { type: 'string' },
} as const

const ACTIONS = { rule: undefined, verify: 'verify', show: 'show', owned: 'owned' } as const
const CELL = /^-?\d+,-?\d+$/

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  // a cell may begin with a minus, which no option does
  const cells = args.filter((arg) => CELL.test(arg))
  const { values, positionals } = parseCommandArgs(
    name,
    args.filter((arg) => !CELL.test(arg)),
    OPTIONS,
  )
  const [action, ...others] = positionals
  const rest = [...others, ...cells]
  const read = chooseAction(name, action, ACTIONS)
  if (read === undefined) {
    if (rest.length > 0) throw usageError(name, 'Expected `tabland land rule` and nothing else')
    context.stdout.write(`${JSON.stringify(describeRule())}\n`)
    return
  }
  const { readLand } = await import('../read-land.ts')
  const { printLand } = await import('../print-land.ts')
  const describe = printLand(read, rest)
  const found = await readLand(
    {
      rpc: values.rpc ?? [],
      chainId: values['chain-id'],
      grid: values.grid,
      relay: values.relay,
    },
    context,
  )
  context.stdout.write(`${JSON.stringify(describe(found))}\n`)
}

function describeRule(): object {
  const shares: Record<LandShare, number> = { public: 0, giveaway: 0, auction: 0 }
  landCells().forEach((_, serial) => {
    shares[shareOf(parcelIdOf(serial))]++
  })
  return { cells: landCells().length, sha256: toHex(sha256(landRuleBytes())), shares }
}
