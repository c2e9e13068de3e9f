import fc from 'fast-check'
import { compareBytes, toHex } from '#core/bytes.ts'
import type { Desc } from '#objects/desc.ts'
import { createDesc } from '#objects/object-type.ts'
import type { ObjectKey } from '#objects/public-key.ts'
import { deviceType } from '#objects/types/device.ts'
import { fileType } from '#objects/types/file.ts'
import { peopleType } from '#objects/types/people.ts'
import { unionAccountType } from '#objects/types/union-account.ts'
import {
  anyBytes,
  anyChunk,
  anyI32,
  anyId,
  anyText,
  anyU8,
  anyU32,
  anyU64,
  bytesOf,
  listOf,
  singleKey,
} from './object-fields.ts'

const sorted = <T>(item: fc.Arbitrary<T>, order: (value: T) => Uint8Array) =>
  fc
    .uniqueArray(item, { maxLength: 4, selector: (value) => toHex(order(value)) })
    .map((values) => values.sort((a, b) => compareBytes(order(a), order(b))))
const anyMap = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(anyText, value), { maxLength: 4 }).map((entries) => new Map(entries))

const anyMembers = sorted(fc.record({ id: anyId, title: anyText }), ({ id }) => id)
const anyCommon = fc.record(
  {
    name: anyText,
    icon: anyText,
    description: anyText,
    members: anyMembers,
    oods: listOf(anyId),
    previous: anyId,
    version: anyU64,
  },
  { requiredKeys: ['members', 'oods', 'version'] },
)
const mode = fc.constantFrom('standalone', 'active-standby')

const anyFileDesc = fc.record({ length: anyU64, hash: bytesOf(32) })
const fileDesc: fc.Arbitrary<Desc> = anyFileDesc.map((content) => createDesc(fileType, content))
const keyed = (key: ObjectKey) => ({ publicKey: key })

const anyCaller = fc.oneof(
  singleKey.map((key) => ({ kind: 'people', value: createDesc(peopleType, {}, keyed(key)) })),
  fc.tuple(bytesOf(16), singleKey).map(([uniqueId, key]) => ({
    kind: 'device',
    value: createDesc(deviceType, { uniqueId }, keyed(key)),
  })),
  fc.tuple(anyId, anyU8).map(([id, service]) => ({
    kind: 'union',
    value: createDesc(unionAccountType, { left: id, right: id, service }),
  })),
  anyId.map((value) => ({ kind: 'miner', value })),
  anyId.map((value) => ({ kind: 'id', value })),
)

const anyNode = fc.oneof(
  anyId.map((value) => ({ kind: 'object', value })),
  anyChunk.map((value) => ({ kind: 'chunk', value })),
  fc.record({ start: anyU32, end: anyU32 }).map((value) => ({ kind: 'inParent', value })),
)
const anyEntries = fc.record(
  { parentChunk: anyChunk, paths: anyMap(fc.record({ attributes: anyU32, node: anyNode })) },
  { requiredKeys: ['paths'] },
)

const anyChunkList = fc.oneof(
  listOf(anyChunk).map((chunks) => ({ kind: 'list', chunks })),
  anyId.map((file) => ({ kind: 'file', chunks: [], file })),
  listOf(anyChunk).map((chunks) => ({ kind: 'bundle', chunks, hashMethod: 'serial' })),
)

