/**
 * What the contracts are built with. Amounts are in 10⁻¹⁸ CYBR (`…Wei`), times in seconds. A chain for tests counts a
 * second where people would count a block of two.
 */
export interface ChainParameters {
  readonly supplyWei: bigint
  /** of the supply; the faucet, the deployer's account, is on no public chain and takes from the treasury's */
  readonly percents: {
    readonly distribution: bigint
    readonly treasury: bigint
    readonly founders: bigint
    readonly faucet: bigint
  }
  readonly distribution: {
    readonly startDelaySeconds: bigint
    readonly roundSeconds: bigint
    readonly rounds: bigint
  }
  readonly founders: { readonly cliffSeconds: bigint; readonly durationSeconds: bigint }
  readonly stake: { readonly delaySeconds: number }
  readonly names: {
    readonly minCommitSeconds: bigint
    readonly maxCommitSeconds: bigint
    readonly minTermSeconds: bigint
    readonly maxTermSeconds: bigint
    readonly graceSeconds: bigint
    readonly yearPriceWei: bigint
  }
  readonly relays: { readonly bondWei: bigint; readonly bondDelaySeconds: bigint }
  readonly channels: { readonly disputeSeconds: bigint }
  readonly votes: {
    readonly delaySeconds: number
    readonly periodSeconds: number
    readonly quorumPercent: bigint
    readonly tokenThresholdWei: bigint
    readonly landThreshold: bigint
    readonly timelockSeconds: bigint
  }
  readonly conduct: {
    readonly warningsBeforeEviction: number
    readonly lapseSeconds: bigint
    /** from a warning to the next, or to the eviction */
    readonly gapSeconds: bigint
  }
  readonly land: {
    readonly lifePeriodSeconds: number
    readonly missedPeriods: number
    readonly bountyWei: bigint
    readonly growthDelaySeconds: number
  }
  readonly landSale: {
    readonly reserveWei: bigint
    readonly durationSeconds: number
    readonly extensionSeconds: number
    /** in 1/10,000 */
    readonly minRaise: number
  }
}

const CYBR = 10n ** 18n
const MINUTE = 60n
const HOUR = 60n * MINUTE
const DAY = 24n * HOUR
const YEAR = 365n * DAY

/** 10⁹ CYBR: stake counts in 10⁻⁶ CYBR, so that all of it, 10¹⁵, stays below 2⁵³ in the rank's integers. */
const SUPPLY = 10n ** 9n * CYBR

/** A public chain. */
export const MAIN_CHAIN_PARAMETERS: ChainParameters = {
  supplyWei: SUPPLY,
  percents: { distribution: 60n, treasury: 30n, founders: 10n, faucet: 0n },
  // a week to look at what was deployed; 600 rounds of 23 h, at another hour each day, end after 575 days
  distribution: { startDelaySeconds: 7n * DAY, roundSeconds: 23n * HOUR, rounds: 600n },
  // usual terms: nothing for a year, all after four
  founders: { cliffSeconds: YEAR, durationSeconds: 4n * YEAR },
  // longer than recovery and a period (16,005 blocks of 2 s, 9 h), so that no token weighs twice
  stake: { delaySeconds: Number(21n * DAY) },
  names: {
    // 30 blocks: whoever sees a reveal comes too late; within a day nobody forgets what it committed to
    minCommitSeconds: MINUTE,
    maxCommitSeconds: DAY,
    minTermSeconds: 28n * DAY,
    maxTermSeconds: 10n * YEAR,
    graceSeconds: 90n * DAY,
    yearPriceWei: 10n * CYBR,
  },
  // dear enough that a list of false relays costs its maker, free again after the stake's delay
  relays: { bondWei: 1_000n * CYBR, bondDelaySeconds: 21n * DAY },
  // a relay that is down for a night still answers
  channels: { disputeSeconds: DAY },
  votes: {
    delaySeconds: Number(DAY),
    periodSeconds: Number(7n * DAY),
    quorumPercent: 4n,
    // a tenth of what one round of the distribution offers
    tokenThresholdWei: 100_000n * CYBR,
    landThreshold: 1n,
    // time to leave before what was decided happens
    timelockSeconds: 2n * DAY,
  },
  // the gap is longer than a whole vote (1 + 7 + 2 days): who is warned can answer before the next one is decided
  conduct: { warningsBeforeEviction: 3, lapseSeconds: 180n * DAY, gapSeconds: 14n * DAY },
  land: {
    lifePeriodSeconds: Number(30n * DAY),
    missedPeriods: 3,
    bountyWei: 10n * CYBR,
    growthDelaySeconds: Number(YEAR),
  },
  landSale: {
    reserveWei: 100n * CYBR,
    durationSeconds: Number(3n * DAY),
    extensionSeconds: Number(10n * MINUTE),
    minRaise: 500,
  },
}

/** The chain of `npm start`: as a public one, with a faucet and short times, so that what one tries is what will be. */
export const LOCAL_CHAIN_PARAMETERS: ChainParameters = {
  ...MAIN_CHAIN_PARAMETERS,
  percents: { ...MAIN_CHAIN_PARAMETERS.percents, treasury: 29n, faucet: 1n },
  // the first round runs at once
  distribution: { ...MAIN_CHAIN_PARAMETERS.distribution, startDelaySeconds: 0n },
  // a page is tried in an afternoon: a name within seconds, an auction or a vote within minutes
  names: { ...MAIN_CHAIN_PARAMETERS.names, minCommitSeconds: 2n },
  votes: {
    ...MAIN_CHAIN_PARAMETERS.votes,
    delaySeconds: 10,
    periodSeconds: 120,
    // what the faucet gives is enough
    tokenThresholdWei: 100n * CYBR,
    timelockSeconds: 20n,
  },
  conduct: { warningsBeforeEviction: 3, lapseSeconds: 3_600n, gapSeconds: 150n },
  landSale: { ...MAIN_CHAIN_PARAMETERS.landSale, durationSeconds: 180, extensionSeconds: 30 },
}

/** A chain of tests, in which a second stands for a block. */
export const TEST_CHAIN_PARAMETERS: ChainParameters = {
  ...LOCAL_CHAIN_PARAMETERS,
  distribution: { startDelaySeconds: 0n, roundSeconds: 1_000n, rounds: 600n },
  founders: { cliffSeconds: 1_000n, durationSeconds: 4_000n },
  stake: { delaySeconds: 100 },
  names: {
    ...MAIN_CHAIN_PARAMETERS.names,
    minCommitSeconds: 10n,
    maxCommitSeconds: 1_000n,
    minTermSeconds: 100n,
    graceSeconds: 1_000n,
  },
  relays: { bondWei: 1_000n * CYBR, bondDelaySeconds: 100n },
  channels: { disputeSeconds: 100n },
  votes: {
    ...MAIN_CHAIN_PARAMETERS.votes,
    delaySeconds: 1,
    periodSeconds: 10,
    timelockSeconds: 10n,
  },
  conduct: { warningsBeforeEviction: 3, lapseSeconds: 100n, gapSeconds: 15n },
  land: { ...MAIN_CHAIN_PARAMETERS.land, lifePeriodSeconds: 10, growthDelaySeconds: 100 },
  landSale: { ...MAIN_CHAIN_PARAMETERS.landSale, durationSeconds: 1_000, extensionSeconds: 10 },
}
