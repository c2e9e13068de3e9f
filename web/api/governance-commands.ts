import type { GovernanceApi } from './governance-types.ts'
import type { LazyDistricts } from './lazy-districts.ts'
import type { Purse } from './lazy-purse.ts'
import { requireAddress } from './require-cell.ts'

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
    carry: async (proposal) =>
      write({
        kind: 'carry-proposal',
        step: proposal?.stage === 'queued' ? 'execute' : 'queue',
        title: proposal?.description,
        calls: proposal?.calls,
      }),
    delegate: async (votes, delegatee) =>
      write({
        kind: 'delegate-votes',
        votes,
        delegatee: delegatee === undefined ? await address() : requireAddress(delegatee),
      }),
    showDistricts,
  }
}
