import type { GovernanceTerms, ProposedAction } from '#api/governance-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import type { ProposeIntent } from '#api/wallet-types.ts'
import {
  assertDistrict,
  type DistrictCategory,
  type DistrictPlan,
  type DistrictShape,
  MAX_DISTRICTS,
  parseCorners,
} from '#core/districts.ts'
import { parseAmount } from '#core/money.ts'
import { failureOf } from './failure.ts'
import { governanceTexts } from './governance-texts.ts'
import { readCell } from './parcels.ts'

/** What a form holds, as it was typed. */
export interface ProposalDraft {
  readonly kind: ProposedAction['kind']
  readonly why: string
  readonly x: string
  readonly y: string
  /** of a district; empty for a further one */
  readonly number: string
  readonly name: string
  readonly category: DistrictCategory
  readonly shape: DistrictShape['kind']
  readonly inner: string
  readonly outer: string
  readonly corners: string
  readonly to: string
  readonly amount: string
}

export const EMPTY_DRAFT: ProposalDraft = {
  kind: 'warn',
  why: '',
  x: '',
  y: '',
  number: '',
  name: '',
  category: 'adult',
  shape: 'ring',
  inner: '',
  outer: '',
  corners: '',
  to: '',
  amount: '',
}

/** What is wrong with a draft, as a person reads it; a failure of the chain stays one. */
export type DraftResult =
  | { readonly kind: 'ready'; readonly intent: ProposeIntent }
  | { readonly kind: 'mistake'; readonly text: string }
  | { readonly kind: 'failed'; readonly failure: Failure }

const { propose: words } = governanceTexts

/** Warnings that count at a time (unix ms): all lapse together, some time after the last. */
export function standingWarnings(
  { warnings, lastWarningAt }: { readonly warnings: number; readonly lastWarningAt: number },
  lapseMs: number | undefined,
  nowMs: number,
): number {
  return lapseMs !== undefined && nowMs >= lastWarningAt * 1_000 + lapseMs ? 0 : warnings
}

/** Makes a proposal of what was typed; a reason is stored as content first, where it has to be one. */
export async function readDraft(
  draft: ProposalDraft,
  tabland: Tabland,
  terms: GovernanceTerms | undefined,
): Promise<DraftResult> {
  const description = draft.why.trim()
  if (description === '') return { kind: 'mistake', text: words.empty }
  try {
    const action = await readAction(draft, tabland, terms)
    return typeof action === 'string'
      ? { kind: 'mistake', text: action }
      : { kind: 'ready', intent: { kind: 'propose', action, description } }
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) }
  }
}

async function readAction(
  draft: ProposalDraft,
  tabland: Tabland,
  terms: GovernanceTerms | undefined,
): Promise<ProposedAction | string> {
  const { kind } = draft
  switch (kind) {
    case 'warn':
    case 'evict':
      return readConduct({ ...draft, kind }, tabland, terms)
    case 'set-district':
      return readDistrict(draft, tabland)
    case 'remove-district': {
      const { districts } = tabland.state.districts.peek()
      const found = districts.find(({ number }) => String(number) === draft.number)
      return found === undefined ? words.noDistricts : { kind, number: found.number }
    }
    case 'send-cybr':
    case 'send-coin': {
      const to = draft.to.trim()
      if (!/^0x[0-9a-f]{40}$/i.test(to)) return words.badAddress
      return { kind, to, amountWei: parseAmount(draft.amount) }
    }
  }
}

async function readConduct(
  draft: ProposalDraft & { readonly kind: 'warn' | 'evict' },
  { add, land }: Tabland,
  terms: GovernanceTerms | undefined,
): Promise<ProposedAction | string> {
  const cell = readCell(draft)
  if (typeof cell === 'string') return words.noPlot
  const facts = await land.show(cell.x, cell.y)
  if (facts === undefined || facts.state !== 'active') return words.noPlot
  if (draft.kind === 'evict' && terms !== undefined) {
    const { lastWarningAt = 0 } = land.proven(cell.x, cell.y) ?? {}
    const standing = standingWarnings({ ...facts, lastWarningAt }, terms.lapseMs, facts.proof.at)
    if (standing < terms.warningsBeforeEviction)
      return words.tooFewWarnings(standing, terms.warningsBeforeEviction)
  }
  const { cid } = await add(draft.why.trim())
  return { kind: draft.kind, parcel: facts.id, reason: cid }
}

function readDistrict(draft: ProposalDraft, { state }: Tabland): ProposedAction | string {
  const { kind, districts } = state.districts.peek()
  if (kind !== 'proven') return words.districtsUnknown
  const district: DistrictPlan = {
    category: draft.category,
    name: draft.name.trim(),
    shape: readShape(draft),
  }
  assertDistrict(district)
  return { kind: 'set-district', number: numberOf(draft, districts), district }
}

/** A further one follows all that there ever were, the removed ones too. */
function numberOf({ number }: ProposalDraft, districts: readonly { readonly number: number }[]): number {
  if (number !== '') return Number(number)
  return Math.min(MAX_DISTRICTS, Math.max(-1, ...districts.map((each) => each.number)) + 1)
}

function readShape({ shape, inner, outer, corners }: ProposalDraft): DistrictShape {
  if (shape === 'polygon') return { kind: 'polygon', corners: parseCorners(corners) }
  const radius = (text: string): number => (/^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN)
  return { kind: 'ring', inner: radius(inner), outer: radius(outer) }
}
