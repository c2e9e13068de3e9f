import type { AppError } from '#core/errors.ts'
import { type MachineErrorCode, machineError } from './machine-errors.ts'
import { type MachineParameters, parametersAt } from './parameters.ts'
import { compareRationals, multiplyUp, type Rational, reduce } from './rational.ts'

/** What one more link would take of a neuron. */
export interface BandwidthQuote {
  /** of one link, at the present price */
  readonly cost: bigint
  /** what the neuron has now, rounded down */
  readonly remaining: bigint
  /** what it has when all of it has recovered */
  readonly max: bigint
}

/** Why a link is refused ([KG6]). */
export interface BandwidthShortage extends BandwidthQuote {
  /** `neuron`: its own does not suffice. `block`: the block is full */
  readonly reason: 'neuron' | 'block'
  readonly missing: bigint
  /** height of the block at which it will suffice at the present price; undefined when it never will */
  readonly sufficesAt: number | undefined
}

/** A neuron that has not linked yet. */
export interface NewcomerStake {
  readonly stake: bigint
  readonly total: bigint
}

interface Account {
  /** bandwidth times the recovery period: whole numbers, however rarely it is brought up to date */
  scaled: bigint
  /** height that `scaled` is of */
  height: number
  max: bigint
}

const ONE: Rational = { numerator: 1n, denominator: 1n }

/**
 * [KG5] How much neurons may link, in exact whole numbers. A neuron's bandwidth grows by max / recoveryPeriod a block
 * up to its max, and is full when the neuron first appears; a link costs linkCost · price, rounded up so that no price
 * makes it free; the price follows what all neurons spent in the last `window` blocks. Nothing is done for neurons
 * that do not link: theirs is brought up to date when it is asked for.
 *
 * Calls go block by block: `begin`, any number of `spend`, `end`.
 */
export class Bandwidth {
  readonly #versions: readonly MachineParameters[]
  readonly #accounts: (Account | undefined)[] = []
  /** what each block of the window spent, by height modulo its length */
  #spent: bigint[]
  #spentInWindow = 0n
  #parameters: MachineParameters
  #price: Rational
  #cost: bigint
  #height = 0
  #links = 0

  /** `versions`: as in a genesis, the first from block 0. */
  constructor(versions: readonly MachineParameters[]) {
    this.#versions = versions
    this.#parameters = parametersAt(versions, 0)
    this.#spent = new Array<bigint>(this.#parameters.window).fill(0n)
    this.#price = this.#parameters.basePrice
    this.#cost = costAt(this.#parameters, this.#price)
  }

  /** In [basePrice, 1]; holds until the block after the next multiple of `adjustEvery`. */
  get price(): Rational {
    return this.#price
  }

  /** Those of the present block. */
  get parameters(): MachineParameters {
    return this.#parameters
  }

  /** Links that the present block still takes. */
  get room(): number {
    return this.#parameters.maxBlockLinks - this.#links
  }

