/** What an auction of the sale asks for, as it was deployed with. */
export interface SaleTerms {
  readonly reserveWei: bigint
  /** of the highest bid, in 1/10,000 */
  readonly minRaise: number
}

/**
 * The least next bid of an auction, in 10⁻¹⁸ CYBR, by the rule of `LandSale.leastBid`: the reserve opens it, each
 * further bid is above the last by a share of it, rounded up.
 *
 * @param highestWei absent while nobody has bid
 */
export function leastBidWei(highestWei: bigint | undefined, { reserveWei, minRaise }: SaleTerms): bigint {
  if (highestWei === undefined) return reserveWei
  const raise = (highestWei * BigInt(minRaise) + 9_999n) / 10_000n
  return highestWei + (raise > 1n ? raise : 1n)
}
