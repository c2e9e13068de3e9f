import { formatAddress, parseAddress } from '#core/delegation.ts'
import type { GovernanceApi } from './governance-types.ts'
import type { LazyDistricts } from './lazy-districts.ts'
import type { Purse } from './lazy-purse.ts'

export interface GovernanceCommandsInit {
  readonly commands: Purse['commands']
  readonly showDistricts: LazyDistricts['show']
  /** the wallet in use */
  readonly address: () => Promise<string>
}

/** `tabland.governance`: reads come with the wallets' code, writes go the way of all others. */
export function governanceCommands({
  commands,
  showDistricts,
  address,
}: GovernanceCommandsInit): GovernanceApi {
  const { governance, write } = commands
  return {
    proposals: async (options) => (await governance()).proposals(options),
    votes: async () => (await governance()).votes(),
    terms: async () => (await governance()).terms(),
    conduct: async () => (await governance()).conduct(),
    propose: (action, description) => write({ kind: 'propose', action, description }),
    vote: (proposal, support) => write({ kind: 'cast-vote', proposal, title: proposal, support }),
    carry: ({ stage, calls, description: title }) =>
      write({ kind: 'carry-proposal', step: stage === 'queued' ? 'execute' : 'queue', title, calls }),
    delegate: async (votes, delegatee) =>
      write({
        kind: 'delegate-votes',
        votes,
        delegatee: delegatee === undefined ? await address() : formatAddress(parseAddress(delegatee)),
      }),
    showDistricts,
  }
}
