import { toHex } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { landCells, landRuleBytes } from '#core/land.ts'
import { type LandShare, parcelIdOf, shareOf } from '#core/land-rule.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'

export const name = 'land'
export const summary = 'print the rule that says which parcels there are'
export const usage = `tabland land rule

Prints {"cells":N,"sha256":"…","shares":{…}}: the number of parcels, the SHA-256 of the lines "x,y" in serial order,
and how many parcels are public, given away and auctioned.`

export async function run(args: readonly string[], { stdout }: CommandContext): Promise<void> {
  const { positionals } = parseCommandArgs(name, args, {})
  if (positionals.length !== 1 || positionals[0] !== 'rule')
    throw usageError(name, 'Expected `tabland land rule`')
  const shares: Record<LandShare, number> = { public: 0, giveaway: 0, auction: 0 }
  landCells().forEach((_, serial) => {
    shares[shareOf(parcelIdOf(serial))]++
  })
  stdout.write(
    `${JSON.stringify({ cells: landCells().length, sha256: toHex(sha256(landRuleBytes())), shares })}\n`,
  )
}
