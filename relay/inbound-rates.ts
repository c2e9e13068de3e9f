import { type ByteBucket, createByteBucket } from './circuits/byte-bucket.ts'

/** One socket's part in what its address may send. */
export interface InboundRate {
  /** Counts bytes that came; ms to read no further, 0 = go on. */
  take(bytes: number): number
  leave(): void
}

export interface InboundRates {
  /** A socket of `address`, as it counts for limits, is open. */
  enter(address: string): InboundRate
}

/**
 * Bytes per second that are read from all sockets of one address, whatever they are: a flood that is refused only
 * after it was decrypted would cost the relay more than its sender. Its memory is what is open.
 */
export function createInboundRates(bytesPerSecond: number, now: () => number): InboundRates {
  const addresses = new Map<string, { readonly bucket: ByteBucket; sockets: number }>()
  return {
    enter(address) {
      const share = addresses.get(address) ?? { bucket: createByteBucket(bytesPerSecond, now), sockets: 0 }
      addresses.set(address, share)
      share.sockets++
      return {
        take(bytes) {
          share.bucket.spend(bytes)
          return share.bucket.waitMs()
        },
        leave() {
          if (--share.sockets === 0) addresses.delete(address)
        },
      }
    },
  }
}
