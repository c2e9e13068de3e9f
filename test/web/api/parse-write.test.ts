import { describe, expect, it } from 'vitest'
import { parseWrite } from '#api/parse-write.ts'
import { INTENTS } from '#test/fakes/write-intents.ts'

const SOMEBODY = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const MISTAKEN = SOMEBODY.replace('aAeb', 'AAeb')
const WORD = `0x${'ab'.repeat(32)}`
const CID = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
const ring = { category: 'adult', name: '', shape: { kind: 'ring', inner: 1, outer: 2 } }

function refusalOf(value: unknown): unknown {
  try {
    return parseWrite(value)
  } catch (error) {
    const { name, code, message } = error as { name: string; code?: string; message: string }
    return `${name} ${code}: ${message}`
  }
}

describe('[CH16] a write that is asked for', () => {
  it.each(Object.values(INTENTS))('$kind is taken as it is', (intent) => {
    expect(parseWrite(intent)).toEqual(intent)
  })

  it.each([
    { kind: 'warn', parcel: 7, reason: CID },
    { kind: 'evict', parcel: 65_534, reason: CID },
    { kind: 'set-district', number: 63, district: ring },
    {
      kind: 'set-district',
      number: 0,
      district: { ...ring, shape: { kind: 'polygon', corners: [0, 1, 2].map((x) => ({ x, y: x * x })) } },
    },
    { kind: 'remove-district', number: 0 },
    { kind: 'send-coin', to: SOMEBODY, amountWei: 0n },
  ])('may propose $kind', (action) => {
    const intent = { kind: 'propose', action, description: '' }
    expect(parseWrite(intent)).toEqual(intent)
  })

  it('takes calls as the chain tells them, writes addresses with their checksum, and takes nothing else along', () => {
    const calls = {
      targets: [SOMEBODY.toLowerCase()],
      valuesWei: [0n],
      calldatas: ['0xa9059cbb'],
      descriptionHash: WORD,
    }
    const intent = { kind: 'carry-proposal', step: 'queue', title: '', calls, more: 1 }
    const { more: _, ...rest } = intent
    expect(parseWrite(intent)).toEqual({ ...rest, calls: { ...calls, targets: [SOMEBODY] } })
  })

  it('says for each mistake what is wrong and what is expected', () => {
    const mistakes: readonly unknown[] = [
      undefined,
      null,
      'send',
      {},
      { kind: 'zzz' },
      { kind: 'toString' },
      { kind: 'bid' },
      { kind: 'bid', parcel: 7, amountWei: '5' },
      { kind: 'bid', parcel: 7, amountWei: -1n },
      { kind: 'bid', parcel: 7, amountWei: 2n ** 256n },
      { kind: 'bid', parcel: 0, amountWei: 1n },
      { kind: 'bid', parcel: 65_535, amountWei: 1n },
      { kind: 'bid', parcel: 1.5, amountWei: 1n },
      { kind: 'bid', parcel: Object.create(null), amountWei: 1n },
      { kind: 'claim-parcel' },
      { kind: 'claim-parcel', giveaway: 0, parcel: 7, owner: SOMEBODY, proof: ['0x…'] },
      { kind: 'claim-parcel', giveaway: 0, parcel: 7, owner: SOMEBODY, proof: WORD },
      { kind: 'send', to: MISTAKEN, amountWei: 1n },
      { kind: 'settle-auction', parcel: 7, mine: 1 },
      { kind: 'move-parcel', parcel: 7, x: 40_000, y: 0 },
      { kind: 'free-parcels', parcels: Array(1_001).fill(7) },
      { kind: 'propose', action: { kind: 'zork' }, description: '' },
      { kind: 'propose', action: { kind: 'warn', parcel: 7, reason: 'noise' }, description: '' },
      {
        kind: 'propose',
        action: { kind: 'set-district', number: 0, district: { ...ring, category: 'zork' } },
        description: '',
      },
      { kind: 'propose', action: { kind: 'set-district', number: 0, district: {} }, description: '' },
      { kind: 'cast-vote', proposal: 'x', title: 'x', support: 'for' },
      { kind: 'cast-vote', proposal: WORD, title: 'x', support: 'maybe' },
      { kind: 'carry-proposal', step: 'queue', title: undefined, calls: undefined },
      { kind: 'mint-model', root: CID, royalty: 2_501 },
      { kind: 'mint-model', root: CID, object: 'x', royalty: 0 },
      { kind: 'pay-access', thing: 'moon', id: 7, amountWei: 1n, durationSeconds: 0 },
      { kind: 'place-model', model: 3, on: 'parcel', parcel: 7, placement: { x: Number.NaN } },
    ]
    expect(mistakes.map(refusalOf)).toMatchSnapshot()
  })
})
