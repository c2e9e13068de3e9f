import { describe, expect, it } from 'vitest'
import { INTENTS } from '#test/fakes/write-intents.ts'
import { describeWrite } from '#ui/describe-write.ts'
import { writeTexts } from '#ui/write-texts.ts'

const CYBR = 10n ** 18n
const SOMEBODY = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

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

describe('what the dialog says', () => {
  it('is whole, with the amount to its last digit', () => {
    expect(describeWrite({ ...INTENTS['send-coin'], amountWei: 1n }, 'ETH')?.amount).toBe(
      '0.000000000000000001 ETH',
    )
    for (const intent of Object.values(INTENTS)) expect(describeWrite(intent, 'ETH')).toBeDefined()
  })

  it.each([
    { kind: 'zork' },
    { kind: 'bid' },
    { kind: 'send', amountWei: '5', to: SOMEBODY },
    { kind: 'propose' },
  ])('is nothing for what it has no words for, and does not throw: %o', (intent) => {
    expect(describeWrite(intent as never, 'ETH')).toBeUndefined()
  })
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
