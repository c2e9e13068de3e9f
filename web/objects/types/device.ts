import { list, optional } from '../content/composite-fields.ts'
import { bytes, fixedBytes, objectId, text, u8 } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'

export const UNIQUE_ID_BYTES = 16
/** `area.inner` of a Device says what it is. */
export const DEVICE_KINDS = { ood: 0, server: 1, pc: 2, browser: 12 } as const

/** A device of a person (its owner): the desc's key signs objects and links. */
export const deviceType = objectType({
  name: 'Device',
  type: STANDARD_TYPES.Device,
  formats: { desc: 'raw', body: 'protobuf' },
  keyed: true,
  desc: struct({ uniqueId: [1, fixedBytes(UNIQUE_ID_BYTES)] }),
  body: struct({
    /** CYFS's binary form: protocol, port and address */
    endpoints: [1, list(bytes)],
    supernodes: [2, list(objectId)],
    proxies: [3, list(objectId)],
    name: [4, optional(text)],
    bdtVersion: [5, optional(u8)],
  }),
})

export type DeviceDesc = DescOf<typeof deviceType>
export type DeviceBody = BodyOf<typeof deviceType>
