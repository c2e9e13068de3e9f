import type { GovernanceApi, GovernanceTerms } from '#api/governance-types.ts'
import type { TransactionState, WriteIntent } from '#api/wallet-types.ts'
import { FAKE_ME } from './fake-facts.ts'
import type { RunCommand } from './fake-objects.ts'
import type { FakeStates } from './fake-states.ts'

const TOLD = { agreeing: 1, sources: 1 }
const DAY_MS = 86_400_000

/** Terms of the main chain. */
export const FAKE_TERMS: GovernanceTerms = {
  delayMs: DAY_MS,
  periodMs: 7 * DAY_MS,
  timelockMs: 2 * DAY_MS,
  landThreshold: 1n,
  tokenThresholdWei: 10n ** 23n,
  warningsBeforeEviction: 3,
  gapMs: 14 * DAY_MS,
  lapseMs: 180 * DAY_MS,
  told: TOLD,
}

/** Votes of a chain on which nothing is proposed. */
export function createFakeGovernance(
  run: RunCommand,
  { districts }: Pick<FakeStates, 'districts'>,
  sent: (intent: WriteIntent) => TransactionState,
): GovernanceApi {
  return {
    proposals: () => run('governance.proposals', [], {}, () => ({ proposals: [], told: TOLD })),
    votes: () => run('governance.votes', [], {}, () => undefined),
    terms: () => run('governance.terms', [], {}, () => FAKE_TERMS),
    conduct: () => run('governance.conduct', [], {}, () => ({ events: [], told: TOLD })),
    propose: (action, description) =>
      run('governance.propose', [action], {}, () => sent({ kind: 'propose', action, description })),
    vote: (proposal, support) =>
      run('governance.vote', [proposal, support], {}, () =>
        sent({ kind: 'cast-vote', proposal, title: proposal, support }),
      ),
    carry: ({ calls }) =>
      run('governance.carry', [calls], {}, () =>
        sent({ kind: 'carry-proposal', step: 'queue', title: '', calls }),
      ),
    delegate: (votes) =>
      run('governance.delegate', [votes], {}, () =>
        sent({ kind: 'delegate-votes', votes, delegatee: FAKE_ME }),
      ),
    showDistricts(category, isShown) {
      const others = districts.value.shown.filter((each) => each !== category)
      districts.value = { ...districts.value, shown: isShown ? [...others, category] : others }
    },
  }
}
