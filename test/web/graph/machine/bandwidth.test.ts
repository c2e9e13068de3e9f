import { describe, expect, it } from 'vitest'
import { Bandwidth, bandwidthExceeded } from '#graph/machine/bandwidth.ts'
import { defaultParameters, type MachineParameters } from '#graph/machine/parameters.ts'
import { createRandom, type Random } from '#test/fuzz/random.ts'
import { SlowBandwidth } from './slow-bandwidth.ts'

const TEST = defaultParameters('test')
/** Odd numbers, so that every division leaves a rest; few links, so that blocks fill. */
const ODD: MachineParameters = {
  ...TEST,
  desirable: 40_009n,
  recoveryPeriod: 37,
  linkCost: 101n,
  baseLoad: { numerator: 3n, denominator: 7n },
  basePrice: { numerator: 2n, denominator: 9n },
  window: 13,
  adjustEvery: 3,
  maxBlockLinks: 40,
}

/** Runs blocks of random links, changes of stake and pauses in both; returns how many links each refused. */
function runBoth(random: Random, parameters: MachineParameters, operations: number) {
  const [fast, slow] = [new Bandwidth([parameters]), new SlowBandwidth(parameters)]
  const neurons = 12
  const total = 1_000_003n
  let height = 0
  let refused = 0
  for (let done = 0; done < operations; ) {
    height++
    fast.begin(height)
    slow.begin()
    for (let neuron = 0; neuron < neurons; neuron++) {
      if (height > 1 && random.below(200) > 0) continue
      const stake = BigInt(random.below(neuron === 0 ? 2 : 300_000))
      fast.setStake(neuron, stake, total)
      slow.setStake(neuron, stake, total)
      done++
    }
    for (let links = random.below(4) === 0 ? 0 : random.below(60); links > 0; links--, done++) {
      const neuron = random.below(neurons)
      const shortage = fast.spend(neuron)
      // plain comparisons: 10⁵ calls of expect take seconds
      if ((shortage === undefined) !== slow.spend(neuron))
        throw new Error(`Link of ${neuron} at ${height} differs.`)
      if (shortage === undefined) continue
      refused++
      const { reason, sufficesAt } = shortage
      if (reason === 'neuron' && refused % 50 === 0) {
        const blocks = slow.sufficesIn(neuron, 2 * parameters.recoveryPeriod)
        expect(sufficesAt).toBe(blocks === undefined ? undefined : height + blocks)
      }
    }
    fast.end()
    slow.end()
    if (fast.price.numerator * slow.price.d !== slow.price.n * fast.price.denominator) {
      throw new Error(`Price after ${height} differs.`)
    }
    const asked = random.below(neurons)
    const { n, d } = slow.has[asked]!
    const { cost, remaining, max } = fast.quote(asked)
    if (cost !== slow.cost() || remaining !== n / d || max !== slow.max[asked]) {
      throw new Error(`Bandwidth of ${asked} at ${height} differs.`)
    }
  }
  return { height, refused }
}

describe('[KG5] bandwidth', () => {
  it('[KG5] is the same whole numbers as a slow model gives, over 10⁵ random operations', () => {
    const odd = runBoth(createRandom(1), ODD, 60_000)
    const plain = runBoth(createRandom(2), { ...TEST, maxBlockLinks: 30 }, 40_000)
    expect(odd.refused).toBeGreaterThan(5_000)
    expect(plain.refused).toBeGreaterThan(5_000)
  })

  it('[KG5] a flood by a rich and by a poor neuron gives each its share', () => {
    const bandwidth = new Bandwidth([TEST])
    const made = [0, 0]
    for (let height = 1; height <= 10 * TEST.recoveryPeriod; height++) {
      bandwidth.begin(height)
      if (height === 1)
        for (const [neuron, stake] of [9n, 1n].entries()) bandwidth.setStake(neuron, stake, 10n)
      // the poor one comes first in every block, and both try far more than they have
      for (let tries = 0; tries < 100; tries++) {
        for (const neuron of [1, 0]) {
          const isMade = bandwidth.spend(neuron) === undefined
          // what was full at the beginning went at the base price
          if (isMade && height > 2 * TEST.recoveryPeriod) made[neuron]!++
        }
      }
      bandwidth.end()
    }
    const [rich, poor] = made as [number, number]
    expect(bandwidth.price).toEqual({ numerator: 1n, denominator: 1n })
    expect([rich, poor]).toEqual([7_200, 800])
  })

  it('[KG5] the price rises with what the window spent and falls when it has passed', () => {
    const bandwidth = new Bandwidth([TEST])
    bandwidth.begin(1)
    bandwidth.setStake(0, 1n, 1n)
    for (let links = 0; links < 200; links++) expect(bandwidth.spend(0)).toBeUndefined()
    bandwidth.end()
    expect(bandwidth.price).toEqual(TEST.basePrice)
    for (let height = 2; height <= 5; height++) {
      bandwidth.begin(height)
      bandwidth.end()
    }
    // 200 links at 250 are half of a tenth of 10⁶
    expect(bandwidth.price).toEqual({ numerator: 1n, denominator: 2n })
    for (let height = 6; height <= 105; height++) {
      bandwidth.begin(height)
      bandwidth.end()
    }
    expect(bandwidth.price).toEqual(TEST.basePrice)
  })

  it('[KG5] holds the parameters of each version from its block on', () => {
    const later = { ...TEST, version: 2, fromBlock: 3, recoveryPeriod: 10, window: 7, desirable: 500_000n }
    const bandwidth = new Bandwidth([TEST, later])
    bandwidth.begin(1)
    bandwidth.setStake(0, 1n, 2n)
    for (let links = 0; links < 100; links++) bandwidth.spend(0)
    bandwidth.end()
    expect(bandwidth.quote(0)).toMatchObject({ max: 500_000n, remaining: 475_000n })
    bandwidth.begin(2)
    bandwidth.end()
    bandwidth.begin(3)
    expect(bandwidth.parameters).toBe(later)
    expect(bandwidth.quote(0)).toMatchObject({ max: 250_000n, remaining: 250_000n })
  })
})

