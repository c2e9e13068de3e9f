import { fromHex } from '#core/bytes.ts'
import { formatAddress } from '#core/delegation.ts'

/** An address as the chain gives it, `0x…`, with the checksum of EIP-55: as people write it. @throws HEX_INVALID */
export function checksummed(address: string): string {
  return formatAddress(fromHex(address))
}