/** Nodes of object maps, by the fields of their schema. */
const anyMapNode = fc.oneof(
  fc
    .record({
      keys: fc.uniqueArray(
        anyText.filter((key) => key !== '' && !key.includes('/')),
        { maxLength: 4 },
      ),
      id: anyId,
      depth: anyU8,
      role: fc.constantFrom('root', 'sub', 'decRoot', 'globalRoot'),
    })
    .map(({ keys, id, depth, role }) => {
      const size = keys.reduce((sum, key) => sum + 34 + new TextEncoder().encode(key).length, 0)
      const values = new Map(keys.map((key) => [key, id]))
      const content = { kind: 'simple', value: { depth, entries: { kind: 'map', value: { values } } } }
      return { class: role, total: BigInt(keys.length), size: BigInt(size), depth, type: 'map', content }
    }),
  fc
    .record({
      subs: sorted(fc.record({ bucket: fc.nat(1_899), id: anyId }), ({ bucket }) => u16Bytes(bucket)),
      depth: anyU8,
    })
    .filter(({ subs }) => subs.length > 0)
    .map(({ subs, depth }) => {
      const content = { kind: 'hub', value: { depth, subs } }
      return { class: 'root', total: 3_000n, size: 70_000n, depth, type: 'set', content }
    }),
)

function u16Bytes(value: number): Uint8Array {
  return new Uint8Array([value >> 8, value & 255])
}

const data = fc.record({ data: anyBytes })
const none = fc.constant({})

const GRAPH_BLOCK_HASHES = 'machine device prev batchesRoot linksRoot allLinksRoot rankRoot mapRoot'.split(
  ' ',
)
const GRAPH_BLOCK_NUMBERS = ['parameters', 'batches', 'links', 'particles', 'rankedAt']

/** Contents of every type with a schema, by its name. */
export const ANY_CONTENT: Readonly<
  Record<string, { desc: fc.Arbitrary<unknown>; body: fc.Arbitrary<unknown> }>
