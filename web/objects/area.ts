import type { Area } from './area-bits.ts'
import type { RawReader } from './raw-reader.ts'
import type { RawWriter } from './raw-writer.ts'

const MAX_CARRIER = 0x0f

/** The 5 bytes of an area in a desc; their order is not that of an id. */
export function writeArea(writer: RawWriter, { country, carrier, city, inner }: Area): void {
  writer.u8(country & 0xff).u8(carrier)
  writer.u8((city >> 8) | ((country >> 8) << 7)).u8(city & 0xff)
  writer.u8(inner)
}

/** @throws OBJECT_INVALID when unused bits are set */
export function readArea(reader: RawReader, field: string): Area {
  const [country, carrier, city, low, inner] = reader.bytes(5, field) as unknown as [
    number,
    number,
    number,
    number,
    number,
  ]
  if (carrier > MAX_CARRIER) throw reader.refusal(`${field}.carrier`, String(carrier), '0 to 15', 4)
  if ((city & 0x60) !== 0) throw reader.refusal(`${field}.city`, String(city), 'bits 5 and 6 to be zero', 3)
  return { country: country | ((city >> 7) << 8), carrier, city: ((city & 0x1f) << 8) | low, inner }
}
