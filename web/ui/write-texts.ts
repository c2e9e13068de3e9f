import type { TransactionStage, WriteIntent } from '#api/wallet-types.ts'
import { formatCybr } from '#core/money.ts'
import { plural, shorten, shortenQuery } from './format.ts'
import { actionText, governanceTexts } from './governance-texts.ts'
import { ownershipTexts } from './ownership-texts.ts'
import { formatTerms, formatTermsTime } from './terms.ts'

type KindTexts = {
  readonly [K in WriteIntent['kind']]: {
    readonly title: string
    /** what happens, in one or two sentences, before anything is signed; addresses whole, for ends can be made alike */
    readonly what: (intent: Extract<WriteIntent, { readonly kind: K }>) => string
    /** in a list */
    readonly line: (intent: Extract<WriteIntent, { readonly kind: K }>) => string
  }
}

const plot = (id: number): string => `plot No. ${id.toLocaleString('en')}`
/** at the beginning of a sentence */
const plotFirst = (id: number): string => `Plot No. ${id.toLocaleString('en')}`
const model = (id: number): string => `model No. ${id.toLocaleString('en')}`
const modelFirst = (id: number): string => `Model No. ${id.toLocaleString('en')}`
const percent = (royalty: number): string => `${royalty / 100} %`
const cybr = (wei: bigint): string => `${formatCybr(wei)} CYBR`

const thing = (kind: 'planet' | 'model', id: number): string =>
  kind === 'planet' ? `the planet of ${plot(id)}` : model(id)
/** `for 30 days` */
const forTime = (seconds: number): string =>
  seconds === 0 ? formatTermsTime(seconds) : `for ${formatTermsTime(seconds)}`

