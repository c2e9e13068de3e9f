import { objectInvalid } from './object-errors.ts'

/** Where an object belongs, as far as it says: numbers whose meaning the type gives. */
export interface Area {
  /** 9 bits */
  readonly country: number
  /** 4 bits */
  readonly carrier: number
  /** 13 bits */
  readonly city: number
  /** 8 bits; for a Device its kind */
  readonly inner: number
}

const MAX = { country: 0x1ff, carrier: 0x0f, city: 0x1fff, inner: 0xff } as const

/** @throws OBJECT_INVALID when a number does not fit its bits */
export function assertArea(area: Area, path: string): void {
  for (const name of ['country', 'carrier', 'city', 'inner'] as const) {
    const value = area[name]
    if (Number.isInteger(value) && value >= 0 && value <= MAX[name]) continue
    throw objectInvalid({ path: `${path}.${name}`, got: String(value), expected: `0 to ${MAX[name]}` })
  }
}

export function isArea({ country, carrier, city, inner }: Area): boolean {
  return country !== 0 || carrier !== 0 || city !== 0 || inner !== 0
}

/** Puts the 34 bits of an area behind the first 6 of an id ([OB1]). */
export function writeAreaBits(id: Uint8Array, { country, carrier, city, inner }: Area): void {
  id[0] = (id[0]! & 0xfc) | (country >> 7)
  id[1] = ((country & 0x7f) << 1) | (carrier >> 3)
  id[2] = ((carrier & 0x07) << 5) | (city >> 8)
  id[3] = city & 0xff
  id[4] = inner
}

/** The 34 bits behind the first 6 of an id. */
export function areaOfId(id: Uint8Array): Area {
  return {
    country: ((id[0]! & 0x03) << 7) | (id[1]! >> 1),
    carrier: ((id[1]! & 0x01) << 3) | (id[2]! >> 5),
    city: ((id[2]! & 0x1f) << 8) | id[3]!,
    inner: id[4]!,
  }
}
