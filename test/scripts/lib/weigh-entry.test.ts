import { expect, it } from 'vitest'
import { MAX_VERIFIER_BYTES, VERIFIER } from '../../../scripts/lib/verifier-budget.ts'
import { weighEntry } from '../../../scripts/lib/weigh-entry.ts'

it('[KG20] verifyRank is below 5 kB gzipped, with its SHA-256', async () => {
  const bytes = await weighEntry(VERIFIER)
  expect(bytes).toBeLessThan(MAX_VERIFIER_BYTES)
  // It cannot be less than its SHA-256: an empty chunk would pass as well.
  expect(bytes).toBeGreaterThan(1_500)
})
