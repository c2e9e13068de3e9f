import type { ChainFacts } from '#core/chain-facts.ts'
import { DEFAULT_RELAY_URL } from '../node-defaults.ts'
import { findRelay } from '../node-join.ts'
import { type CommandContext, usageError } from './command.ts'

/** Which chain a command reads, as far as it was told. */
export interface ChainOptions {
  readonly rpc: readonly string[]
  readonly chainId: string | undefined
  /** address of the contract that is read */
  readonly contract: string | undefined
  /** a relay's page */
  readonly relay: string | undefined
}

export interface FoundChain {
  readonly rpc: readonly string[]
  readonly chainId: string | undefined
  /** still unchecked text when it was given as an option */
  readonly contract: string
  /** the relay's page that told, or that was named */
  readonly page: string | undefined
}

/** Who asks: until when, and where waiting is told. */
type Asking = Pick<CommandContext, 'signal'> & { readonly stderr: Pick<CommandContext['stderr'], 'write'> }

/**
 * The chain that was named, and where its contract was not, what a relay tells of its chain: a hint, as all that is
 * read of it is proved.
 *
 * @param command whose usage to name
 * @param key name of the contract among the relay's facts
 * @throws RELAY_UNREACHABLE, RELAY_FACTS_INVALID, COMMAND_USAGE when the relay tells of no such contract
 */
export async function chainOf(
  command: string,
  key: string,
  { rpc, chainId, contract, relay: page }: ChainOptions,
  { signal, stderr }: Asking,
): Promise<FoundChain> {
  if (contract !== undefined) return { rpc, chainId, contract, page }
  const relay = page ?? DEFAULT_RELAY_URL
  const { chain } = await findRelay({ relay, signal, tell: (line) => stderr.write(`${line}\n`) })
  const told = addressIn(chain, key)
  if (chain === undefined || told === undefined) {
    throw usageError(command, `The relay ${relay} tells of no chain with this contract: name both, --rpc too`)
  }
  return {
    rpc: rpc.length > 0 ? rpc : chain.rpc,
    chainId: chainId ?? String(chain.chainId),
    contract: told,
    page: relay,
  }
}

function addressIn(chain: ChainFacts | undefined, key: string): string | undefined {
  return chain !== undefined && Object.hasOwn(chain.contracts, key) ? chain.contracts[key] : undefined
}
