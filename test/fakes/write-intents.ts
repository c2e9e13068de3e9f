import type { WriteIntent } from '#api/wallet-types.ts'

const CYBR = 10n ** 18n
const SOMEBODY = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

/** One of each kind: a new kind has to be added here, or this does not compile. */
export const INTENTS: { readonly [K in WriteIntent['kind']]: Extract<WriteIntent, { readonly kind: K }> } = {
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
  'cast-vote': {
    kind: 'cast-vote',
    proposal: `0x${'01'.repeat(32)}`,
    title: 'For the lights.',
    support: 'abstain',
  },
  'carry-proposal': {
    kind: 'carry-proposal',
    step: 'execute',
    title: 'For the lights.',
    calls: { targets: [], valuesWei: [], calldatas: [], descriptionHash: `0x${'02'.repeat(32)}` },
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