describe('[KG6] a link without bandwidth', () => {
  const small = { ...TEST, maxBlockLinks: 3 }

  it('[KG6] is refused with what is missing and the block at which it will suffice, and charged nothing', () => {
    const bandwidth = new Bandwidth([TEST])
    bandwidth.begin(7)
    bandwidth.setStake(0, 1n, 2_000n)
    for (let links = 0; links < 2; links++) expect(bandwidth.spend(0)).toBeUndefined()
    const shortage = bandwidth.spend(0)
    expect(shortage).toEqual({
      reason: 'neuron',
      cost: 250n,
      max: 500n,
      remaining: 0n,
      missing: 250n,
      sufficesAt: 57,
    })
    expect(bandwidth.spend(0)).toEqual(shortage)
    for (let height = 8; height <= 57; height++) {
      bandwidth.end()
      bandwidth.begin(height)
    }
    expect(bandwidth.spend(0)).toBeUndefined()
  })

  it('[KG6] never suffices for a neuron without stake, and waits a block when the block is full', () => {
    const bandwidth = new Bandwidth([small])
    bandwidth.begin(1)
    bandwidth.setStake(0, 0n, 1n)
    bandwidth.setStake(1, 1n, 1n)
    expect(bandwidth.spend(0)).toMatchObject({ reason: 'neuron', missing: 250n, sufficesAt: undefined })
    for (let links = 0; links < 3; links++) expect(bandwidth.spend(1)).toBeUndefined()
    expect(bandwidth.spend(1)).toMatchObject({ reason: 'block', missing: 250n, sufficesAt: 2 })
    expect(bandwidth.shortage(1, 4)).toMatchObject({ reason: 'block', sufficesAt: undefined })
  })

  it('[KG6] is foretold for the next block, for neurons that have not linked yet as well', () => {
    const bandwidth = new Bandwidth([TEST])
    bandwidth.begin(1)
    bandwidth.setStake(0, 1n, 2_000n)
    for (let links = 0; links < 2; links++) bandwidth.spend(0)
    bandwidth.end()
    expect(bandwidth.forecast(0, 1)).toMatchObject({ remaining: 5n, missing: 245n, sufficesAt: 51 })
    expect(bandwidth.quoteNext(0)).toEqual({ cost: 250n, remaining: 5n, max: 500n })
    expect(bandwidth.quoteNext({ stake: 1n, total: 2_000n })).toMatchObject({ remaining: 500n, max: 500n })
    expect(bandwidth.forecast({ stake: 1n, total: 2_000n }, 2)).toBeUndefined()
    expect(bandwidth.forecast({ stake: 1n, total: 2_000n }, 3)).toMatchObject({
      missing: 250n,
      sufficesAt: undefined,
    })
  })

  it('[KG6] says so in words', () => {
    const bandwidth = new Bandwidth([small])
    bandwidth.begin(1)
    bandwidth.setStake(0, 0n, 1n)
    bandwidth.setStake(1, 1n, 1n)
    const never = bandwidthExceeded('0x00', bandwidth.shortage(0)!)
    expect(never).toMatchObject({ code: 'BANDWIDTH_EXCEEDED', details: { missing: 250n } })
    expect(never.message).toMatchInlineSnapshot(
      `"Neuron 0x00 lacks 250 of bandwidth: a link costs 250, and it has at most 0. Its stake will never suffice at this price; make fewer links, or get more stake."`,
    )
    expect(bandwidthExceeded('0x01', bandwidth.shortage(1, 4)!).message).toMatchInlineSnapshot(
      `"This block has all the links that it may have. Its stake will never suffice at this price; make fewer links, or get more stake."`,
    )
    for (let links = 0; links < 3; links++) bandwidth.spend(1)
    expect(bandwidthExceeded('0x01', bandwidth.shortage(1)!).message).toMatchInlineSnapshot(
      `"This block has all the links that it may have. It will suffice at block 2; make the link then."`,
    )
  })
})
