import { describe, expect, it } from 'vitest'
import type { WriteIntent } from '#api/wallet-types.ts'
import { writeTexts } from '#ui/write-texts.ts'

const CYBR = 10n ** 18n
const SOMEBODY = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

/** One of each kind: a new kind has to be added here, or this does not compile. */
const INTENTS: { readonly [K in WriteIntent['kind']]: Extract<WriteIntent, { readonly kind: K }> } = {
  send: { kind: 'send', to: SOMEBODY, amountWei: 12n * CYBR },
  'send-coin': { kind: 'send-coin', to: SOMEBODY, amountWei: CYBR },
  bid: { kind: 'bid', parcel: 7, amountWei: 1_250n * CYBR },
  'settle-auction': { kind: 'settle-auction', parcel: 7 },
  'collect-refund': { kind: 'collect-refund' },
  stake: { kind: 'stake', amountWei: 10n ** 18n, delaySeconds: 1_814_400 },
  unstake: { kind: 'unstake', amountWei: 10n ** 18n, delaySeconds: 100 },
  'collect-stake': { kind: 'collect-stake' },
  'claim-parcel': { kind: 'claim-parcel', giveaway: 0, parcel: 7, owner: SOMEBODY, proof: [] },
  'prove-life': { kind: 'prove-life' },
  'move-parcel': { kind: 'move-parcel', parcel: 7, x: 40, y: -3 },
  'set-builder': { kind: 'set-builder', parcel: 0, builder: SOMEBODY, allowed: false },
  'give-parcel': { kind: 'give-parcel', parcel: 7, from: SOMEBODY, to: SOMEBODY },
  'free-parcels': { kind: 'free-parcels', parcels: [7, 8] },
  'create-planet': { kind: 'create-planet', parcel: 7 },
  'want-portal': { kind: 'want-portal', parcel: 7, planet: 0 },
  'agree-portal': { kind: 'agree-portal', planet: 8, parcel: 7, agrees: true },
  'delegate-votes': { kind: 'delegate-votes', votes: 'token', delegatee: SOMEBODY },
  propose: {
    kind: 'propose',
    action: { kind: 'send-cybr', to: SOMEBODY, amountWei: CYBR + 1n },
    description: 'For the lights.',
  },
  'cast-vote': { kind: 'cast-vote', proposal: '0x01', title: 'For the lights.', support: 'abstain' },
  'carry-proposal': {
    kind: 'carry-proposal',
    step: 'execute',
    title: 'For the lights.',
    calls: { targets: [], valuesWei: [], calldatas: [], descriptionHash: '0x' },
  },
  'mint-model': { kind: 'mint-model', root: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG', royalty: 500 },
  'place-model': {
    kind: 'place-model',
    model: 3,
    on: 'planet',
    parcel: 7,
    placement: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
  },
  'take-model': { kind: 'take-model', model: 3 },
  'accept-model': { kind: 'accept-model', model: 3 },
  'give-model': { kind: 'give-model', model: 3, from: SOMEBODY, to: SOMEBODY },
  'pay-access': {
    kind: 'pay-access',
    thing: 'planet',
    id: 7,
    amountWei: 5n * CYBR,
    durationSeconds: 2_592_000,
  },
  'set-offer': { kind: 'set-offer', thing: 'model', id: 3, priceWei: 5n * CYBR, durationSeconds: 0 },
  'collect-income': { kind: 'collect-income' },
  'sell-model': { kind: 'sell-model', model: 3, isForSale: true },
}

describe('[CH16] before anything is signed', () => {
  it.each(Object.values(INTENTS))('$kind says what happens in whole sentences', (intent) => {
    expect(writeTexts.title(intent)).toMatch(/^[A-Z]/)
    expect(writeTexts.what(intent)).toMatch(/^[\p{Lu}\d0].{20,}\.$/u)
    expect(writeTexts.what(intent)).not.toMatch(/undefined|NaN|\[object/)
    expect(writeTexts.line(intent)).not.toMatch(/undefined|NaN|\[object|\.$/)
  })

  it('names the whole amount', () => {
    expect(writeTexts.what(INTENTS.bid)).toContain('1,250 CYBR')
    expect(writeTexts.what(INTENTS.send)).toContain('12 CYBR')
    expect(writeTexts.what(INTENTS.propose)).toContain('1.000000000000000001 CYBR')
    expect(writeTexts.what(INTENTS['pay-access'])).toMatch(/5 CYBR .* the planet of plot No. 7 for 30 days/)
    expect(writeTexts.what(INTENTS['set-offer'])).toMatch(/5 CYBR opens model No. 3 for ever/)
  })

  it.each(['claim-parcel', 'set-builder', 'give-parcel', 'give-model', 'delegate-votes', 'propose'] as const)(
    'names the whole address: %s',
    (kind) => {
      expect(writeTexts.what(INTENTS[kind])).toContain(SOMEBODY)
    },
  )
})

describe('what waits', () => {
  it('is told in days before one stakes', () => {
    expect(writeTexts.what(INTENTS.stake)).toContain('at any time, and have them 21 days later.')
    expect(writeTexts.what({ kind: 'stake', amountWei: CYBR })).toContain('at any time.')
  })
})

it('the end of an auction has the name of the button that was pressed', () => {
  const ended = INTENTS['settle-auction']
  expect(writeTexts.title(ended)).toBe('End the auction')
  expect(writeTexts.title({ ...ended, mine: true })).toBe('Collect your plot')
  expect(writeTexts.what({ ...ended, mine: true })).toContain('the plot becomes yours')
})