> = {
  People: {
    desc: none,
    body: fc.record(
      { oods: listOf(anyId), name: anyText, icon: anyId, oodWorkMode: mode },
      { requiredKeys: ['oods'] },
    ),
  },
  Device: {
    desc: fc.record({ uniqueId: bytesOf(16) }),
    body: fc.record(
      {
        endpoints: listOf(anyBytes),
        supernodes: listOf(anyId),
        proxies: listOf(anyId),
        name: anyText,
        bdtVersion: anyU8,
      },
      { requiredKeys: ['endpoints', 'supernodes', 'proxies'] },
    ),
  },
  Group: {
    desc: fc.oneof(
      fc
        .record(
          { uniqueId: bytesOf(16), founder: anyId, admins: anyMembers },
          { requiredKeys: ['uniqueId', 'admins'] },
        )
        .map((value) => ({ group: { kind: 'simple', value } })),
      fc
        .record({ uniqueId: bytesOf(16), founder: anyId }, { requiredKeys: ['uniqueId'] })
        .map((value) => ({ group: { kind: 'org', value } })),
    ),
    body: fc.oneof(
      anyCommon.map((common) => ({ group: { kind: 'simple', value: { common } } })),
      fc
        .record({ admins: anyMembers, common: anyCommon })
        .map((value) => ({ group: { kind: 'org', value } })),
    ),
  },
  AppGroup: { desc: none, body: none },
  UnionAccount: {
    desc: fc.tuple(anyId, anyId, anyU8).map(([a, b, service]) => {
      const [left, right] = [a, b].sort(compareBytes)
      return { left, right, service }
    }),
    body: none,
  },
  File: {
    desc: anyFileDesc,
    body: fc.record(
      {
        chunkList: anyChunkList,
        root: bytesOf(32),
        name: anyText,
        mime: anyText,
        cipher: fc.record({ method: fc.constant('aes-256-gcm'), facts: anyBytes }),
      },
      { requiredKeys: ['chunkList'] },
    ),
  },
  Dir: {
    desc: fc.record({
      attributes: anyU32,
      list: fc.oneof(
        anyChunk.map((value) => ({ kind: 'chunk', value })),
        anyEntries.map((value) => ({ kind: 'entries', value })),
      ),
    }),
    body: fc.oneof(
      anyChunk.map((chunk) => ({ kind: 'chunk', chunk, objects: [] })),
      sorted(fc.record({ id: anyId, value: anyBytes }), ({ id }) => id).map((objects) => ({
        kind: 'objects',
        objects,
      })),
      fc.tuple(bytesOf(32), anyText).map(([root, name]) => ({ kind: 'objects', objects: [], root, name })),
    ),
  },
  Diff: { desc: fc.record({ file: anyId, chunks: listOf(anyChunk) }), body: none },
  ObjectMap: { desc: anyMapNode, body: none },
  ProofOfService: {
    desc: fc.record({
      proof: fc.constantFrom('dsgStorage', 'dsgStorageCheck', 'dsgMerkleProof'),
      data: anyBytes,
    }),
    body: data,
  },
  Tx: {
    desc: fc.record({
      nonce: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      caller: anyCaller,
      gasCoin: anyU8,
      gasPrice: fc.integer({ min: 0, max: 65_535 }),
      maxFee: anyU32,
      body: anyBytes,
    }),
    body: data,
  },
  Action: { desc: none, body: none },
  Contract: {
    desc: fc.record({ contract: fc.constantFrom('dsg', 'solidity'), data: anyBytes }),
    body: data,
  },
  Zone: {
    desc: fc.record({ owner: anyId }),
    body: fc.record(
      { oods: listOf(anyId), devices: listOf(anyId), oodWorkMode: mode },
      { requiredKeys: ['oods', 'devices'] },
    ),
  },
  Storage: {
    desc: fc.record({ id: anyText, hash: bytesOf(32) }, { requiredKeys: ['id'] }),
    body: fc.record({ value: anyBytes }),
  },
  Text: { desc: fc.record({ id: anyText, header: anyText }), body: fc.record({ value: anyText }) },
  DecApp: {
    desc: fc.record({ id: anyText }),
    body: fc.record(
      {
        source: anyMap(anyId),
        sourceDesc: anyMap(anyText),
        icon: anyText,
        desc: anyText,
        tags: anyMap(anyText),
      },
      { requiredKeys: ['source', 'sourceDesc', 'tags'] },
    ),
  },
  AppList: {
    desc: fc.record({ id: anyText, category: anyText }),
    body: fc.record({ source: sorted(fc.record({ app: anyId, status: anyBytes }), ({ app }) => app) }),
  },
  NftList: { desc: fc.record({ nfts: listOf(fc.record({ desc: fileDesc })) }), body: none },
  LinkBatch: {
    desc: fc
      .record({
        machine: bytesOf(32),
        device: bytesOf(32),
        seq: anyU32,
        prev: bytesOf(32),
        links: fc.integer({ min: 1, max: 3 }).chain((links) => bytesOf(64 * links)),
      })
      .map(({ prev, ...rest }) => (rest.seq === 0 ? rest : { ...rest, prev })),
    body: none,
  },
  GraphBlock: {
    desc: fc
      .record({
        height: fc.integer({ min: 1, max: 3 }),
        ...Object.fromEntries(GRAPH_BLOCK_HASHES.map((name) => [name, bytesOf(32)])),
        ...Object.fromEntries(GRAPH_BLOCK_NUMBERS.map((name) => [name, anyU32])),
        marks: fc.option(
          fc.array(fc.record({ seconds: anyU32, root: bytesOf(32) }), { minLength: 2, maxLength: 2 }),
        ),
      })
      .map(({ prev, marks, ...rest }: Record<string, unknown>) => {
        const [stakes, rankStakes] = (marks as unknown[] | null) ?? []
        return {
          ...rest,
          ...(rest.height === 1 ? {} : { prev }),
          ...(stakes === undefined ? {} : { stakes }),
          ...(stakes === undefined || rest.rankedAt === 0 ? {} : { rankStakes }),
        }
      }),
    body: none,
  },
  Placement: {
    desc: fc.record({ machine: bytesOf(32), parcel: fc.integer({ min: 0, max: 49_999 }) }),
    body: fc.record(
      {
        sequence: anyU64,
        model: fc.record({
          root: bytesOf(32),
          x: anyI32,
          y: anyI32,
          z: anyI32,
          yaw: anyU32,
          scale: anyU32,
        }),
      },
      { requiredKeys: ['sequence'] },
    ),
  },
}
