/** µs from 1601-01-01, from which objects count, to 1970-01-01 ([OB7]). */
const EPOCH_US = 11_644_473_600n * 1_000_000n

/** Unix ms as the µs since 1601 of objects. */
export function toObjectTime(unixMs: number): bigint {
  return EPOCH_US + BigInt(Math.round(unixMs * 1_000))
}

/** The other way round; negative for times before 1970. */
export function toUnixMs(objectTime: bigint): number {
  return toUnixUs(objectTime) / 1_000
}

/** µs since 1970, as a number: exact to the year 2255. */
export function toUnixUs(objectTime: bigint): number {
  return Number(objectTime - EPOCH_US)
}

/** µs since 1970 as the µs since 1601 of objects. */
export function fromUnixUs(unixUs: number): bigint {
  return EPOCH_US + BigInt(unixUs)
}
