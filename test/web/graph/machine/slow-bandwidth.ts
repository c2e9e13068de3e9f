/**
 * [KG5] written down as it is said, block by block and in fractions, without a thought for speed: what the real one is
 * compared with.
 */

interface Fraction {
  readonly n: bigint
  readonly d: bigint
}

export interface SlowParameters {
  readonly desirable: bigint
  readonly recoveryPeriod: number
  readonly linkCost: bigint
  readonly baseLoad: { readonly numerator: bigint; readonly denominator: bigint }
  readonly basePrice: { readonly numerator: bigint; readonly denominator: bigint }
  readonly window: number
  readonly adjustEvery: number
  readonly maxBlockLinks: number
}

export class SlowBandwidth {
  readonly #parameters: SlowParameters
  /** by neuron: what it has, in parts of a recovery period's length */
  readonly has: Fraction[] = []
  readonly max: bigint[] = []
  /** of every block ever */
  readonly #spent: bigint[] = [0n]
  price: Fraction
  #links = 0

  constructor(parameters: SlowParameters) {
    this.#parameters = parameters
    this.price = { n: parameters.basePrice.numerator, d: parameters.basePrice.denominator }
  }

  begin(): void {
    this.#spent.push(0n)
    this.#links = 0
    for (const [neuron, before] of this.has.entries()) {
      const step = { n: this.max[neuron]!, d: BigInt(this.#parameters.recoveryPeriod) }
      this.has[neuron] = smaller(add(before, step), { n: this.max[neuron]!, d: 1n })
    }
  }

  setStake(neuron: number, stake: bigint, total: bigint): void {
    const max = (stake * this.#parameters.desirable) / total
    this.max[neuron] = max
    this.has[neuron] = smaller(this.has[neuron] ?? { n: max, d: 1n }, { n: max, d: 1n })
  }

  cost(): bigint {
    const product = this.#parameters.linkCost * this.price.n
    return product % this.price.d === 0n ? product / this.price.d : product / this.price.d + 1n
  }

  spend(neuron: number): boolean {
    const cost = this.cost()
    const has = this.has[neuron]!
    if (has.n < cost * has.d || this.#links >= this.#parameters.maxBlockLinks) return false
    this.has[neuron] = add(has, { n: -cost, d: 1n })
    this.#spent[this.#spent.length - 1]! += cost
    this.#links++
    return true
  }

  end(): void {
    const { window, adjustEvery, baseLoad, basePrice, desirable } = this.#parameters
    const height = this.#spent.length - 1
    if (height % adjustEvery !== 0) return
    let spent = 0n
    for (let block = Math.max(1, height - window + 1); block <= height; block++) spent += this.#spent[block]!
    const load = { n: spent * baseLoad.denominator, d: baseLoad.numerator * desirable }
    const base = { n: basePrice.numerator, d: basePrice.denominator }
    this.price = smaller(larger(load, base), { n: 1n, d: 1n })
  }

  /** The first block from now at which a neuron could pay for a link at this price, by waiting for it. */
  sufficesIn(neuron: number, limit: number): number | undefined {
    let has = this.has[neuron]!
    const cost = this.cost()
    const step = { n: this.max[neuron]!, d: BigInt(this.#parameters.recoveryPeriod) }
    for (let blocks = 0; blocks <= limit; blocks++) {
      if (has.n >= cost * has.d) return blocks
      has = smaller(add(has, step), { n: this.max[neuron]!, d: 1n })
    }
    return undefined
  }
}

function add(a: Fraction, b: Fraction): Fraction {
  if (b.d === 1n) return { n: a.n + b.n * a.d, d: a.d }
  return a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d }
}

function smaller(a: Fraction, b: Fraction): Fraction {
  return a.n * b.d <= b.n * a.d ? a : b
}

function larger(a: Fraction, b: Fraction): Fraction {
  return a.n * b.d >= b.n * a.d ? a : b
}