  /** Begins the block of this height, one after the last. */
  begin(height: number): void {
    this.#height = height
    this.#links = 0
    const next = parametersAt(this.#versions, height)
    if (next !== this.#parameters) this.#change(next)
    const oldest = height % this.#spent.length
    this.#spentInWindow -= this.#spent[oldest]!
    this.#spent[oldest] = 0n
  }

  /**
   * Says what a neuron's stake is from the present block on: before its first link, and whenever it changed. A larger
   * share grows from what there is; a smaller one cuts what is above it.
   */
  setStake(neuron: number, stake: bigint, total: bigint): void {
    const max = (stake * this.#parameters.desirable) / total
    const account = this.#accounts[neuron]
    if (account === undefined) {
      this.#accounts[neuron] = { scaled: this.#scale(max), height: this.#height, max }
      return
    }
    this.#settle(account)
    account.max = max
    account.scaled = least(account.scaled, this.#scale(max))
  }

  quote(neuron: number): BandwidthQuote {
    return this.#quoteOf(this.#accounts[neuron], this.#height)
  }

  /** Why a neuron could not make `links` links now; undefined when it can. Changes nothing ([KG6]). */
  shortage(neuron: number, links = 1): BandwidthShortage | undefined {
    return this.#shortageOf(this.#accounts[neuron], links, { height: this.#height, room: this.room })
  }

  /** The same for the next block, with what will have recovered. `neuron`: its number, or its stake while it has none. */
  forecast(neuron: number | NewcomerStake, links: number): BandwidthShortage | undefined {
    const next = { height: this.#height + 1, room: this.#parameters.maxBlockLinks }
    return this.#shortageOf(this.#accountOf(neuron), links, next)
  }

  /** What a neuron has for the next block, with what will have recovered. */
  quoteNext(neuron: number | NewcomerStake): BandwidthQuote {
    return this.#quoteOf(this.#accountOf(neuron), this.#height + 1)
  }

  #accountOf(neuron: number | NewcomerStake): Account | undefined {
    if (typeof neuron === 'number') return this.#accounts[neuron]
    const max = (neuron.stake * this.#parameters.desirable) / neuron.total
    return { scaled: this.#scale(max), height: this.#height, max }
  }

  #quoteOf(account: Account | undefined, height: number): BandwidthQuote {
    const has = account === undefined ? 0n : this.#grown(account, height)
    return { cost: this.#cost, remaining: has / this.#scale(1n), max: account?.max ?? 0n }
  }

  #shortageOf(
    account: Account | undefined,
    links: number,
    { height, room }: { readonly height: number; readonly room: number },
  ): BandwidthShortage | undefined {
    const has = account === undefined ? 0n : this.#grown(account, height)
    const quote = this.#quoteOf(account, height)
    const { max } = quote
    const cost = this.#cost * BigInt(links)
    const lacking = this.#scale(cost) - has
    if (lacking > 0n) {
      const sufficesAt = cost > max ? undefined : height + Number(divideUp(lacking, max))
      return { ...quote, reason: 'neuron', missing: divideUp(lacking, this.#scale(1n)), sufficesAt }
    }
    if (links <= room) return undefined
    const missing = this.#cost * BigInt(links - room)
    const sufficesAt = links > this.#parameters.maxBlockLinks ? undefined : height + 1
    return { ...quote, reason: 'block', missing, sufficesAt }
  }

  /** Charges one link, or says why not: then nothing is charged. */
  spend(neuron: number): BandwidthShortage | undefined {
    const shortage = this.shortage(neuron)
    if (shortage !== undefined) return shortage
    const account = this.#accounts[neuron]!
    this.#settle(account)
    account.scaled -= this.#scale(this.#cost)
    this.#spent[this.#height % this.#spent.length]! += this.#cost
    this.#spentInWindow += this.#cost
    this.#links++
    return undefined
  }

  /** Ends the block; at every `adjustEvery` the price of the blocks after it is made. */
  end(): void {
    if (this.#height % this.#parameters.adjustEvery !== 0) return
    const { baseLoad, basePrice, desirable } = this.#parameters
    const load: Rational = {
      numerator: this.#spentInWindow * baseLoad.denominator,
      denominator: baseLoad.numerator * desirable,
    }
    const atLeast = compareRationals(load, basePrice) < 0 ? basePrice : load
    this.#price = reduce(compareRationals(atLeast, ONE) > 0 ? ONE : atLeast)
    this.#cost = costAt(this.#parameters, this.#price)
  }

  #scale(bandwidth: bigint): bigint {
    return bandwidth * BigInt(this.#parameters.recoveryPeriod)
  }

  /** What an account has at a height, scaled. */
  #grown({ scaled, height, max }: Account, at: number): bigint {
    return at === height ? scaled : least(scaled + max * BigInt(at - height), this.#scale(max))
  }

  #settle(account: Account): void {
    account.scaled = this.#grown(account, this.#height)
    account.height = this.#height
  }

  /** Other parameters: accounts keep what they have, and their max until the stakes are told anew. */
  #change(next: MachineParameters): void {
    const before = this.#parameters
    for (const account of this.#accounts) {
      if (account === undefined) continue
      this.#settle(account)
      account.scaled = (account.scaled * BigInt(next.recoveryPeriod)) / BigInt(before.recoveryPeriod)
      account.max = (account.max * next.desirable) / before.desirable
      account.scaled = least(account.scaled, account.max * BigInt(next.recoveryPeriod))
    }
    this.#parameters = next
    this.#rewindow(next.window)
    this.#cost = costAt(next, this.#price)
  }

  /** Another length of the window keeps what the newest blocks spent. */
  #rewindow(length: number): void {
    const old = this.#spent
    if (length === old.length) return
    const spent = new Array<bigint>(length).fill(0n)
    const oldest = Math.max(0, this.#height - Math.min(length, old.length))
    for (let height = oldest; height < this.#height; height++)
      spent[height % length] = old[height % old.length]!
    this.#spent = spent
    this.#spentInWindow = spent.reduce((sum, value) => sum + value, 0n)
  }
}

function costAt({ linkCost }: MachineParameters, price: Rational): bigint {
  return multiplyUp(linkCost, price)
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** ⌈a / b⌉ */
function divideUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}

/** [KG6] The refusal of a link, as people read it. `neuron`: `0x…`. */
export function bandwidthExceeded(neuron: string, shortage: BandwidthShortage): AppError<MachineErrorCode> {
  const { reason, missing, cost, max, sufficesAt } = shortage
  const lack =
    reason === 'block'
      ? 'This block has all the links that it may have'
      : `Neuron ${neuron} lacks ${missing} of bandwidth: a link costs ${cost}, and it has at most ${max}`
  const advice =
    sufficesAt === undefined
      ? 'Its stake will never suffice at this price; make fewer links, or get more stake.'
      : `It will suffice at block ${sufficesAt}; make the link then.`
  const details = { missing, ...(sufficesAt === undefined ? {} : { sufficesAt }) }
  return machineError('BANDWIDTH_EXCEEDED', `${lack}. ${advice}`, { details })
}
