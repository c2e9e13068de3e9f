import { list, map, optional, sortedBy } from '../content/composite-fields.ts'
import { descField } from '../content/desc-field.ts'
import { bytes, hash, objectId, text } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'
import { oodWorkMode } from './people.ts'

const PROTOBUF = { desc: 'protobuf', body: 'protobuf' } as const

/** A value of an application, by a name. */
export const storageType = objectType({
  name: 'Storage',
  type: 40,
  formats: PROTOBUF,
  desc: struct({ id: [1, text], hash: [2, optional(hash)] }),
  body: struct({ value: [1, bytes] }),
})

export const textType = objectType({
  name: 'Text',
  type: 41,
  formats: PROTOBUF,
  desc: struct({ id: [1, text], header: [2, text] }),
  body: struct({ value: [1, text] }),
})

/** The devices of one person, and which of them are always on ([OB24]). */
export const zoneType = objectType({
  name: 'Zone',
  type: 32,
  formats: PROTOBUF,
  desc: struct({ owner: [1, objectId] }),
  body: struct({
    oods: [1, list(objectId)],
    devices: [2, list(objectId)],
    oodWorkMode: [3, optional(oodWorkMode)],
  }),
})

/** An application and its versions. */
export const decAppType = objectType({
  name: 'DecApp',
  type: 400,
  formats: PROTOBUF,
  desc: struct({ id: [1, text] }),
  body: struct({
    /** version → Dir */
    source: [1, map(objectId, text)],
    /** version → what is new */
    sourceDesc: [2, map(text, text)],
    icon: [3, optional(text)],
    desc: [4, optional(text)],
    /** name → version */
    tags: [5, map(text, text)],
  }),
})

/** Applications in the order of their ids, each with its encoded AppStatus. */
export const appListType = objectType({
  name: 'AppList',
  type: 402,
  formats: PROTOBUF,
  desc: struct({ id: [1, text], category: [2, text] }),
  body: struct({
    source: [1, sortedBy(struct({ app: [1, objectId], status: [2, bytes] }), ({ app }) => app)],
  }),
})

/** Files that are traded as one. */
export const nftListType = objectType({
  name: 'NftList',
  type: 500,
  formats: { desc: 'raw', body: 'protobuf' },
  protobufAsRaw: true,
  desc: struct({ nfts: [1, list(struct({ desc: [1, descField(STANDARD_TYPES.File)] }))] }),
  body: struct({}),
})

export type StorageDesc = DescOf<typeof storageType>
export type StorageBody = BodyOf<typeof storageType>
export type TextDesc = DescOf<typeof textType>
export type TextBody = BodyOf<typeof textType>
export type ZoneDesc = DescOf<typeof zoneType>
export type ZoneBody = BodyOf<typeof zoneType>
export type DecAppDesc = DescOf<typeof decAppType>
export type DecAppBody = BodyOf<typeof decAppType>
export type AppListDesc = DescOf<typeof appListType>
export type AppListBody = BodyOf<typeof appListType>
export type NftListDesc = DescOf<typeof nftListType>