/** What each write does. */
const kinds: KindTexts = {
  send: {
    title: 'Send CYBR',
    what: ({ amountWei }) => `${cybr(amountWei)} go to this address. Nobody can bring them back.`,
    line: ({ amountWei, to }) => `Send ${cybr(amountWei)} to ${shorten(to)}`,
  },
  'send-coin': {
    title: 'Send coins',
    what: ({ amountWei }) =>
      `${formatCybr(amountWei)} of the chain’s coin go to this address. Nobody can bring them back.`,
    line: ({ amountWei, to }) => `Send ${formatCybr(amountWei)} of the chain’s coin to ${shorten(to)}`,
  },
  bid: {
    title: 'Bid',
    what: ({ amountWei, parcel }) =>
      `You pay in ${cybr(amountWei)} for ${plot(parcel)} now. If nobody bids more before the auction ends, it is yours; if somebody does, you can collect the whole amount.`,
    line: ({ amountWei, parcel }) => `Bid ${cybr(amountWei)} on ${plot(parcel)}`,
  },
  'settle-auction': {
    title: ownershipTexts.settle,
    what: ({ parcel, mine }) =>
      mine
        ? `The auction of ${plot(parcel)} is over, and your bid was the highest: the plot becomes yours, and the bid goes to the treasury.`
        : `The auction of ${plot(parcel)} is over: it goes to whoever bid most, and the bid to the treasury.`,
    line: ({ parcel, mine }) => (mine ? `Collect ${plot(parcel)}` : `End the auction of ${plot(parcel)}`),
  },
  'collect-refund': {
    title: 'Collect what is owed to you',
    what: () => 'All bids of yours that were outdone come back to this wallet.',
    line: () => 'Collect outdone bids',
  },
  stake: {
    title: 'Stake',
    what: ({ amountWei, delaySeconds }) =>
      `${cybr(amountWei)} go into the stake contract, in your name. They give your links bandwidth and weight, from the next ranks on. You can take them back at any time${
        delaySeconds === undefined ? '' : `, and have them ${formatTermsTime(delaySeconds)} later`
      }.`,
    line: ({ amountWei }) => `Stake ${cybr(amountWei)}`,
  },
  unstake: {
    title: 'Take stake back',
    what: ({ amountWei, delaySeconds }) =>
      `${cybr(amountWei)} stop counting for your links at once. You can collect them after ${formatTermsTime(delaySeconds)}; what is on its way already waits as long.`,
    line: ({ amountWei }) => `Take back ${cybr(amountWei)} of stake`,
  },
  'collect-stake': {
    title: 'Collect stake',
    what: () => 'What you took back and what has waited long enough comes to this wallet.',
    line: () => 'Collect stake',
  },
  'claim-parcel': {
    title: 'Claim a plot',
    what: ({ parcel, owner }) =>
      `${plotFirst(parcel)} was given away to ${owner}. Only that wallet can claim it, and gets it.`,
    line: ({ parcel }) => `Claim ${plot(parcel)}`,
  },
  'prove-life': {
    title: 'Show that you are here',
    what: () =>
      'Your plots keep their places: the time until which you are taken to be here starts anew, for all of them at once.',
    line: () => 'Show life for all plots',
  },
  'move-parcel': {
    title: 'Move a plot',
    what: ({ parcel, x, y }) => `${plotFirst(parcel)} moves to ${x}, ${y}. Its old place is free for others.`,
    line: ({ parcel, x, y }) => `Move ${plot(parcel)} to ${x}, ${y}`,
  },
  'set-builder': {
    title: 'Who may build',
    what: ({ parcel, builder, allowed }) =>
      `${builder} may ${allowed ? '' : 'no longer '}build on ${parcel === 0 ? 'all your plots' : plot(parcel)}. It stays yours, and this ends when it is sold.`,
    line: ({ parcel, builder, allowed }) =>
      `${allowed ? 'Let' : 'No longer let'} ${shorten(builder)} build on ${parcel === 0 ? 'all plots' : plot(parcel)}`,
  },
  'give-parcel': {
    title: 'Give a plot away',
    what: ({ parcel, to }) =>
      `${plotFirst(parcel)} belongs to ${to} from then on. Only they can give it back.`,
    line: ({ parcel, to }) => `Give ${plot(parcel)} to ${shorten(to)}`,
  },
  'free-parcels': {
    title: 'Free what was left behind',
    what: ({ parcels }) =>
      `The owner of ${plural(parcels.length, 'plot')} has shown no life for long. The places fall free, the tokens stay theirs, and you get the bounty.`,
    line: ({ parcels }) => `Free ${plural(parcels.length, 'plot')}`,
  },
  'create-planet': {
    title: 'Make a planet',
    what: ({ parcel }) =>
      `${plotFirst(parcel)} gets a planet of its own, which goes with it whenever it is sold.`,
    line: ({ parcel }) => `Make the planet of ${plot(parcel)}`,
  },
  'want-portal': {
    title: 'Make a portal',
    what: ({ parcel, planet }) =>
      planet === 0
        ? `${plotFirst(parcel)} no longer leads to another planet.`
        : `${plotFirst(parcel)} is to lead to the planet of ${plot(planet)}, as soon as its owner agrees.`,
    line: ({ parcel, planet }) =>
      planet === 0 ? `No portal on ${plot(parcel)}` : `Portal from ${plot(parcel)} to planet ${planet}`,
  },
  'agree-portal': {
    title: 'Agree to a portal',
    what: ({ parcel, planet, agrees }) =>
      agrees
        ? `${plotFirst(parcel)} may lead to the planet of ${plot(planet)}.`
        : `${plotFirst(parcel)} may no longer lead to the planet of ${plot(planet)}.`,
    line: ({ parcel, planet, agrees }) =>
      `${agrees ? 'Agree' : 'No longer agree'} that ${plot(parcel)} leads to planet ${planet}`,
  },
  'delegate-votes': {
    title: 'Who votes for you',
    what: ({ votes, delegatee }) =>
      `Votes that begin later count your ${votes === 'land' ? 'plots' : 'CYBR'} for ${delegatee}. What you own stays yours, and you can change this at any time.`,
    line: ({ votes, delegatee }) => `Votes by ${votes === 'land' ? 'land' : 'CYBR'} to ${shorten(delegatee)}`,
  },
  propose: {
    title: 'Propose',
    what: ({ action, description }) =>
      `Everybody is asked to vote on this: it ${lowerFirst(actionText(action))} Your reason stays readable for ever: ${quoted(description)}.`,
    line: ({ action }) => `Propose: ${governanceTexts.propose.kinds[action.kind]}`,
  },
  'cast-vote': {
    title: 'Vote',
    what: ({ title, support }) =>
      `All your votes go ${SUPPORTS[support]} ${quoted(title)}. A vote cannot be changed later.`,
    line: ({ title, support }) => `Vote ${SUPPORTS[support]} ${quoted(title)}`,
  },
  'carry-proposal': {
    title: 'Bring a proposal further',
    what: ({ step, title }) =>
      ({
        queue: `${quoted(title)} was won. From now on it waits in the Timelock, and can be carried out after that.`,
        execute: `The Timelock does now what was voted for: ${quoted(title)}. Nobody can bring it back without another vote.`,
        cancel: `You take back ${quoted(title)} before its voting begins. It cannot be proposed again in the same words.`,
      })[step],
    line: ({ step, title }) =>
      `${{ queue: 'Queue', execute: 'Carry out', cancel: 'Take back' }[step]} ${quoted(title)}`,
  },
  'mint-model': {
    title: 'Mint a model token',
    what: ({ root, royalty }) =>
      `A token that stands for this model (${root}) is made, and is yours: you can place it, keep it or hand it on. Of each later sale you are promised ${percent(royalty)}, where a market honours it.`,
    line: ({ root }) => `Mint a token of ${shorten(root)}`,
  },
  'place-model': {
    title: 'Place a model token',
    what: ({ model: id, on, parcel }) =>
      `${modelFirst(id)} stands on ${on === 'planet' ? 'the planet of ' : ''}${plot(parcel)} from then on, and nowhere else. This accepts it, if it was given to you.`,
    line: ({ model: id, on, parcel }) =>
      `Place ${model(id)} on ${on === 'planet' ? 'the planet of ' : ''}${plot(parcel)}`,
  },
  'take-model': {
    title: 'Take a model token away',
    what: ({ model: id }) =>
      `${modelFirst(id)} leaves its place, and stays yours. What you published on the plot itself stands until you take that down.`,
    line: ({ model: id }) => `Take ${model(id)} away`,
  },
  'accept-model': {
    title: 'Accept a model token',
    what: ({ model: id }) =>
      `You keep ${model(id)}, which was given to you. From then on this browser stores its file and serves it to others.`,
    line: ({ model: id }) => `Accept ${model(id)}`,
  },
  'give-model': {
    title: 'Give a model token away',
    what: ({ model: id, to }) =>
      `${modelFirst(id)} leaves its place and belongs to ${to} from then on. Only they can give it back.`,
    line: ({ model: id, to }) => `Give ${model(id)} to ${shorten(to)}`,
  },
  'pay-access': {
    title: 'Pay',
    what: (intent) => {
      const { amountWei, durationSeconds } = intent
      const what = thing(intent.thing, intent.id)
      const gives = intent.thing === 'planet' ? `enter ${what}` : `see ${what}`
      return `You pay ${cybr(amountWei)} and may ${gives} ${forTime(durationSeconds)}. It goes to its owner and is not given back.`
    },
    line: (intent) => `Pay ${cybr(intent.amountWei)} for ${thing(intent.thing, intent.id)}`,
  },
  'set-offer': {
    title: 'Set a price',
    what: (intent) => {
      const what = thing(intent.thing, intent.id)
      return intent.priceWei === 0n
        ? `Everybody gets ${what} free from then on. Who has paid keeps what it paid for.`
        : `One payment of ${cybr(intent.priceWei)} opens ${what} ${forTime(intent.durationSeconds)}. What is paid is yours to collect; who has paid before keeps what it paid for.`
    },
    line: (intent) =>
      `Price of ${thing(intent.thing, intent.id)}: ${formatTerms(intent.priceWei, intent.durationSeconds)}`,
  },
  'sell-model': {
    title: 'Sell the sight of a model',
    what: ({ model, isForSale }) =>
      isForSale
        ? `Whoever pays your price for ${thing('model', model)} gets its key from this browser while it is online. A key that was given cannot be taken back.`
        : `Nobody gets the key of ${thing('model', model)} for a payment any more. Who has one keeps it.`,
    line: ({ model, isForSale }) => `${isForSale ? 'Sell' : 'No longer sell'} ${thing('model', model)}`,
  },
  'collect-income': {
    title: 'Collect what others paid you',
    what: () => 'All that was paid for entering your planets and seeing your models comes to this wallet.',
    line: () => 'Collect income',
  },
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
/** Somebody's words inside a sentence, without the point at their end. */
const quoted = (text: string): string => `“${shortenQuery(text.trim().replace(/\.$/, ''))}”`

const SUPPORTS = { for: 'for', against: 'against', abstain: 'neither for nor against' } as const

type Of = (intent: WriteIntent) => string

/** Texts around what is written to the chain, which come with it. */
export const writeTexts = {
  title: (intent: WriteIntent): string =>
    intent.kind === 'settle-auction' && intent.mine ? ownershipTexts.collect : kinds[intent.kind].title,
  // each entry takes the intent of its own kind
  what: (intent: WriteIntent): string => (kinds[intent.kind].what as Of)(intent),
  line: (intent: WriteIntent): string => (kinds[intent.kind].line as Of)(intent),
  amount: 'Amount',
  nothing: 'Nothing',
  to: 'To',
  contract: 'Contract',
  cybrContract: 'CYBR contract',
  from: 'From',
  fee: 'Fee, at most',
  chain: 'Chain',
  burner: 'Made in this tab',
  trying: 'Trying it out without signing',
  tryingSlow: 'The chain is slow to answer. Nothing is signed yet.',
  twice: 'Your wallet asks twice: to let the contract take exactly this amount, for an hour, and to send.',
  otherChain: (wallet: string, chain: string) =>
    `${wallet} is set to another chain. It is asked to switch to ${chain} first.`,
  sign: 'Sign and send',
  switchAndSign: 'Switch, sign and send',
  again: 'Try again',
  leave: 'Leave it',
  signing: (wallet: string) => `Answer in ${wallet}`,
  signingHere: 'Signing and sending',
  signingSlow: 'Its window may be hidden behind this one. Nothing happens until you answer.',
  stages: {
    asking: 'waits for your wallet',
    signed: 'signed, not sent yet',
    sent: 'sent, waits for a block',
    mined: 'in a block',
    final: 'final',
    reverted: 'refused by the contract',
    replaced: 'replaced by another one',
    dropped: 'dropped by the chain',
    unanswered: 'no answer seen',
  } satisfies Record<TransactionStage, string>,
  stageHow: {
    asking: 'Your wallet was asked. Answer there; nothing was sent yet.',
    signed: 'It is sent as soon as an endpoint of the chain answers. It is kept here meanwhile.',
    sent: 'The chain has it. You may close this page: it goes on by itself.',
    mined: 'It holds, unless the chain gives up this block, which is rare.',
    final: 'It cannot be undone any more.',
    reverted: 'Nothing changed but the fee.',
    replaced:
      'Another transaction of your wallet took its number: you may have sped it up or cancelled it there.',
    dropped: 'The chain has not known it for ten minutes. Nothing was paid. You may do it again.',
    unanswered:
      'Your wallet gave this page no answer, and nothing of it was found on the chain. Look in your wallet before you do it again.',
  } satisfies Record<TransactionStage, string>,
  inBlock: (block: number) => `block ${block.toLocaleString('en')}`,
  hash: 'its hash',
} as const
